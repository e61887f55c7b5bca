// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { isTramontanaError } from '../../common/errors.js';
import { entry, float64At } from '../../common/entry.js';
import type { CellSpan, Tile } from '../../artifacts/schemas/tile-plan.js';
import { layOutTiles, tileSizeOf, widthVariation, type TiledGrid, type TileSize } from './tile-layout.js';

/** Coarse cells of 0.1 degree whose centres lie in a box, and its fine cells of 0.02 degree. */
function gridOf(box: { north: number; west: number; south: number; east: number }, shiftDegrees = 0): TiledGrid {
  const step = 0.1;
  const [numRows, numColumns] = [Math.round((box.north - box.south) / step), Math.round((box.east - box.west) / step)];
  return {
    boundingBox: box,
    latitudesDegrees: Float64Array.from({ length: numRows }, (_, i) => box.north - shiftDegrees - (i + 0.5) * step),
    longitudesDegrees: Float64Array.from({ length: numColumns }, (_, j) => box.west + shiftDegrees + (j + 0.5) * step),
    fine: { numRows: 5 * numRows, numColumns: 5 * numColumns, resolutionDegrees: 0.02 },
  };
}

/** One span for each row (or column) of tiles. */
function spansOf(tiles: readonly Tile[], axis: 'rows' | 'columns' | 'fineRows' | 'fineColumns'): CellSpan[] {
  return [...new Map(tiles.map((tile) => [tile[axis].first, tile[axis]])).values()];
}

function requireCover(spans: readonly CellSpan[], count: number, leastOverlap: number): void {
  assert.equal(entry(spans, 0).first, 0);
  const last = entry(spans, spans.length - 1);
  assert.equal(last.first + last.count, count);
  for (let k = 1; k < spans.length; k += 1) {
    const [before, after] = [entry(spans, k - 1), entry(spans, k)];
    assert.ok(before.first + before.count - after.first >= leastOverlap, `overlap before span ${k}`);
    assert.ok(after.first > before.first, `span ${k} is further on`);
  }
}

const EUROPE = { north: 72, west: -25, south: 30, east: 45 };

describe('tiles of a box', () => {
  it('cover it, overlap, and are no wider at one end than a rectangle may be', () => {
    const size: TileSize = { cells: 64, overlap: 8 };
    const grid = gridOf(EUROPE);
    const tiles = layOutTiles(grid, size);
    requireCover(spansOf(tiles, 'rows'), 420, 8);
    requireCover(spansOf(tiles, 'columns'), 700, 8);
    requireCover(spansOf(tiles, 'fineRows'), 2100, 40);
    requireCover(spansOf(tiles, 'fineColumns'), 3500, 40);
    for (const { rows, columns, boundingBox } of tiles) {
      assert.ok(Math.max(rows.count, columns.count) <= 64);
      const north = float64At(grid.latitudesDegrees, rows.first);
      const south = float64At(grid.latitudesDegrees, rows.first + rows.count - 1);
      assert.ok(widthVariation(north, south) <= 0.1);
      // 0.1 mm, as fine grids are rounded
      assert.ok(
        Math.abs(boundingBox.north - (north + 0.05)) < 1e-9 && Math.abs(boundingBox.south - (south - 0.05)) < 1e-9,
      );
    }
    assert.equal(tiles.length, new Set(tiles.map(({ id }) => id)).size);
  });

  it('are of about equal size: no small rest', () => {
    for (let cells = 12; cells <= 60; cells += 7) {
      for (const columns of [13, 24, 61, 130, 257]) {
        const box = { north: 45, south: 42, west: 0, east: columns / 10 };
        const spans = spansOf(layOutTiles(gridOf(box), { cells, overlap: 4 }), 'columns');
        requireCover(spans, columns, 4);
        const counts = spans.map(({ count }) => count);
        assert.ok(Math.min(...counts) >= Math.min(12, columns), `${columns} columns of ${cells}: ${counts.join(' ')}`);
      }
    }
  });

  it('end where coarse cells end, also where the cells are shifted against the box', () => {
    const tiles = layOutTiles(gridOf({ north: 60, west: 0, south: 40, east: 20 }, 0.03), { cells: 50, overlap: 8 });
    const [first, second] = [entry(tiles, 0), entry(tiles, 1)];
    // the first cell begins .03 degrees within the box: 1.5 fine cells
    assert.equal(first.fineColumns.first, 0);
    const edge = 0.03 + 0.1 * second.columns.first;
    assert.ok(Math.abs(second.fineColumns.first * 0.02 - edge) <= 0.01 + 1e-9);
  });

  it('are wanted for tall and long boxes, and where they are asked for', () => {
    assert.equal(tileSizeOf('automatic', { north: 46, south: 44, west: 8, east: 11 }), undefined);
    assert.equal(tileSizeOf('automatic', { north: 47, south: 36, west: 6, east: 18.5 }), undefined);
    assert.notEqual(tileSizeOf('automatic', { north: 71, south: 57, west: 5, east: 12 }), undefined);
    assert.notEqual(tileSizeOf('automatic', { north: 46, south: 44, west: 0, east: 13 }), undefined);
    assert.equal(tileSizeOf('none', EUROPE), undefined);
    assert.deepEqual(tileSizeOf({ cells: 30, overlap: 5 }, { north: 46, south: 44, west: 8, east: 11 }), {
      cells: 30,
      overlap: 5,
    });
  });

  it('are refused when they are more than one run can schedule', () => {
    assert.throws(
      () => layOutTiles(gridOf(EUROPE), { cells: 24, overlap: 8 }),
      (error) => isTramontanaError(error, 'Config.TooCostly') && error.message.includes('400'),
    );
  });
});
