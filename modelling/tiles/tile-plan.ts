// SPDX-License-Identifier: Apache-2.0
import type { GriddedField } from '../../artifacts/schemas/gridded-field.js';
import type { LeftOutTile, Tile, TilePlan } from '../../artifacts/schemas/tile-plan.js';
import { float64At } from '../../common/entry.js';
import { isTramontanaError, type TramontanaError } from '../../common/errors.js';
import { readForecastData, type ForecastSources } from '../forecast-frame.js';
import { gridObstacle } from '../grid-model.js';
import { layOutTiles, type TiledGrid, type TileSize } from './tile-layout.js';

/** The part of a field in a tile, or of anything that has its cells. */
export function cropField(field: GriddedField, { rows, columns }: Pick<Tile, 'rows' | 'columns'>): GriddedField {
  const { latitudesDegrees, longitudesDegrees, timesMs } = field;
  const shape = [timesMs.length, latitudesDegrees.length, longitudesDegrees.length] as const;
  return {
    ...field,
    latitudesDegrees: latitudesDegrees.slice(rows.first, rows.first + rows.count),
    longitudesDegrees: longitudesDegrees.slice(columns.first, columns.first + columns.count),
    variables: field.variables.map((variable) => ({
      ...variable,
      values: crop(variable.values, shape, { rows, columns }),
    })),
  };
}

function crop(
  values: Float64Array,
  [numTimes, numRows, numColumns]: readonly [number, number, number],
  { rows, columns }: Pick<Tile, 'rows' | 'columns'>,
): Float64Array {
  const cropped = new Float64Array(numTimes * rows.count * columns.count);
  for (let time = 0; time < numTimes; time += 1) {
    for (let row = 0; row < rows.count; row += 1) {
      const from = (time * numRows + rows.first + row) * numColumns + columns.first;
      cropped.set(values.subarray(from, from + columns.count), (time * rows.count + row) * columns.count);
    }
  }
  return cropped;
}

/** A plan, and of each of its tiles the sources of its model. */
export interface PlannedTiles {
  readonly plan: TilePlan;
  readonly fields: readonly GriddedField[];
  /** Tiles that have data, and are left out all the same. */
  readonly numUnusable: number;
  /** Why the first of those cannot be used. */
  readonly obstacle?: TramontanaError;
}

/**
 * Cuts a domain into tiles; those whose data no grid can use are left out, with the reason.
 *
 * @throws {TramontanaError} what `layOutTiles` throws
 */
export function planTiles(
  sources: ForecastSources,
  grid: Omit<TiledGrid, 'latitudesDegrees' | 'longitudesDegrees'>,
  size: TileSize,
): PlannedTiles {
  const { field, coarseElevationM } = sources;
  const { latitudesDegrees, longitudesDegrees } = field;
  const shape = [1, latitudesDegrees.length, longitudesDegrees.length] as const;
  const kept: { tile: Tile; field: GriddedField }[] = [];
  const leftOut: (LeftOutTile & { readonly obstacle: TramontanaError })[] = [];
  for (const tile of layOutTiles({ ...grid, latitudesDegrees, longitudesDegrees }, size)) {
    const own = cropField(field, tile);
    const obstacle = obstacleOf({
      ...sources,
      field: own,
      coarseElevationM: coarseElevationM === undefined ? undefined : crop(coarseElevationM, shape, tile),
    });
    if (obstacle === undefined) kept.push({ tile, field: own });
    else leftOut.push({ tile, reason: obstacle.message, obstacle });
  }
  const unusable = leftOut.filter(({ obstacle }) => !isTramontanaError(obstacle, 'Modelling.NoObservations'));
  const [first = leftOut[0]] = unusable;
  const { fine } = grid;
  return {
    plan: {
      overlapCells: size.overlap,
      numRows: shape[1],
      numColumns: shape[2],
      numFineRows: fine.numRows,
      numFineColumns: fine.numColumns,
      resolutionDegrees: fine.resolutionDegrees,
      tiles: kept.map(({ tile }) => tile),
      leftOut: leftOut.map(({ tile, reason }) => ({ tile, reason })),
    },
    fields: kept.map(({ field: own }) => own),
    numUnusable: unusable.length,
    ...(first === undefined ? {} : { obstacle: first.obstacle }),
  };
}

function obstacleOf(sources: ForecastSources): TramontanaError | undefined {
  try {
    return gridObstacle(readForecastData(sources));
  } catch (error) {
    if (isTramontanaError(error)) return error;
    throw error;
  }
}

/** Share of the domain's coarse cells that no tile of these covers. */
export function uncoveredShare({ numRows, numColumns }: TilePlan, tiles: readonly Tile[]): number {
  const covered = new Float64Array(numRows * numColumns);
  for (const { rows, columns } of tiles) {
    for (let row = rows.first; row < rows.first + rows.count; row += 1) {
      const from = row * numColumns + columns.first;
      covered.fill(1, from, from + columns.count);
    }
  }
  let found = 0;
  for (let cell = 0; cell < covered.length; cell += 1) found += float64At(covered, cell);
  return 1 - found / covered.length;
}
