// SPDX-License-Identifier: Apache-2.0
import { entry } from '../common/entry.js';
import { TramontanaError } from '../common/errors.js';
import type { GridGroup, GridModel, RegularGrid } from '../inference-core/host-ts/contract/grid-model.js';
import {
  completeForecast,
  groupDays,
  readForecastData,
  standardised,
  type Forecast,
  type ForecastData,
  type ForecastSources,
  type GroupDays,
} from './forecast-frame.js';
import type { DomainScale } from './priors.js';

/** A grid of fewer cells along an axis tells nothing about ranges along it; the engine's limit. */
const LEAST_CELLS = 4;

/** A model on a complete grid. */
export type ForecastGrid = Forecast<GridModel>;

/**
 * Builds the statistical model of a domain on its own cells: that of `buildForecastModel`, whose theta, days and units it shares,
 * without a mesh. Row 0 is the first latitude of the field, column 0 its first longitude.
 *
 * @throws {TramontanaError} `Modelling.GridTooSmall`, `Modelling.IncompleteGrid`, and `Modelling.*` for a field, elevation, weight or
 *         prior that cannot be used (see the functions called)
 */
export function buildForecastGrid(sources: ForecastSources): ForecastGrid {
  const data = readForecastData(sources);
  const obstacle = gridObstacle(data);
  if (obstacle !== undefined) throw obstacle;
  const grid = regularGrid(data);
  const covariates = cellCovariates(data, grid);
  const groups = groupDays(data);
  const places = { scale: gridScale(grid), facts: { numCells: grid.numRows * grid.numColumns } };
  return completeForecast(data, groups, places, (parts): GridModel => ({
    kind: data.kind === 'spatial' ? 'spatial' : 'exact-diffusion',
    ...parts,
    grid,
    groups: groups.map((group) => gridGroup(data, group, covariates)),
  }));
}

/** Of the values of a pollutant on the days that are not wholly missing; beyond it the engine refuses to fill the gaps. */
const LARGEST_MISSING_SHARE = 0.25;

/**
 * Why a field is no grid for the engine, if it is none: fewer than four cells along an axis, or too many gaps in the analyses or the
 * forecasts of a pollutant. Days that lack all of their cells are no gaps: they are left out.
 */
export function gridObstacle({ field, days, scaled }: ForecastData): TramontanaError | undefined {
  const [numRows, numColumns] = [field.latitudesDegrees.length, field.longitudesDegrees.length];
  if (Math.min(numRows, numColumns) < LEAST_CELLS) {
    return new TramontanaError(
      'Modelling.GridTooSmall',
      `Daily field: expected at least ${LEAST_CELLS} cells along each axis, got ${numRows} x ${numColumns}`,
      { facts: { numRows, numColumns, leastCells: LEAST_CELLS } },
    );
  }
  const numCells = numRows * numColumns;
  for (const [process, { scale }] of scaled.entries()) {
    for (const isForecast of [false, true]) {
      const present = days.flatMap(({ origin, observations }) => {
        const found = entry(observations, process);
        return (origin === 'forecast') === isForecast && found > 0 ? [found] : [];
      });
      const values = numCells * present.length;
      const missing = values - present.reduce((sum, found) => sum + found, 0);
      if (missing <= LARGEST_MISSING_SHARE * values) continue;
      const kind = isForecast ? 'forecasts' : 'analyses';
      return new TramontanaError(
        'Modelling.IncompleteGrid',
        `Daily field of ${scale.pollutant}: expected at most ${100 * LARGEST_MISSING_SHARE} % of the values of its ${kind} to be missing on days ` +
          `that have any, but ${missing} of ${values} are`,
        { facts: { pollutant: scale.pollutant, kind, missing, values, largestShare: LARGEST_MISSING_SHARE } },
      );
    }
  }
  return undefined;
}

/** The cells of a field on the plane, sides in km. */
export function regularGrid({ field, cell }: Pick<ForecastData, 'field' | 'cell'>): RegularGrid {
  return {
    numRows: field.latitudesDegrees.length,
    numColumns: field.longitudesDegrees.length,
    cellHeight: cell.heightKm,
    cellWidth: cell.widthKm,
  };
}

/** Diagonal of the rectangle, and the longer side of a cell. */
export function gridScale({ numRows, numColumns, cellHeight, cellWidth }: RegularGrid): DomainScale {
  return {
    diagonalKm: Math.hypot(numRows * cellHeight, numColumns * cellWidth),
    resolutionKm: Math.max(cellHeight, cellWidth),
  };
}

/** [covariate][row][column]: intercept and, where the model has it, elevation. */
function cellCovariates({ elevation }: ForecastData, { numRows, numColumns }: RegularGrid): Float64Array {
  const numCells = numRows * numColumns;
  const { centredKm } = elevation;
  const covariates = new Float64Array((centredKm === undefined ? 1 : 2) * numCells).fill(1);
  if (centredKm !== undefined) covariates.set(centredKm, numCells);
  return covariates;
}

/** The values of one pollutant on these days. */
function gridGroup(
  { scaled, elevation }: ForecastData,
  { process, days, weights }: GroupDays,
  covariates: Float64Array,
): GridGroup {
  const pollutant = entry(scaled, process);
  const numCovariates = elevation.centredKm === undefined ? 1 : 2;
  const numCells = covariates.length / numCovariates;
  const y = new Float64Array(days.length * numCells);
  days.forEach(({ fieldTime }, position) => {
    for (let cell = 0; cell < numCells; cell += 1) {
      y[position * numCells + cell] = standardised(pollutant, fieldTime * numCells + cell);
    }
  });
  return {
    process,
    timeIndex: Int32Array.from(days, ({ timeIndex }) => timeIndex),
    y,
    covariates,
    numCovariates,
    ...(weights === undefined ? {} : { weights: Float64Array.from(weights) }),
  };
}
