// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { isTramontanaError } from '../../../common/errors.js';
import { completeGrid } from '../../../tests/engine/complete-grid.js';
import { smallModel } from '../../../tests/golden/support.js';
import { decodeGrid, decodeGridDesigns, encodeGrid, encodeGridDesigns } from './grid-codec.js';
import type { GridModel, GridPredictionDesign } from '../contract/grid-model.js';
import { decodeModel, encodeModel } from './model-codec.js';

/** Values whose bits are easily lost: signed zero, NaN, infinities, the smallest subnormal, a number with 17 digits. */
const DELICATE = Float64Array.of(-0, NaN, -Infinity, 5e-324, 0.1 + 0.2, Number.MAX_VALUE);

const MODEL: GridModel = {
  kind: 'separable',
  grid: { numRows: 2, numColumns: 3, cellHeight: 0.1 + 0.2, cellWidth: 1 / 3 },
  numTimeSteps: 4,
  groups: [
    {
      process: 0,
      timeIndex: Int32Array.of(2),
      y: DELICATE,
      covariates: new Float64Array(),
      numCovariates: 0,
      weights: Float64Array.of(5e-324),
    },
    {
      process: 1,
      timeIndex: Int32Array.of(0, 3),
      y: Float64Array.of(...DELICATE, ...DELICATE),
      covariates: DELICATE,
      numCovariates: 1,
    },
  ],
  fixedEffectsPriorPrecision: 0.001,
  priors: [
    { type: 'gaussian', mean: 0.1 + 0.2, precision: 0.5 },
    { type: 'penalized-complexity', kind: 'noise-sd', lambda: 1 / 3 },
    { type: 'fixed', value: -1e-300 },
  ],
};

const DESIGNS: GridPredictionDesign[] = [
  {
    process: 1,
    timeIndices: Int32Array.of(0, 1),
    rows: { centres: DELICATE, width: 0 },
    columns: { centres: Float64Array.of(1 / 3), width: 0.1 + 0.2 },
    covariates: DELICATE,
    modesPerCell: 7,
  },
  {
    process: 0,
    timeIndices: Int32Array.of(3),
    rows: { centres: Float64Array.of(1), width: 1 },
    columns: { centres: Float64Array.of(2), width: 5e-324 },
    covariates: new Float64Array(),
  },
];

describe('grid files', () => {
  it('give back a grid bit for bit, and what is absent absent', () => {
    // deepEqual tells -0 from 0 and takes NaN for equal
    assert.deepEqual(decodeGrid(encodeGrid(MODEL), 'model.arrow'), MODEL);
    assert.deepEqual(decodeGrid(encodeGrid(completeGrid()), 'model.arrow'), completeGrid());
  });

  it('give back designs bit for bit', () => {
    assert.deepEqual(decodeGridDesigns(encodeGridDesigns(DESIGNS), 'designs.arrow'), DESIGNS);
  });

  it('are refused with the name of the file when they hold something else', () => {
    const refusals = [
      () => decodeGrid(encodeModel(smallModel()), 'some.arrow'),
      () => decodeModel(encodeGrid(MODEL), 'some.arrow'),
      () => decodeGrid(encodeGridDesigns(DESIGNS), 'some.arrow'),
      () => decodeGridDesigns(encodeGrid(MODEL), 'some.arrow'),
      () => decodeGrid(Uint8Array.of(1, 2, 3), 'some.arrow'),
    ];
    for (const refusal of refusals) {
      assert.throws(
        refusal,
        (error) => isTramontanaError(error, 'Engine.InvalidInput') && error.message.startsWith('some.arrow: '),
      );
    }
  });
});
