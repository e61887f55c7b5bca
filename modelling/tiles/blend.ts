// SPDX-License-Identifier: Apache-2.0
/**
 * One posterior from those of overlapping tiles, in bands of rows: memory grows with a band and one tile, not with the domain.
 *
 * @module
 */
import type { ExceedanceRun } from '../../artifacts/schemas/area-means.js';
import type { FineGridPosterior, FineGridVariable } from '../../artifacts/schemas/fine-grid-posterior.js';
import type { PosteriorBand } from '../../artifacts/schemas/posterior-bands.js';
import type { Tile, TilePlan } from '../../artifacts/schemas/tile-plan.js';
import { entry, float64At } from '../../common/entry.js';
import { TramontanaError } from '../../common/errors.js';
import { tileWeights, type TileWeights } from './tile-weights.js';

/** What one tile tells. */
export interface TilePosterior {
  readonly posterior: FineGridPosterior;
  /** Empty where none are configured. */
  readonly exceedanceRuns: readonly ExceedanceRun[];
}

/** Where the tiles lie and how to read one. */
export interface TileSource {
  readonly plan: TilePlan;
  /** Those that are there; of the others nothing is told. */
  readonly tiles: readonly Tile[];
  readonly read: (tile: Tile) => Promise<TilePosterior>;
}

/** Axes of a whole fine grid. */
export interface FineAxes {
  readonly latitudesDegrees: Float64Array;
  readonly longitudesDegrees: Float64Array;
}

/**
 * Rows of the blended posterior. The law of a cell is the mixture of the laws that its tiles give it, by weights w that sum to 1:
 *
 *     mean = sum w m      variance = sum w (s^2 + m^2) - mean^2      probability of days in a row = sum w p
 *
 * so that tiles that disagree widen the interval. Exceedance follows from this mean and variance as everywhere. Cells that no tile covers
 * with weight are NaN.
 *
 * @param rows - of the domain's fine grid
 * @throws {TramontanaError} `Modelling.ShapeMismatch` for a tile that does not fit its place or the other tiles
 */
export async function blendRows(
  { plan, tiles, read }: TileSource,
  axes: FineAxes,
  rows: { readonly first: number; readonly count: number },
): Promise<PosteriorBand> {
  const numColumns = plan.numFineColumns;
  let sums: BandSums | undefined;
  for (const tile of tiles) {
    const from = Math.max(rows.first, tile.fineRows.first);
    const to = Math.min(rows.first + rows.count, tile.fineRows.first + tile.fineRows.count);
    if (from >= to) continue;
    const given = await read(tile);
    requireFit(tile, given.posterior);
    sums ??= new BandSums(given, rows, numColumns);
    sums.add(tile, given, tileWeights(plan, tile), from, to);
  }
  // where no tile is, one of them still knows the days and the pollutants
  sums ??= new BandSums(await read(entry(tiles, 0)), rows, numColumns);
  return sums.band(axes);
}

function requireFit(
  { id, fineRows, fineColumns }: Tile,
  { latitudesDegrees, longitudesDegrees }: FineGridPosterior,
): void {
  if (latitudesDegrees.length === fineRows.count && longitudesDegrees.length === fineColumns.count) return;
  throw mismatch(
    `tile ${id}`,
    `${fineRows.count} x ${fineColumns.count} fine cells`,
    `${latitudesDegrees.length} x ${longitudesDegrees.length}`,
  );
}

function mismatch(thing: string, expected: string, found: string): TramontanaError {
  return new TramontanaError('Modelling.ShapeMismatch', `${thing}: expected ${expected}, got ${found}`, {
    facts: { thing, expected, found },
  });
}

interface VariableSums {
  readonly variable: FineGridVariable;
  readonly hasData: boolean[];
  /** Of w m, and of w (s^2 + m^2). */
  readonly first: Float64Array;
  readonly second: Float64Array;
}

/** Weighted sums over the tiles of a band. */
class BandSums {
  private readonly weight: Float64Array;
  private readonly elevationM: Float64Array | undefined;
  private readonly variables: readonly VariableSums[];
  private readonly runs: readonly { readonly run: ExceedanceRun; readonly sum: Float64Array }[];
  private readonly times: FineGridPosterior;

