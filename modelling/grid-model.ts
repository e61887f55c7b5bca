// SPDX-License-Identifier: Apache-2.0
import { entry } from '../common/entry.js';
import { TramontanaError } from '../common/errors.js';
import type { GridGroup, GridModel, RegularGrid } from '../inference-core/host-ts/grid-model.js';
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

/**
 * Why a field is no complete grid, if it is none: fewer than four cells along an axis, or a day of a pollutant that lacks some of
 * its cells. Days that lack all of them are no obstacle.
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
  const gaps = scaled.flatMap(({ scale: { pollutant } }, process) =>
    days.flatMap(({ date, observations }) => {
      const missing = numCells - entry(observations, process);
      return missing > 0 && missing < numCells ? [{ pollutant, date, missing }] : [];
    }),
  );
  const [first] = gaps;
  if (first === undefined) return undefined;
  const others = gaps.length === 1 ? '' : `, the first of ${gaps.length} such days and pollutants`;
  return new TramontanaError(
    'Modelling.IncompleteGrid',
    `Daily field of ${first.pollutant}: expected all or none of its ${numCells} cells on each day, but ${first.missing} are missing on ${first.date}${others}`,
    { facts: { ...first, numCells, incompleteDays: gaps.length } },
  );
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
