// SPDX-License-Identifier: Apache-2.0
/**
 * Means over areas as weighted sums over the cells of a fine grid.
 *
 * @module
 */
import type { AreaOutline, Ring } from '../artifacts/schemas/area-outline.js';
import { entry, float64At } from '../common/entry.js';
import type { FineGrid } from './prediction-designs.js';
import { clippedTo, solidAngle } from './ring-geometry.js';

/** Of less than half of an area no mean is published. */
const LEAST_SHARE_INSIDE = 0.5;

/** Of a square cell: less is the rounding of an edge that two cells share. */
const LEAST_SHARE_OF_CELL = 1e-9;

/** An area whose mean can be told. */
export interface WeighedArea {
  readonly name: string;
  /** Of its surface within the cells, in (0, 1]. */
  readonly shareInside: number;
}

/** An area whose mean is not told, and why. */
export interface LeftOutArea {
  readonly name: string;
  readonly reason: string;
}

/** Rows of a sparse matrix, one an area: each adds up to one. */
export interface AreaWeights {
  readonly areas: readonly WeighedArea[];
  readonly leftOut: readonly LeftOutArea[];
  /** areas.length + 1. */
  readonly rowPointers: Int32Array;
  /** Row of the grid * its columns + column; ascending within an area. */
  readonly cells: Int32Array;
  readonly weights: Float64Array;
}

/**
 * Weighs each cell by the surface that it has in common with an area, on the sphere and exactly: holes are taken out, edges are
 * straight in longitude and latitude.
 *
 * @param isExcluded - cells that belong to no area, [latitude, longitude]
 */
export function areaWeights(
  grid: FineGrid,
  outlines: readonly AreaOutline[],
  isExcluded?: readonly boolean[],
): AreaWeights {
  const areas: WeighedArea[] = [];
  const leftOut: LeftOutArea[] = [];
  const leastSurface = LEAST_SHARE_OF_CELL * ((grid.resolutionDegrees * Math.PI) / 180) ** 2;
  const rowPointers = [0];
  const cells: number[] = [];
  const weights: number[] = [];
  for (const { name, polygons } of outlines) {
    const common = commonSurface(grid, polygons);
    const kept = [...common].filter(([cell, surface]) => surface > leastSurface && isExcluded?.[cell] !== true);
    const inside = kept.reduce((sum, [, surface]) => sum + surface, 0);
    const whole = sumOver(polygons, solidAngle);
    const shareInside = whole > 0 ? Math.min(1, inside / whole) : 0;
    if (shareInside < LEAST_SHARE_INSIDE) {
      leftOut.push({ name, reason: reasonOf(whole, shareInside) });
      continue;
    }
    areas.push({ name, shareInside });
    for (const [cell, surface] of kept.sort(([a], [b]) => a - b)) {
      cells.push(cell);
      weights.push(surface / inside);
    }
    rowPointers.push(cells.length);
  }
  return {
    ...{ areas, leftOut },
    rowPointers: Int32Array.from(rowPointers),
    cells: Int32Array.from(cells),
    weights: Float64Array.from(weights),
  };
}

function reasonOf(whole: number, shareInside: number): string {
  if (!(whole > 0)) return 'its outline has no surface';
  return `${(100 * shareInside).toFixed(0)} % of its surface lie in the cells of the products; at least 50 % are needed`;
}

/** Sum over the rings of polygons: holes count against the outer ring, whichever way round they run. */
function sumOver(polygons: readonly (readonly Ring[])[], measure: (ring: Ring) => number): number {
  let sum = 0;
  for (const rings of polygons) {
    rings.forEach((ring, position) => (sum += (position === 0 ? 1 : -1) * Math.abs(measure(ring))));
  }
  return sum;
}

/** Steradians that polygons have in common with each cell, by the cell. */
function commonSurface(grid: FineGrid, polygons: readonly (readonly Ring[])[]): Map<number, number> {
  const { latitudesDegrees, longitudesDegrees, resolutionDegrees } = grid;
  const half = resolutionDegrees / 2;
  const common = new Map<number, number>();
  for (const rings of polygons) {
    rings.forEach((ring, position) => {
      const sign = position === 0 ? 1 : -1;
      for (const row of crossed(latitudesDegrees, half, ring, 1)) {
        const latitude = float64At(latitudesDegrees, row);
        const band = clippedTo(ring, 1, latitude - half, latitude + half);
        for (const column of crossed(longitudesDegrees, half, band, 0)) {
          const longitude = float64At(longitudesDegrees, column);
          const part = clippedTo(band, 0, longitude - half, longitude + half);
          const cell = row * longitudesDegrees.length + column;
          common.set(cell, (common.get(cell) ?? 0) + sign * Math.abs(solidAngle(part)));
        }
      }
    });
  }
  return common;
}

/** Indices of the intervals of an axis that a ring's extent meets. */
function crossed(centres: Float64Array, half: number, ring: Ring, coordinate: 0 | 1): number[] {
  let [low, high] = [Infinity, -Infinity];
  for (let i = coordinate; i < ring.length; i += 2) {
    low = Math.min(low, float64At(ring, i));
    high = Math.max(high, float64At(ring, i));
  }
  return [...centres.keys()].filter((index) => {
    const centre = entry(centres, index);
    return centre + half > low && centre - half < high;
  });
}
