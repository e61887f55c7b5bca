// SPDX-License-Identifier: Apache-2.0
import { logarithm } from './elementary.mjs';

/**
 * Standard normal deviates from a seed: xoshiro128** [BlackmanVigna2021] and the polar method [Marsaglia1964].
 *
 * @param {number} seed - unsigned 32-bit integer; equal seeds give equal sequences
 * @returns {() => number} the next deviate
 */
export function normalDeviates(seed) {
  const uniform = uniformDeviates(seed);
  let spare = 0;
  let hasSpare = false;
  return () => {
    if (hasSpare) {
      hasSpare = false;
      return spare;
    }
    let u, v, square;
    do {
      u = 2 * uniform() - 1;
      v = 2 * uniform() - 1;
      square = u * u + v * v;
    } while (square >= 1 || square === 0);
    const scale = Math.sqrt((-2 * logarithm(square)) / square);
    spare = v * scale;
    hasSpare = true;
    return u * scale;
  };
}

/**
 * Uniform deviates in [0, 1) with 32 random bits.
 *
 * @param {number} seed - unsigned 32-bit integer
 * @returns {() => number} the next deviate
 */
export function uniformDeviates(seed) {
  // splitmix32 fills the state, so that neighbouring seeds give unrelated sequences
  let mix = seed >>> 0;
  const nextMix = () => {
    mix = (mix + 0x9e3779b9) >>> 0;
    let z = mix;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return (z ^ (z >>> 16)) >>> 0;
  };
  let a = nextMix();
  let b = nextMix();
  let c = nextMix();
  let d = nextMix();
  return () => {
    const scrambled = Math.imul(b, 5);
    const result = Math.imul((scrambled << 7) | (scrambled >>> 25), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return result / 4294967296;
  };
}
