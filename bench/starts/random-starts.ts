// SPDX-License-Identifier: Apache-2.0

import { normalNumbers, uniformNumbers } from '../core/random.js';

/**
 * A start with every component drawn N(centre, sd), by Box and Muller's transform.
 *
 * @param seed - equal seeds give equal directions; starts of one seed and two sd differ in length alone
 */
export function randomStart(centre: readonly number[], sd: number, seed: number): number[] {
  const normal = normalNumbers(uniformNumbers(Math.imul(seed, 0x9e3779b1)));
  return centre.map((value) => value + sd * normal());
}
