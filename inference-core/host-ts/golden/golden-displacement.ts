// SPDX-License-Identifier: Apache-2.0
import { float64At } from '../../../common/entry.js';

/**
 * Reference arrays that belong to another theta than the one they are stored with.
 *
 * A program that takes finite differences at its optimum in place leaves the last step in theta, and what it computes next is
 * stored under the wrong theta (docs/mathematics.md, section 7: each difference has a theta of its own). Such a displacement has
 * one degree of freedom, the length of a step along one component; when it makes hundreds of means and variances agree to a tolerance far below the difference that
 * it removes, there is no other explanation. The comparison then uses the theta of the arrays, and says so.
 *
 * @module
 */

/** Longer steps are no finite differences. */
const MAXIMUM_SHIFT = 1e-2;
const FIRST_STEP = 1e-4;
const SECANT_STEPS = 5;
const CLOSE_ENOUGH = 1e-8;

export interface Displacement {
  /** Index into theta. */
  readonly component: number;
  /** What has to be added to the stored component. */
  readonly shift: number;
  readonly theta: readonly number[];
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, index) => sum + value * float64At(b, index), 0);
}

/** Least-squares length of a step along one component, by secants; undefined when it leads nowhere or too far. */
async function shiftAlong(
  component: number,
  theta: readonly number[],
  residuals: (theta: readonly number[]) => Promise<Float64Array>,
  atStored: Float64Array,
): Promise<Displacement | undefined> {
  const moved = (shift: number): number[] => theta.map((value, index) => (index === component ? value + shift : value));
  let shift = 0;
  let current = atStored;
  let next = FIRST_STEP;
  for (let step = 0; step <= SECANT_STEPS; step += 1) {
    const there = await residuals(moved(next));
    const slope = there.map((value, index) => (value - float64At(current, index)) / (next - shift));
    const correction = -dot(slope, there) / dot(slope, slope);
    [shift, current] = [next, there];
    next = shift + correction;
    if (!(Math.abs(next) <= MAXIMUM_SHIFT)) return undefined;
    // a secant through closer points would be rounding error; what is left to gain is its square
    if (Math.abs(correction) < CLOSE_ENOUGH) break;
  }
  return { component, shift: next, theta: moved(next) };
}

/**
 * Looks for a step along one component of theta that explains the difference from the reference.
 *
 * @param residuals - relative deviations of means and variances at a theta
 * @param isWithinTolerance - decides at the displaced theta
 */
export async function findDisplacement(
  theta: readonly number[],
  residuals: (theta: readonly number[]) => Promise<Float64Array>,
  isWithinTolerance: (theta: readonly number[]) => Promise<boolean>,
): Promise<Displacement | undefined> {
  const atStored = await residuals(theta);
  // with few numbers a free parameter could hide an error
  if (!atStored.every(Number.isFinite) || atStored.length < 10 * theta.length) return undefined;
  for (let component = 0; component < theta.length; component += 1) {
    const found = await shiftAlong(component, theta, residuals, atStored);
    if (found !== undefined && (await isWithinTolerance(found.theta))) return found;
  }
  return undefined;
}
