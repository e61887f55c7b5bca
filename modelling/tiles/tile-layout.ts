// SPDX-License-Identifier: Apache-2.0
/**
 * How a domain beyond one rectangle's validity is cut into overlapping tiles (docs/decisions/0007).
 *
 * @module
 */
import { kmPerDegreeEast } from '../../artifacts/schemas/grid.js';
import type { CellSpan, Tile } from '../../artifacts/schemas/tile-plan.js';
import { entry, float64At } from '../../common/entry.js';
import { TramontanaError } from '../../common/errors.js';
import { LEAST_CELLS_AN_OVERLAP } from '../../config/index.js';
import type { GeographicBox } from '../../mesh/index.js';
import { cellSteps, type CellCentres } from '../coarse-data.js';

/** Size of tiles in coarse cells. */
export interface TileSize {
  /** Along a side, at most. */
  readonly cells: number;
  /** That neighbours share, at the least. */
  readonly overlap: number;
}

/** Beyond it the distances of one rectangle are wrong enough to be felt in ranges. */
export const LARGEST_WIDTH_VARIATION = 0.1;

/**
 * Tiles of 64 cells are wide enough for ranges of about 20 cells to be estimated without bias (three across), and 8 cells are beyond what
 * the posterior of an observed cell hears of another one.
 */
export const DEFAULT_TILE_SIZE: TileSize = { cells: 64, overlap: 8 };

/** A side longer than this is too long for one theta: about 1,400 km from north to south. */
const LONGEST_SIDE_DEGREES = 12.8;

/** More are beyond what one run should schedule. */
const MOST_TILES = 400;

/** How much wider or narrower than in the middle the cells are at the ends of a box; a share. */
export function widthVariation(northDegrees: number, southDegrees: number): number {
  const middleKm = kmPerDegreeEast((northDegrees + southDegrees) / 2);
  return Math.max(...[northDegrees, southDegrees].map((degrees) => Math.abs(kmPerDegreeEast(degrees) / middleKm - 1)));
}

/** Whether one rectangle is a poor picture of a box. */
export function isBeyondOneRectangle({ north, west, south, east }: GeographicBox): boolean {
  return (
    widthVariation(north, south) > LARGEST_WIDTH_VARIATION ||
    Math.max(north - south, east - west) > LONGEST_SIDE_DEGREES
  );
}

/** `model.tiles` of the configuration. */
export type TileSetting = 'automatic' | 'none' | TileSize;

/** Size of the tiles of a box; undefined where it is one rectangle. */
export function tileSizeOf(setting: TileSetting, box: GeographicBox): TileSize | undefined {
  if (setting === 'none') return undefined;
  if (setting !== 'automatic') return setting;
  return isBeyondOneRectangle(box) ? DEFAULT_TILE_SIZE : undefined;
}

/** Coarse cells and fine grid of a domain. */
export interface TiledGrid extends CellCentres {
  readonly boundingBox: GeographicBox;
  readonly fine: { readonly numRows: number; readonly numColumns: number; readonly resolutionDegrees: number };
}

/**
 * Cuts a domain. Along latitude a tile is as long as its cells are about equally wide, along longitude as long as it may be; all tiles of
 * a direction are about equally demanding.
 *
 * @throws {TramontanaError} `Modelling.IrregularGrid`; `Config.TooCostly` for more tiles than one run can schedule
 */
