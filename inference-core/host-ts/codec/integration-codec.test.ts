// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { isTramontanaError } from '../../../common/errors.js';
import { decodeIntegration, encodeIntegration } from './integration-codec.js';
import type { IntegrationResult } from '../contract/posterior.js';

const density = {
  mean: 0.1 + 0.2,
  sd: 1e-300,
  quantiles: [-1, 0, 1],
  grid: Float64Array.of(-1, -0, 1),
  density: Float64Array.of(0, 5e-324, 0),
};
const fixed = { mean: 3, sd: 0, quantiles: [3, 3, 3], grid: new Float64Array(), density: new Float64Array() };

const RESULT: IntegrationResult = {
  strategy: 'central-composite',
  expectedEvaluations: { lattice: Infinity, centralComposite: 5 },
  points: [
    { theta: Float64Array.of(1, 3), z: Float64Array.of(0), logPosterior: -12.5, weight: 1 },
    { theta: Float64Array.of(9, 3), z: Float64Array.of(4), logPosterior: -Infinity, weight: 0 },
  ],
  logMarginalLikelihood: -10.25,
  logMarginalLikelihoodGaussian: -10.5,
  axisStretch: [[0.9, 1.1]],
  theta: [
    { name: 'log_sigma', naturalName: 'sigma', internal: density, natural: density },
    { name: 'log_range_s', naturalName: 'range_s', internal: fixed, natural: fixed },
  ],
  fixedEffects: [{ mean: 2, sd: 0.5, quantiles: [1, 2, 3] }],
  predictions: [{ mean: Float64Array.of(1, 2), sd: Float64Array.of(0.1, 0.2) }],
  observations: [{ mean: Float64Array.of(7), sd: Float64Array.of(0.7) }],
  criteria: {
    meanDeviance: 1,
    devianceAtMean: 2,
    dic: 3,
    dicEffectiveParameters: 4,
    waic: 5,
    waicEffectiveParameters: 6,
    logScore: 7,
    groups: [{ logCpo: Float64Array.of(-Infinity), pit: Float64Array.of(NaN) }],
  },
  draws: { runs: [Float64Array.of(0.5, 1)], areas: [] },
  evaluations: 4,
  failedPoints: 1,
  seconds: 0.25,
};

describe('integration results', () => {
  it('come back bit for bit, what is not finite included', () => {
    assert.deepEqual(decodeIntegration(encodeIntegration(RESULT), 'x'), RESULT);
  });

  it('come back without what was not asked for', () => {
    const { observations: _, criteria: __, draws: ___, ...rest } = RESULT;
    const bare: IntegrationResult = { ...rest, predictions: [] };
    assert.deepEqual(decodeIntegration(encodeIntegration(bare), 'x'), bare);
  });

  it('of another kind are refused, naming the file', () => {
    assert.throws(
      () => decodeIntegration(new Uint8Array(3), 'there.arrow'),
      (error) => isTramontanaError(error, 'Engine.InvalidInput') && error.message.startsWith('there.arrow'),
    );
  });
});
