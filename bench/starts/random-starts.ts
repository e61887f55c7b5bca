// SPDX-License-Identifier: Apache-2.0

/** Uniform numbers in (0, 1) from a 32-bit state (mulberry32): the same on every machine, good enough to scatter starts. */
function uniformNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return (((mixed ^ (mixed >>> 14)) >>> 0) + 0.5) / 4294967296;
  };
}

/**
 * A start with every component drawn N(centre, sd), by Box and Muller's transform.
 *
 * @param seed - equal seeds give equal directions; starts of one seed and two sd differ in length alone
 */
export function randomStart(centre: readonly number[], sd: number, seed: number): number[] {
  const uniform = uniformNumbers(Math.imul(seed, 0x9e3779b1));
  return centre.map((value) => {
    const radius = Math.sqrt(-2 * Math.log(uniform()));
    return value + sd * radius * Math.cos(2 * Math.PI * uniform());
  });
}
