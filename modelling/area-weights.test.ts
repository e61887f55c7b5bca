// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { AreaOutline } from '../artifacts/schemas/area-outline.js';
import { entry, float64At, int32At } from '../common/entry.js';
import { areaWeights, type AreaWeights } from './area-weights.js';
import { fineGrid } from './prediction-designs.js';
import { solidAngle } from './ring-geometry.js';

const grid = fineGrid({ north: 46, south: 45, west: 8, east: 9 }, 0.1);
const RADIANS = Math.PI / 180;
/** Sums of tens of terms, each of them the difference of sines that are 1e5 times as large. */
const TOLERANCE = 1e-9;

const rectangle = (west: number, south: number, east: number, north: number): Float64Array =>
  Float64Array.of(west, south, east, south, east, north, west, north, west, south);

const outline = (...rings: Float64Array[]): AreaOutline => ({ name: 'area', polygons: [rings] });

const surfaceOf = (west: number, south: number, east: number, north: number): number =>
  RADIANS * (east - west) * (Math.sin(RADIANS * north) - Math.sin(RADIANS * south));

/** Weight by cell of one area. */
function byCell({ rowPointers, cells, weights }: AreaWeights, area = 0): Map<number, number> {
  const [from, to] = [int32At(rowPointers, area), int32At(rowPointers, area + 1)];
  return new Map([...cells.subarray(from, to)].map((cell, i) => [cell, float64At(weights, from + i)]));
}

function isClose(found: number, expected: number): void {
  assert.ok(Math.abs(found - expected) <= TOLERANCE * Math.abs(expected), `${found} instead of ${expected}`);
}

describe('weights of areas', () => {
  it('are the shares of a rectangle that begins and ends within cells', () => {
    const [west, south, east, north] = [8.05, 45.12, 8.32, 45.25] as const;
    const found = areaWeights(grid, [outline(rectangle(west, south, east, north))]);
    const weights = byCell(found);
    assert.equal(weights.size, 4 * 2);
    const whole = surfaceOf(west, south, east, north);
    // the second row from the south is the eighth from the north; of its first cell the eastern half, of which 0.08 degrees
    isClose(weights.get(80) ?? 0, surfaceOf(8.05, 45.12, 8.1, 45.2) / whole);
    isClose(weights.get(71) ?? 0, surfaceOf(8.1, 45.2, 8.2, 45.25) / whole);
    isClose(
      [...weights.values()].reduce((sum, weight) => sum + weight, 0),
      1,
    );
    isClose(entry(found.areas, 0).shareInside, 1);
  });

  it('of a triangle add up to half of its rectangle, and each cell on the diagonal has half of itself', () => {
    const triangle = Float64Array.of(8, 45, 9, 45, 8, 46, 8, 45);
    const weights = byCell(areaWeights(grid, [outline(triangle)]));
    assert.equal(weights.size, 55);
    // the surface of the triangle: cos(latitude) times what is left of the width
    const [low, high] = [45 * RADIANS, 46 * RADIANS];
    const surface = Math.cos(low) - Math.cos(high) - Math.sin(low) * (high - low);
    isClose(solidAngle(triangle), surface);
    isClose(weights.get(91) ?? 0, surfaceOf(8.1, 45, 8.2, 45.1) / surface);
    // half to the change of cos(latitude) within the cell
    const diagonal = (weights.get(99) ?? 0) / (surfaceOf(8.9, 45, 9, 45.1) / surface);
    assert.ok(Math.abs(diagonal - 0.5) < 1e-3);
  });

  it('leave holes and other parts out, whichever way round the rings run', () => {
    const hole = rectangle(8.3, 45.3, 8.4, 45.4);
    const outer = rectangle(8.2, 45.2, 8.5, 45.5);
    const reversed = (ring: Float64Array): Float64Array =>
      ring.map((_, i) => float64At(ring, ring.length - 2 - i + 2 * (i % 2)));
    const found = areaWeights(grid, [outline(outer, hole), outline(reversed(outer), hole)]);
    const weights = byCell(found);
    assert.equal(weights.size, 8);
    assert.ok(!weights.has(63));
    for (const [cell, weight] of byCell(found, 1)) isClose(weight, weights.get(cell) ?? 0);
    const parts: AreaOutline = { name: 'parts', polygons: [[outer], [rectangle(8.7, 45.7, 8.8, 45.8)]] };
    assert.equal(byCell(areaWeights(grid, [parts])).size, 10);
  });

  it('are exact for a ring that is not convex', () => {
    const shape = Float64Array.of(8, 45, 9, 45, 9, 46, 8.8, 46, 8.8, 45.15, 8.2, 45.15, 8.2, 46, 8, 46, 8, 45);
    const weights = byCell(areaWeights(grid, [outline(shape)]));
    const whole = surfaceOf(8, 45, 9, 46) - surfaceOf(8.2, 45.15, 8.8, 46);
    isClose(weights.get(85) ?? 0, surfaceOf(8.5, 45.1, 8.6, 45.15) / whole);
    assert.equal(weights.get(45), undefined);
  });

  it('are told with the share inside, of areas that have half of themselves there', () => {
    const cut = { ...outline(rectangle(8.9, 45.5, 9.05, 45.6)), name: 'cut' };
    const beyond = { ...outline(rectangle(8.9, 45.5, 9.5, 45.6)), name: 'beyond' };
    const flat = { ...outline(rectangle(8.3, 45.5, 8.3, 45.6)), name: 'flat' };
    const found = areaWeights(grid, [beyond, cut, flat]);
    assert.deepEqual(
      found.areas.map(({ name }) => name),
      ['cut'],
    );
    isClose(entry(found.areas, 0).shareInside, 2 / 3);
    assert.deepEqual(found.leftOut, [
      { name: 'beyond', reason: '17 % of its surface lie in the cells of the products; at least 50 % are needed' },
      { name: 'flat', reason: 'its outline has no surface' },
    ]);
    assert.deepEqual([...found.rowPointers], [0, 1]);
  });

  it('leave excluded cells out, which count as not inside', () => {
    const area = outline(rectangle(8, 45.9, 8.3, 46));
    const isExcluded = Array.from({ length: 100 }, (_, cell) => cell === 0);
    const found = areaWeights(grid, [area], isExcluded);
    assert.deepEqual([...found.cells], [1, 2]);
    isClose(float64At(found.weights, 0), 0.5);
    isClose(entry(found.areas, 0).shareInside, 2 / 3);
  });
});
