// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { findDisplacement } from './golden-displacement.js';

const STORED = [0.5, -1, 2];

/** Smooth functions of theta, as many as a small case has means and variances. */
function arraysAt(theta: readonly number[]): Float64Array {
  const [a = 0, b = 0, c = 0] = theta;
  return Float64Array.from(
    { length: 40 },
    (_, k) => Math.exp(0.1 * a * Math.sin(k)) + Math.cos(b + k) * Math.exp(0.3 * c),
  );
}

/** Searches for the theta of arrays that belong to `actual`, with an error of the arrays' own on top. */
function search(actual: readonly number[], error = 0, length = 40): ReturnType<typeof findDisplacement> {
  const reference = arraysAt(actual).slice(0, length);
  reference[7] = (reference[7] ?? 0) + error;
  const residuals = (theta: readonly number[]): Promise<Float64Array> =>
    Promise.resolve(
      arraysAt(theta)
        .slice(0, length)
        .map((value, k) => value - (reference[k] ?? NaN)),
    );
  return findDisplacement(STORED, residuals, async (theta) =>
    (await residuals(theta)).every((r) => Math.abs(r) <= 1e-8),
  );
}

describe('a displaced theta', () => {
  it('is found along each component', async () => {
    for (let component = 0; component < STORED.length; component += 1) {
      for (const shift of [-1e-4, 3e-3]) {
        const found = await search(STORED.map((value, index) => (index === component ? value + shift : value)));
        assert.equal(found?.component, component);
        // the secants stop where the residuals are rounding, 1e-16 over slopes of order 1
        assert.ok(Math.abs(found.shift - shift) < 1e-12);
      }
    }
  });

  it('does not explain an error of the arrays, a step in two components, or a long step', async () => {
    const oneStep = [0.5, -1, 2 - 1e-4];
    assert.equal(await search(oneStep, 1e-6), undefined);
    assert.equal(await search(STORED, 1e-6), undefined);
    assert.equal(await search([0.5, -1 + 1e-4, 2 - 1e-4]), undefined);
    assert.equal(await search([0.5, -1, 2.1]), undefined);
  });

  it('is not looked for in a handful of numbers, which it could always explain', async () => {
    assert.equal(await search([0.5, -1, 2 - 1e-4], 0, 10), undefined);
  });
});
