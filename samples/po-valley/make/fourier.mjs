// SPDX-License-Identifier: Apache-2.0
import { cosineAndSineOfTurns } from './elementary.mjs';

/** @type {Map<number, {cosines: Float64Array, sines: Float64Array, reversed: Uint32Array}>} */
const tables = new Map();

function tablesFor(size) {
  const known = tables.get(size);
  if (known !== undefined) return known;
  const cosines = new Float64Array(size / 2);
  const sines = new Float64Array(size / 2);
  for (let k = 0; k < size / 2; k++) [cosines[k], sines[k]] = cosineAndSineOfTurns(k / size);
  const reversed = new Uint32Array(size);
  for (let i = 1; i < size; i++) reversed[i] = (reversed[i >> 1] >> 1) | (i & 1 ? size >> 1 : 0);
  const made = { cosines, sines, reversed };
  tables.set(size, made);
  return made;
}

/**
 * Inverse discrete Fourier transform in place, without the factor 1 / n: x_j = sum_k z_k exp(2 pi i j k / n).
 *
 * @param {Float64Array} real - length a power of two
 * @param {Float64Array} imaginary - same length
 */
export function inverseFourierTransform(real, imaginary) {
  const size = real.length;
  const { cosines, sines, reversed } = tablesFor(size);
  for (let i = 0; i < size; i++) {
    const j = reversed[i];
    if (j > i) {
      [real[i], real[j]] = [real[j], real[i]];
      [imaginary[i], imaginary[j]] = [imaginary[j], imaginary[i]];
    }
  }
  for (let half = 1; half < size; half *= 2) {
    const stride = size / (2 * half);
    for (let start = 0; start < size; start += 2 * half) {
      for (let k = 0; k < half; k++) {
        const a = start + k;
        const b = a + half;
        const c = cosines[k * stride];
        const s = sines[k * stride];
        const re = real[b] * c - imaginary[b] * s;
        const im = real[b] * s + imaginary[b] * c;
        real[b] = real[a] - re;
        imaginary[b] = imaginary[a] - im;
        real[a] += re;
        imaginary[a] += im;
      }
    }
  }
}
