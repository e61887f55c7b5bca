// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CAMS_CELL_DEGREES, gridStepDegrees, medianStepDegrees } from './grid.js';
import type { GriddedField } from './gridded-field.js';

const grid = (latitudes: number[], longitudes: number[]): GriddedField => ({
  cadence: 'daily',
  latitudesDegrees: Float64Array.from(latitudes),
  longitudesDegrees: Float64Array.from(longitudes),
  timesMs: new Float64Array(),
  origins: [],
  variables: [],
});

test('the step of a grid is that of its latitudes, of a single row that of its longitudes, of a single cell that of CAMS', () => {
  assert.equal(gridStepDegrees(grid([46, 45.75, 45.5], [9, 10])), 0.25);
  assert.equal(gridStepDegrees(grid([46], [9, 9.5])), 0.5);
  assert.equal(gridStepDegrees(grid([46], [9])), CAMS_CELL_DEGREES);
});

test('one gap does not change the median step; a single value has none', () => {
  assert.equal(medianStepDegrees(Float64Array.of(3, 2, 1, -4)), 1);
  assert.ok(Number.isNaN(medianStepDegrees(Float64Array.of(3))));
});
