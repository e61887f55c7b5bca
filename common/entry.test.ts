// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { entry } from './entry.js';

test('an entry that exists is given, NaN and 0 among them', () => {
  assert.equal(entry(Float64Array.of(1, Number.NaN, 0), 2), 0);
  assert.ok(Number.isNaN(entry(Float64Array.of(1, Number.NaN, 0), 1)));
  assert.equal(entry(['a', 'b'], 1), 'b');
});

test('an index outside of the array is named with the length', () => {
  for (const index of [-1, 3, 0.5, Number.NaN]) {
    assert.throws(() => entry(Float64Array.of(1, 2, 3), index), new RegExp(`from 0 to 2, got ${index}`, 'u'));
  }
});
