// SPDX-License-Identifier: Apache-2.0
/**
 * Elementary functions made of +, -, *, / alone.
 *
 * IEEE 754 fixes those to the last bit, whereas `Math.exp` and its kin may differ between engines and versions.
 * With these the sample comes out byte for byte the same wherever the script runs.
 *
 * @module
 */

const LN2 = 0.6931471805599453;
/** ln 2 split so that `n * LN2_HIGH` is exact for |n| < 2^20. */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;

const bits = new DataView(new ArrayBuffer(8));

/**
 * Exponential function for |x| <= 700, relative error below 1e-15.
 *
 * @param {number} x
 */
export function exponential(x) {
  if (x < -700) return 0;
  const n = Math.round(x / LN2);
  const r = x - n * LN2_HIGH - n * LN2_LOW;
  let sum = 1;
  // |r| <= ln 2 / 2, hence r^16 / 16! < 1e-20
  for (let k = 15; k >= 1; k--) sum = 1 + (sum * r) / k;
  bits.setInt32(0, (n + 1023) << 20);
  bits.setInt32(4, 0);
  return sum * bits.getFloat64(0);
}

/**
 * Natural logarithm of a positive, normal number, absolute error below 1e-15 (1 + |ln x|).
 *
 * @param {number} x
 */
export function logarithm(x) {
  bits.setFloat64(0, x);
  const high = bits.getInt32(0);
  let exponent = (high >>> 20) - 1023;
  bits.setInt32(0, (high & 0xfffff) | (1023 << 20));
  let mantissa = bits.getFloat64(0);
  if (mantissa > Math.SQRT2) {
    mantissa /= 2;
    exponent += 1;
  }
  const t = (mantissa - 1) / (mantissa + 1);
  const square = t * t;
  let sum = 0;
  // t^2 <= 0.0295, hence the first term left out is below 1e-19
  for (let k = 23; k >= 1; k -= 2) sum = sum * square + 1 / k;
  return 2 * t * sum + exponent * LN2;
}

/**
 * Cosine and sine of an angle given in turns (1 turn = 2 pi), absolute error below 1e-15.
 *
 * @param {number} turns
 * @returns {[number, number]} cosine, sine
 */
export function cosineAndSineOfTurns(turns) {
  const quarter = Math.round(turns * 4);
  const angle = (turns - quarter / 4) * 2 * Math.PI;
  const square = angle * angle;
  let cosine = 1;
  let sine = 1;
  // |angle| <= pi / 4, hence the first terms left out are below 1e-20
  for (let k = 18; k >= 2; k -= 2) {
    cosine = 1 - (cosine * square) / (k * (k - 1));
    sine = 1 - (sine * square) / (k * (k + 1));
  }
  sine *= angle;
  switch (((quarter % 4) + 4) % 4) {
    case 0:
      return [cosine, sine];
    case 1:
      return [-sine, cosine];
    case 2:
      return [-cosine, -sine];
    default:
      return [sine, -cosine];
  }
}
