// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isTramontanaError } from '../common/errors.js';
import { exceedanceField, quantileField, thresholdToken } from './exceedance.js';

const MEAN = Float64Array.of(20, 1, 15, Number.NaN);
const SD = Float64Array.of(2, 2, 0, 1);

test('quantiles are mean + z sd, clipped at zero, and missing where the posterior is', () => {
  const lower = quantileField(MEAN, SD, 0.025);

  // 1.96 to 16 digits: products of a few roundings.
  assert.ok(Math.abs((lower[0] as number) - (20 - 2 * 1.959963984540054)) < 1e-13);
  assert.equal(lower[1], 0);
  assert.equal(lower[2], 15);
  assert.ok(Number.isNaN(lower[3]));
  assert.deepEqual([...quantileField(MEAN, SD, 0.5).subarray(0, 3)], [20, 1, 15]);
});

test('the exceedance probability is one half at the threshold and complements the distribution function', () => {
  const probability = exceedanceField(Float64Array.of(15, 20, 10), Float64Array.of(3, 5, 5), 15);

  assert.equal(probability[0], 0.5);
  // P(Z > -1) and P(Z > 1), 16-digit reference values.
  assert.ok(Math.abs((probability[1] as number) - 0.8413447460685429) < 1e-15);
  assert.ok(Math.abs((probability[2] as number) - 0.15865525393145707) < 1e-15);
});

test('a rare exceedance keeps its relative accuracy', () => {
  const [rare] = exceedanceField(Float64Array.of(0), Float64Array.of(1), 8);

  assert.ok(Math.abs((rare as number) / 6.22096057427174e-16 - 1) < 1e-12, String(rare));
});

test('without spread the exceedance is certain above and impossible at the threshold', () => {
  const sd = new Float64Array(4);

  assert.deepEqual([...exceedanceField(Float64Array.of(14, 15, 16, Number.NaN), sd, 15)], [0, 0, 1, Number.NaN]);
});

test('shapes that differ and senseless thresholds are refused', () => {
  assert.throws(
    () => quantileField(MEAN, SD.subarray(1), 0.5),
    (error) => isTramontanaError(error, 'Products.ShapeMismatch'),
  );
  for (const threshold of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(
      () => exceedanceField(MEAN, SD, threshold),
      (error) => isTramontanaError(error, 'Products.InvalidThreshold'),
    );
  }
});

test('a threshold becomes part of a name without a point', () => {
  assert.equal(thresholdToken(15), '15');
  assert.equal(thresholdToken(12.5), '12p5');
});
