// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isTramontanaError } from '../common/errors.js';
import { NORMAL_QUANTILE_975, normalCdf, normalQuantile, normalSurvival } from './normal-distribution.js';

/** The reference values carry 16 digits; the approximations themselves are good to a few units in the last place. */
const ROUNDING = 1e-14;

function assertRelative(found: number, expected: number, tolerance: number, what: string): void {
  assert.ok(Math.abs(found / expected - 1) <= tolerance, `${what}: expected ${expected}, got ${found}`);
}

test('the distribution function agrees with reference values in the middle and in both tails', () => {
  // scipy.stats.norm.cdf (Cephes), double precision.
  const references: readonly (readonly [z: number, probability: number])[] = [
    [-20, 2.7536241186061556e-89],
    [-8, 6.22096057427174e-16],
    [-5, 2.866515718791933e-7],
    [-3, 0.0013498980316300933],
    [-1, 0.15865525393145707],
    [-0.3, 0.3820885778110474],
    [0.3, 0.6179114221889526],
    [1, 0.8413447460685429],
    [3, 0.9986501019683699],
  ];
  for (const [z, probability] of references) {
    // The argument z / sqrt 2 is rounded; its relative effect on the tail is z^2 eps.
    const tolerance = ROUNDING + z * z * Number.EPSILON;
    assertRelative(normalCdf(z), probability, tolerance, `cdf(${z})`);
    assertRelative(normalSurvival(-z), probability, tolerance, `survival(${-z})`);
  }
  assert.equal(normalCdf(0), 0.5);
});

test('limits and missing values pass through', () => {
  assert.equal(normalCdf(-Infinity), 0);
  assert.equal(normalCdf(Infinity), 1);
  assert.equal(normalSurvival(Infinity), 0);
  assert.ok(Number.isNaN(normalCdf(Number.NaN)));
});

test('the quantile agrees with reference values', () => {
  // scipy.special.ndtri, double precision.
  const references: readonly (readonly [probability: number, z: number])[] = [
    [1e-300, -37.0470962993612],
    [1e-20, -9.262340089798409],
    [1e-6, -4.753424308822899],
    [0.001, -3.090232306167813],
    [0.025, -1.9599639845400545],
    [0.2, -0.8416212335729142],
    [0.9, 1.2815515655446004],
    [0.975, NORMAL_QUANTILE_975],
  ];
  for (const [probability, z] of references) assertRelative(normalQuantile(probability), z, ROUNDING, `${probability}`);
  assert.equal(normalQuantile(0.5), 0);
});

test('quantile and distribution function are inverse to each other', () => {
  for (let exponent = -250; exponent < 0; exponent += 3.7) {
    const probability = 10 ** exponent;
    const z = normalQuantile(probability);
    // An error eps in z becomes z^2 eps in the probability.
    assertRelative(normalCdf(z), probability, 4 * ROUNDING + 4 * z * z * Number.EPSILON, `p = ${probability}`);
  }
});

test('a probability outside (0, 1) is refused', () => {
  for (const probability of [0, 1, -0.1, Number.NaN]) {
    assert.throws(
      () => normalQuantile(probability),
      (error) => isTramontanaError(error, 'Products.ProbabilityOutOfRange'),
    );
  }
});
