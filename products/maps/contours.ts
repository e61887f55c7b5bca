// SPDX-License-Identifier: Apache-2.0
import { entry, float64At } from '../../common/entry.js';

/**
 * Contour segments of a gridded field at one level by marching squares between cell centres; corners are interpolated
 * linearly. In a saddle the two segments that separate the high corners are drawn.
 *
 * @param values - Shape [latitudes.length, longitudes.length]; squares with a NaN corner are skipped.
 * @returns [x1, y1, x2, y2, ...] in degrees.
 */
export function contourSegments(
  latitudes: Float64Array,
  longitudes: Float64Array,
  values: ArrayLike<number>,
  level: number,
): Float64Array {
  const segments: number[] = [];
  const numColumns = longitudes.length;
  for (let i = 0; i + 1 < latitudes.length; i += 1) {
    for (let j = 0; j + 1 < numColumns; j += 1) {
      addSquare(segments, latitudes, longitudes, values, level, i, j);
    }
  }
  return Float64Array.from(segments);
}

function addSquare(
  segments: number[],
  latitudes: Float64Array,
  longitudes: Float64Array,
  values: ArrayLike<number>,
  level: number,
  i: number,
  j: number,
): void {
  const numColumns = longitudes.length;
  const topLeft = entry(values, i * numColumns + j);
  const topRight = entry(values, i * numColumns + j + 1);
  const bottomRight = entry(values, (i + 1) * numColumns + j + 1);
  const bottomLeft = entry(values, (i + 1) * numColumns + j);
  if (Number.isNaN(topLeft + topRight + bottomRight + bottomLeft)) return;
  const above = [topLeft, topRight, bottomRight, bottomLeft].map((value) => value >= level);
  const code = above.reduce((sum, isAbove, bit) => sum + (isAbove ? 1 << bit : 0), 0);
  if (code === 0 || code === 15) return;
  const west = float64At(longitudes, j);
  const east = float64At(longitudes, j + 1);
  const north = float64At(latitudes, i);
  const south = float64At(latitudes, i + 1);
  const cut = (a: number, b: number): number => (level - a) / (b - a);
  const top = (): number[] => [west + cut(topLeft, topRight) * (east - west), north];
  const bottom = (): number[] => [west + cut(bottomLeft, bottomRight) * (east - west), south];
  const left = (): number[] => [west, north + cut(topLeft, bottomLeft) * (south - north)];
  const right = (): number[] => [east, north + cut(topRight, bottomRight) * (south - north)];
  const add = (from: number[], to: number[]): void => {
    segments.push(...from, ...to);
  };
  // Bits: 1 top left, 2 top right, 4 bottom right, 8 bottom left; a code and its complement have the same line.
  switch (Math.min(code, 15 - code)) {
    case 1:
      return add(left(), top());
    case 2:
      return add(top(), right());
    case 3:
      return add(left(), right());
    case 4:
      return add(right(), bottom());
    case 5:
      if (code === 5) {
        add(left(), top());
        return add(right(), bottom());
      }
      add(top(), right());
      return add(left(), bottom());
    case 6:
      return add(top(), bottom());
    default:
      return add(left(), bottom());
  }
}
