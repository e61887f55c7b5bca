// SPDX-License-Identifier: Apache-2.0
/**
 * The posterior of a domain in tiles as the products take it: as a whole where it is small, else in bands with an overview.
 *
 * @module
 */
import type { ExceedanceRun } from '../../artifacts/schemas/area-means.js';
import type { FineGridPosterior } from '../../artifacts/schemas/fine-grid-posterior.js';
import type { PosteriorBand, PosteriorBands } from '../../artifacts/schemas/posterior-bands.js';
import { entry, float64At } from '../../common/entry.js';
import { blendRows, type FineGrid, type TileSource } from '../../modelling/index.js';

/** Values of a band: cells, days and pollutants; 400 MB with their sums. */
const VALUES_A_BAND = 1.2e7;

/** More cells than this are not drawn: several a pixel of any picture. */
const DRAWN_CELLS = 1e6;

/** Limits that a test may lower. */
export interface BandLimits {
  readonly valuesABand: number;
  readonly drawnCells: number;
}

/** What the products take of the maps. */
export interface TiledPosterior {
  readonly posterior: FineGridPosterior;
  readonly exceedanceRuns: readonly ExceedanceRun[];
  readonly bands?: PosteriorBands;
}

/**
 * Blends the tiles, once for what is drawn and, where that is not everything, once more for every reading of the bands.
 *
 * @param onRows - told after each band of the first pass, with the share that is done
 */
export async function tiledPosterior(
  source: TileSource,
  grid: FineGrid,
  numValuesACell: number,
  onRows: (share: number) => void,
  limits: BandLimits = { valuesABand: VALUES_A_BAND, drawnCells: DRAWN_CELLS },
): Promise<TiledPosterior> {
  const { resolutionDegrees, latitudesDegrees, longitudesDegrees } = grid;
  const numRows = latitudesDegrees.length;
  const step = drawnStep(numRows * longitudesDegrees.length, limits.drawnCells);
  // each band has a row that is drawn
  const rowsABand = Math.max(step, Math.floor(limits.valuesABand / (longitudesDegrees.length * numValuesACell)));
  async function* read(): AsyncGenerator<PosteriorBand> {
    for (let first = 0; first < numRows;) {
      const rest = numRows - first;
      const count = rest < rowsABand + step ? rest : rowsABand;
      yield await blendRows(source, grid, { first, count });
      first += count;
    }
  }
  if (rowsABand >= numRows && step === 1) {
    const { posterior, exceedanceRuns } = await blendRows(source, grid, { first: 0, count: numRows });
    onRows(1);
    return { posterior, exceedanceRuns };
  }
  const drawn: PosteriorBand[] = [];
  for await (const band of read()) {
    drawn.push(thinned(band, step));
    onRows((band.firstRow + band.posterior.latitudesDegrees.length) / numRows);
  }
  return { ...joined(drawn), bands: { resolutionDegrees, latitudesDegrees, longitudesDegrees, read } };
}

/** Every how many cells one is drawn: odd, so that the middle one of a block is a cell. */
function drawnStep(numCells: number, drawnCells: number): number {
  const step = Math.ceil(Math.sqrt(numCells / drawnCells));
  return step + ((step + 1) % 2);
}

/** The middle cell of each block; of days in a row the first of them has the highest of the band, for they are told by their highest. */
function thinned({ firstRow, posterior, exceedanceRuns }: PosteriorBand, step: number): PosteriorBand {
  const { latitudesDegrees, longitudesDegrees, timesMs, elevationM, resolutionDegrees } = posterior;
  const middle = (step - 1) / 2;
  const numColumns = longitudesDegrees.length;
  const rows = positions(latitudesDegrees.length, (row) => (firstRow + row) % step === middle);
  const columns = positions(numColumns, (column) => column % step === middle);
  const cells = rows.flatMap((row) => columns.map((column) => row * numColumns + column));
  const numCells = latitudesDegrees.length * numColumns;
  const pick = (values: Float64Array): Float64Array => {
    const numDays = values.length / numCells;
    const picked = new Float64Array(numDays * cells.length);
    for (let day = 0; day < numDays; day += 1) {
      cells.forEach((cell, index) => {
        picked[day * cells.length + index] = float64At(values, day * numCells + cell);
      });
    }
    return picked;
  };
  const highest = (values: Float64Array): Float64Array => {
    const found = pick(values);
    for (let day = 0; day < timesMs.length; day += 1) {
      let most = Number.NEGATIVE_INFINITY;
      for (const value of values.subarray(day * numCells, (day + 1) * numCells)) if (value > most) most = value;
      if (most > Number.NEGATIVE_INFINITY) found[day * cells.length] = most;
    }
    return found;
  };
  return {
    firstRow,
    posterior: {
      ...posterior,
      resolutionDegrees: step * resolutionDegrees,
      latitudesDegrees: Float64Array.from(rows, (row) => float64At(latitudesDegrees, row)),
      longitudesDegrees: Float64Array.from(columns, (column) => float64At(longitudesDegrees, column)),
      ...(elevationM === undefined ? {} : { elevationM: pick(elevationM) }),
      variables: posterior.variables.map((variable) => ({
        ...variable,
        mean: pick(variable.mean),
        sd: pick(variable.sd),
      })),
    },
    exceedanceRuns: exceedanceRuns.map((run) => ({ ...run, probability: highest(run.probability) })),
  };
}

function positions(count: number, isTaken: (index: number) => boolean): number[] {
  return Array.from({ length: count }, (_, index) => index).filter(isTaken);
}

/** Bands one below the other. */
function joined(bands: readonly PosteriorBand[]): Pick<TiledPosterior, 'posterior' | 'exceedanceRuns'> {
  const { posterior: first, exceedanceRuns } = entry(bands, 0);
  const numDays = first.timesMs.length;
  const stack = (of: (band: PosteriorBand) => Float64Array, days: number): Float64Array => {
    const parts = bands.map(of);
    const whole = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
    let to = 0;
    for (let day = 0; day < days; day += 1) {
      for (const part of parts) {
        const length = part.length / days;
        whole.set(part.subarray(day * length, (day + 1) * length), to);
        to += length;
      }
    }
    return whole;
  };
  const { elevationM } = first;
  return {
    posterior: {
      ...first,
      latitudesDegrees: stack(({ posterior }) => posterior.latitudesDegrees, 1),
      ...(elevationM === undefined
        ? {}
        : { elevationM: stack(({ posterior }) => posterior.elevationM ?? new Float64Array(0), 1) }),
      variables: first.variables.map((variable, index) => {
        const own = (band: PosteriorBand): typeof variable => entry(band.posterior.variables, index);
        return {
          ...variable,
          hasData: variable.hasData.map((_, day) => bands.some((band) => own(band).hasData[day] === true)),
          mean: stack((band) => own(band).mean, numDays),
          sd: stack((band) => own(band).sd, numDays),
        };
      }),
    },
    exceedanceRuns: exceedanceRuns.map((run, index) => ({
      ...run,
      probability: stack((band) => entry(band.exceedanceRuns, index).probability, numDays),
    })),
  };
}