export function layOutTiles(grid: TiledGrid, size: TileSize): Tile[] {
  const { latitudesDegrees, longitudesDegrees, boundingBox, fine } = grid;
  const { latitudeStepDegrees, longitudeStepDegrees } = cellSteps(grid);
  const [numRows, numColumns] = [latitudesDegrees.length, longitudesDegrees.length];
  const rows = spans(numRows, size, (first, scale) => longestRows(latitudesDegrees, first, scale));
  const columns = spans(numColumns, size, () => Number.POSITIVE_INFINITY);
  if (rows.length * columns.length > MOST_TILES) {
    throw new TramontanaError(
      'Config.TooCostly',
      `model.tiles: expected at most ${MOST_TILES} tiles, got ${rows.length} x ${columns.length} for ${numRows} x ${numColumns} cells; ` +
        'take more cells a tile or a smaller boundingBox',
      { facts: { rows: rows.length, columns: columns.length, most: MOST_TILES } },
    );
  }
  const step = fine.resolutionDegrees;
  const fineOf = (count: number, numFine: number, toEdge: (cell: number) => number) => (span: CellSpan) => {
    const edge = (cell: number) => (cell === 0 ? 0 : cell === count ? numFine : Math.round(toEdge(cell) / step));
    const first = edge(span.first);
    return { first, count: edge(span.first + span.count) - first };
  };
  // latitudes run from north to south, longitudes from west to east
  const northEdge = float64At(latitudesDegrees, 0) + latitudeStepDegrees / 2;
  const westEdge = float64At(longitudesDegrees, 0) - longitudeStepDegrees / 2;
  const fineRowsOf = fineOf(
    numRows,
    fine.numRows,
    (cell) => boundingBox.north - northEdge + cell * latitudeStepDegrees,
  );
  const fineColumnsOf = fineOf(
    numColumns,
    fine.numColumns,
    (cell) => westEdge + cell * longitudeStepDegrees - boundingBox.west,
  );
  return rows.flatMap((tileRows, row) =>
    columns.map((tileColumns, column): Tile => {
      const [fineRows, fineColumns] = [fineRowsOf(tileRows), fineColumnsOf(tileColumns)];
      return {
        id: `r${twoDigits(row + 1)}c${twoDigits(column + 1)}`,
        rows: tileRows,
        columns: tileColumns,
        fineRows,
        fineColumns,
        boundingBox: {
          north: tidy(boundingBox.north - fineRows.first * step),
          south: tidy(boundingBox.north - (fineRows.first + fineRows.count) * step),
          west: tidy(boundingBox.west + fineColumns.first * step),
          east: tidy(boundingBox.west + (fineColumns.first + fineColumns.count) * step),
        },
      };
    }),
  );
}

/** Nine decimals: 0.1 mm. */
function tidy(degrees: number): number {
  return Number(degrees.toFixed(9));
}

function twoDigits(index: number): string {
  return String(index).padStart(2, '0');
}

/** Rows from the first one on that are equally wide within a share of what is allowed. */
function longestRows(latitudesDegrees: Float64Array, first: number, scale: number): number {
  let count = 1;
  while (first + count < latitudesDegrees.length) {
    const [north, south] = [float64At(latitudesDegrees, first), float64At(latitudesDegrees, first + count)];
    if (widthVariation(north, south) > scale * LARGEST_WIDTH_VARIATION) break;
    count += 1;
  }
  return count;
}

/**
 * Spans that cover an axis with at least the given overlap. Their number is the least one that the limits allow; then the limits are
 * tightened until one more would be needed, so that no span is a small rest.
 */
function spans(count: number, size: TileSize, limit: (first: number, scale: number) => number): CellSpan[] {
  const at = (scale: number): CellSpan[] => walk(count, size, (first) => limit(first, scale), scale);
  const { length } = at(1);
  let [low, high] = [0, 1];
  for (let step = 0; step < 30; step += 1) {
    const middle = (low + high) / 2;
    if (at(middle).length <= length) high = middle;
    else low = middle;
  }
  return at(high);
}

function walk(
  count: number,
  { cells, overlap }: TileSize,
  limit: (first: number) => number,
  scale: number,
): CellSpan[] {
  const least = LEAST_CELLS_AN_OVERLAP * overlap;
  const found: CellSpan[] = [];
  for (let first = 0; ;) {
    const length = Math.max(least, Math.min(Math.floor(scale * cells), limit(first)));
    if (first + length >= count) {
      found.push({ first, count: count - first });
      return withoutSmallRest(found, least);
    }
    found.push({ first, count: length });
    first += length - overlap;
  }
}

/** A last span shorter than the least one begins earlier. */
function withoutSmallRest(found: readonly CellSpan[], least: number): CellSpan[] {
  const last = entry(found, found.length - 1);
  const end = last.first + last.count;
  if (found.length === 1 || last.count >= least) return [...found];
  const first = Math.max(0, end - least);
  return [...found.slice(0, -1), { first, count: end - first }];
}
