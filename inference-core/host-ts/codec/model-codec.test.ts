// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { isTramontanaError } from '../../../common/errors.js';
import type { EngineModel, PredictionDesign } from '../contract/engine-model.js';
import { decodeDesigns, decodeModel, decodeMoments, encodeDesigns, encodeModel, encodeMoments } from './model-codec.js';

/** Values whose bits are easily lost: signed zero, NaN, infinities, the smallest subnormal, a number with 17 digits. */
const DELICATE = Float64Array.of(-0, NaN, -Infinity, 5e-324, 0.1 + 0.2, Number.MAX_VALUE);

const CSR = {
  numRows: 2,
  numColumns: 6,
  rowPointers: Int32Array.of(0, 1, 3),
  columnIndices: Int32Array.of(5, 0, 2),
  values: Float64Array.of(1, -0, 5e-324),
};

const MODEL: EngineModel = {
  kind: 'spatio-temporal',
  manifold: 'sphere',
  sphereSeriesTerms: 50,
  numTimeSteps: 2,
  c0: DELICATE,
  g1: CSR,
  temporal: {
    m0: Float64Array.of(0.5, 0.5),
    m1: Float64Array.of(0.5, 0.5),
    m2Diagonal: Float64Array.of(1, 1),
    m2OffDiagonal: Float64Array.of(-1),
  },
  spectralBasis: { eigenvalues: DELICATE, eigenvectors: new Float64Array(36).fill(Math.PI) },
  observations: [
    {
      y: Float64Array.of(1, 2),
      timeIndex: Int32Array.of(0, 1),
      projector: CSR,
      covariates: Float64Array.of(1, -0),
      numCovariates: 1,
      weights: Float64Array.of(1, 0.3),
    },
    {
      y: new Float64Array(),
      timeIndex: new Int32Array(),
      projector: {
        numRows: 0,
        numColumns: 6,
        rowPointers: Int32Array.of(0),
        columnIndices: new Int32Array(),
        values: new Float64Array(),
      },
      covariates: new Float64Array(),
      numCovariates: 0,
    },
  ],
  fixedEffectsPriorPrecision: 0.001,
  priors: [
    { type: 'gaussian', mean: 0.1 + 0.2, precision: 0.5 },
    { type: 'penalized-complexity', kind: 'noise-sd', lambda: 1 / 3 },
  ],
};

const DESIGNS: PredictionDesign[] = [
  { process: 1, timeIndices: Int32Array.of(0, 1), projector: CSR, covariates: DELICATE },
  { process: 0, timeIndices: Int32Array.of(1), projector: CSR, covariates: new Float64Array() },
];

describe('model files', () => {
  it('give back a model bit for bit', () => {
    // deepEqual tells -0 from 0 and takes NaN for equal
    assert.deepEqual(decodeModel(encodeModel(MODEL), 'model.arrow'), MODEL);
  });

  it('keep what is absent absent', () => {
    const { sphereSeriesTerms, temporal, spectralBasis, ...rest } = MODEL;
    assert.ok(sphereSeriesTerms !== undefined && temporal !== undefined && spectralBasis !== undefined);
    const decoded = decodeModel(encodeModel({ ...rest, kind: 'spatial' }), 'model.arrow');
    for (const key of ['sphereSeriesTerms', 'temporal', 'spectralBasis']) assert.equal(key in decoded, false);
  });

  it('give back designs and moments bit for bit', () => {
    assert.deepEqual(decodeDesigns(encodeDesigns(DESIGNS), 'designs.arrow'), DESIGNS);
    const moments = [{ mean: DELICATE, variance: Float64Array.of(1e-300) }];
    assert.deepEqual(decodeMoments(encodeMoments(moments), 'moments.arrow'), moments);
  });

  it('are refused with the name of the file when they hold something else', () => {
    for (const bytes of [new Uint8Array([1, 2, 3]), encodeDesigns(DESIGNS)]) {
      assert.throws(
        () => decodeModel(bytes, 'some-model.arrow'),
        (error) => isTramontanaError(error, 'Engine.InvalidInput') && error.message.includes('some-model.arrow'),
      );
    }
  });
});
