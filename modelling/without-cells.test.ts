// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { withoutCells } from './without-cells.js';

test('cells that are left out are empty on every day, the others stay to the last bit', () => {
  const variable = { species: 'pm10', values: Float64Array.of(0.1, 0.2, 0.3, 1.1, 1.2, 1.3), sd: Float64Array.of(1) };
  const [found = assert.fail()] = withoutCells([variable], [false, true, false], ['values']);
  assert.deepEqual(found.values, Float64Array.of(0.1, NaN, 0.3, 1.1, NaN, 1.3));
  assert.deepEqual([found.species, found.sd], ['pm10', variable.sd]);
  assert.deepEqual(withoutCells([variable], undefined, ['values']), [variable]);
});
