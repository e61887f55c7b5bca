// SPDX-License-Identifier: Apache-2.0
/** Closed rings of longitudes and latitudes. @module */
import type { Ring } from '../artifacts/schemas/area-outline.js';
import { float64At } from '../common/entry.js';

const RADIANS = Math.PI / 180;

/**
 * Solid angle within a ring whose edges are straight in longitude and latitude, in steradians: the integral of cos(latitude), which
 * Green's theorem turns into one of -sin(latitude) along the ring. Positive where the ring runs counter-clockwise.
 */
export function solidAngle(ring: Ring): number {
  let sum = 0;
  for (let i = 0; i + 3 < ring.length; i += 2) {
    const [south, north] = [RADIANS * float64At(ring, i + 1), RADIANS * float64At(ring, i + 3)];
    const half = (north - south) / 2;
    // the mean of the sine along the edge
    const sine = Math.sin(south + half) * (half === 0 ? 1 : Math.sin(half) / half);
    sum -= RADIANS * (float64At(ring, i + 2) - float64At(ring, i)) * sine;
  }
  return sum;
}

/**
 * The part of a ring within a strip [Sutherland1974]: edges that run along the border of the strip, to and fro, add nothing
 * to its surface.
 *
 * @param coordinate - 0: low <= longitude <= high, 1: latitude
 * @returns closed; empty when nothing is left
 */
export function clippedTo(ring: Ring, coordinate: 0 | 1, low: number, high: number): Ring {
  return clippedAbove(clippedAbove(ring, coordinate, low, 1), coordinate, -high, -1);
}

/** The part where sign * coordinate >= bound. */
function clippedAbove(ring: Ring, coordinate: 0 | 1, bound: number, sign: 1 | -1): Ring {
  const kept: number[] = [];
  const other = 1 - coordinate;
  const add = (along: number, across: number): void => {
    kept.push(...(coordinate === 0 ? [along, across] : [across, along]));
  };
  for (let i = 0; i + 3 < ring.length; i += 2) {
    const [from, to] = [float64At(ring, i + coordinate), float64At(ring, i + 2 + coordinate)];
    const [fromAcross, toAcross] = [float64At(ring, i + other), float64At(ring, i + 2 + other)];
    const [isFromInside, isToInside] = [sign * from >= bound, sign * to >= bound];
    if (isFromInside) add(from, fromAcross);
    if (isFromInside !== isToInside) {
      const border = sign * bound;
      add(border, fromAcross + ((border - from) / (to - from)) * (toAcross - fromAcross));
    }
  }
  const [first, second] = kept;
  if (first !== undefined && second !== undefined) kept.push(first, second);
  return Float64Array.from(kept);
}
