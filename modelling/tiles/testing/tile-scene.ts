// SPDX-License-Identifier: Apache-2.0
/** A small domain in tiles whose posteriors follow a formula. */
import type { FineGridPosterior } from '../../../artifacts/schemas/fine-grid-posterior.js';
import type { Tile, TilePlan } from '../../../artifacts/schemas/tile-plan.js';
import type { TileSource } from '../blend.js';
import { layOutTiles } from '../tile-layout.js';

const [ROWS, COLUMNS, REFINE, DAYS] = [40, 52, 5, 2];
export const [FINE_ROWS, FINE_COLUMNS] = [ROWS * REFINE, COLUMNS * REFINE];
const BOX = { north: 46, south: 42, west: 6, east: 11.2 };

/** Of the whole fine grid. */
export const AXES = {
  latitudesDegrees: Float64Array.from({ length: FINE_ROWS }, (_, i) => 46 - (i + 0.5) * 0.02),
  longitudesDegrees: Float64Array.from({ length: FINE_COLUMNS }, (_, j) => 6 + (j + 0.5) * 0.02),
};

/** Six tiles of a box of 40 x 52 cells. */
export const TILES = layOutTiles(
  {
    boundingBox: BOX,
    latitudesDegrees: Float64Array.from({ length: ROWS }, (_, i) => 46 - (i + 0.5) * 0.1),
    longitudesDegrees: Float64Array.from({ length: COLUMNS }, (_, j) => 6 + (j + 0.5) * 0.1),
    fine: { numRows: FINE_ROWS, numColumns: FINE_COLUMNS, resolutionDegrees: 0.02 },
  },
  { cells: 24, overlap: 8 },
);

export const PLAN: TilePlan = {
  overlapCells: 8,
  numRows: ROWS,
  numColumns: COLUMNS,
  numFineRows: FINE_ROWS,
  numFineColumns: FINE_COLUMNS,
  resolutionDegrees: 0.02,
  tiles: TILES,
  leftOut: [],
};

/** Moments of a tile in a cell of the domain's fine grid. */
export type Law = (tile: Tile, row: number, column: number, day: number) => { mean: number; sd: number };

/** Tiles whose laws follow a formula in the rows and columns of the domain. */
export function sourceOf(law: Law, tiles: readonly Tile[] = TILES): TileSource {
  return {
    plan: PLAN,
    tiles,
    read: (tile) => {
      const { fineRows, fineColumns } = tile;
      const cells = fineRows.count * fineColumns.count;
      const values = (of: 'mean' | 'sd') =>
        Float64Array.from({ length: DAYS * cells }, (_, index) => {
          const cell = index % cells;
          const row = fineRows.first + Math.floor(cell / fineColumns.count);
          const column = fineColumns.first + (cell % fineColumns.count);
          return law(tile, row, column, Math.floor(index / cells))[of];
        });
      const posterior: FineGridPosterior = {
        resolutionDegrees: 0.02,
        latitudesDegrees: AXES.latitudesDegrees.slice(fineRows.first, fineRows.first + fineRows.count),
        longitudesDegrees: AXES.longitudesDegrees.slice(fineColumns.first, fineColumns.first + fineColumns.count),
        timesMs: Float64Array.of(0, 86_400_000),
        origins: ['analysis', 'forecast'],
        variables: [
          {
            pollutant: 'pm10',
            units: 'ug m-3',
            statistic: 'daily_mean',
            hasData: [true, false],
            mean: values('mean'),
            sd: values('sd'),
          },
        ],
      };
      const run = { pollutant: 'pm10', value_ug_m3: 20, days: 2, numSamples: 10, probability: values('sd') } as const;
      return Promise.resolve({ posterior, exceedanceRuns: [run] });
    },
  };
}
