// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { entry, float64At, int32At } from './entry.js';

test('an entry that exists is given, NaN and 0 among them', () => {
  assert.equal(entry(Float64Array.of(1, Number.NaN, 0), 2), 0);
  assert.ok(Number.isNaN(entry(Float64Array.of(1, Number.NaN, 0), 1)));
  assert.equal(entry(['a', 'b'], 1), 'b');
  assert.ok(Number.isNaN(float64At(Float64Array.of(1, Number.NaN, 0), 1)));
  assert.equal(int32At(Int32Array.of(7, 0), 1), 0);
});

test('an index outside of the array is named with the length', () => {
  for (const index of [-1, 3, 0.5, Number.NaN]) {
    const named = new RegExp(`from 0 to 2, got ${index}`, 'u');
    assert.throws(() => entry(['a', 'b', 'c'], index), named);
    assert.throws(() => float64At(Float64Array.of(1, 2, 3), index), named);
    assert.throws(() => int32At(Int32Array.of(1, 2, 3), index), named);
  }
});