  constructor(
    { posterior, exceedanceRuns }: TilePosterior,
    private readonly rows: { readonly first: number; readonly count: number },
    private readonly numColumns: number,
  ) {
    this.times = posterior;
    const cells = rows.count * numColumns;
    const values = posterior.timesMs.length * cells;
    this.weight = new Float64Array(cells);
    this.elevationM = posterior.elevationM === undefined ? undefined : new Float64Array(cells).fill(Number.NaN);
    this.variables = posterior.variables.map((variable) => ({
      variable,
      hasData: variable.hasData.map(() => false),
      first: new Float64Array(values),
      second: new Float64Array(values),
    }));
    this.runs = exceedanceRuns.map((run) => ({ run, sum: new Float64Array(values) }));
  }

  /** Adds the rows [from, to) of the domain that a tile has. */
  add(tile: Tile, { posterior, exceedanceRuns }: TilePosterior, weights: TileWeights, from: number, to: number): void {
    this.requireSame(tile, posterior);
    const { numColumns, rows } = this;
    const width = tile.fineColumns.count;
    const tileCells = tile.fineRows.count * width;
    const cells = rows.count * numColumns;
    const variables = this.variables.map((sums, index) => ({ ...sums, given: entry(posterior.variables, index) }));
    for (const { hasData, given } of variables) {
      given.hasData.forEach((has, day) => {
        hasData[day] ||= has;
      });
    }
    const runs = this.runs.map(({ sum }, index) => ({ sum, given: entry(exceedanceRuns, index).probability }));
    for (let row = from; row < to; row += 1) {
      const rowWeight = float64At(weights.rows, row - tile.fineRows.first);
      for (let column = 0; column < width; column += 1) {
        const weight = rowWeight * float64At(weights.columns, column);
        if (weight === 0) continue;
        const source = (row - tile.fineRows.first) * width + column;
        const target = (row - rows.first) * numColumns + tile.fineColumns.first + column;
        this.weight[target] = float64At(this.weight, target) + weight;
        if (this.elevationM !== undefined && posterior.elevationM !== undefined) {
          this.elevationM[target] = float64At(posterior.elevationM, source);
        }
        for (let day = 0; day < posterior.timesMs.length; day += 1) {
          const [at, to_] = [day * tileCells + source, day * cells + target];
          for (const { given, first, second } of variables) {
            const [mean, sd] = [float64At(given.mean, at), float64At(given.sd, at)];
            first[to_] = float64At(first, to_) + weight * mean;
            second[to_] = float64At(second, to_) + weight * (sd * sd + mean * mean);
          }
          for (const { given, sum } of runs) sum[to_] = float64At(sum, to_) + weight * float64At(given, at);
        }
      }
    }
  }

  private requireSame({ id }: Tile, { timesMs, variables }: FineGridPosterior): void {
    const daysOf = (times: Float64Array): string => `${times.length} days from ${String(times[0])} ms`;
    const [expected, found] = [daysOf(this.times.timesMs), daysOf(timesMs)];
    if (expected !== found) throw mismatch(`days of tile ${id}`, expected, found);
    const namesOf = (of: readonly Pick<FineGridVariable, 'pollutant'>[]): string =>
      of.map(({ pollutant }) => pollutant).join(', ');
    const [names, own] = [namesOf(this.times.variables), namesOf(variables)];
    if (names !== own) throw mismatch(`pollutants of tile ${id}`, names, own);
  }

  band({ latitudesDegrees, longitudesDegrees }: FineAxes): PosteriorBand {
    const { weight, rows, elevationM } = this;
    const cells = weight.length;
    const overWeight = (sum: number, index: number): number => {
      const total = float64At(weight, index % cells);
      return total > 0 ? sum / total : Number.NaN;
    };
    // shares of weights that sum to 1 but for rounding
    const probabilityOf = (sum: number, index: number): number => Math.min(1, overWeight(sum, index));
    const { resolutionDegrees, timesMs, origins } = this.times;
    return {
      firstRow: rows.first,
      posterior: {
        ...{ resolutionDegrees, timesMs, origins, longitudesDegrees },
        latitudesDegrees: latitudesDegrees.subarray(rows.first, rows.first + rows.count),
        ...(elevationM === undefined ? {} : { elevationM }),
        variables: this.variables.map(({ variable, hasData, first, second }) => {
          const mean = first.map(overWeight);
          const sd = second.map((sum, index) => {
            const centre = float64At(mean, index);
            // a difference of larger numbers: below zero by rounding only; NaN stays NaN
            const variance = overWeight(sum, index) - centre * centre;
            return variance < 0 ? 0 : Math.sqrt(variance);
          });
          return { ...variable, hasData, mean, sd };
        }),
      },
      exceedanceRuns: this.runs.map(({ run, sum }) => ({ ...run, probability: sum.map(probabilityOf) })),
    };
  }
}
