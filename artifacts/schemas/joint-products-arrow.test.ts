// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { isTramontanaError } from '../../common/errors.js';
import type { AreaMeans, ExceedanceRun } from './area-means.js';
import {
  decodeAreaMeans,
  decodeExceedanceRuns,
  encodeAreaMeans,
  encodeExceedanceRuns,
} from './joint-products-arrow.js';

const MEANS: AreaMeans = {
  areas: [{ name: 'Ivrea "La Bella"', shareInside: 0.1 + 0.2 }],
  leftOut: [{ name: 'Aosta', reason: 'beyond' }],
  ...{ numBeyond: 3, numSamples: 20 },
  variables: [
    {
      ...{ pollutant: 'o3', statistic: 'daily_max_8h_mean' },
      ...{ mean: Float64Array.of(1e-300), sd: Float64Array.of(-0), q025: Float64Array.of(0), q975: Float64Array.of(9) },
      exceedance: [{ value_ug_m3: 100, probability: Float64Array.of(0.25) }],
    },
  ],
};

const RUNS: readonly ExceedanceRun[] = [
  { pollutant: 'pm10', value_ug_m3: 12.5, days: 2, numSamples: 20, probability: Float64Array.of(NaN, 0.5) },
];

describe('what joint draws tell', () => {
  it('comes back bit for bit', () => {
    assert.deepEqual(decodeAreaMeans(encodeAreaMeans(MEANS)), MEANS);
    assert.deepEqual(decodeExceedanceRuns(encodeExceedanceRuns(RUNS)), RUNS);
  });

  it('comes back where no area is left', () => {
    const empty = new Float64Array();
    const [variable] = MEANS.variables;
    assert.ok(variable);
    const none: AreaMeans = {
      ...{ ...MEANS, areas: [] },
      variables: [{ ...variable, mean: empty, sd: empty, q025: empty, q975: empty, exceedance: [] }],
    };
    assert.deepEqual(decodeAreaMeans(encodeAreaMeans(none)), none);
  });

  it('is not taken for the other, or from other bytes', () => {
    for (const wrong of [
      () => decodeAreaMeans(encodeExceedanceRuns(RUNS)),
      () => decodeExceedanceRuns(encodeAreaMeans(MEANS)),
      () => decodeAreaMeans(new Uint8Array(8)),
    ]) {
      assert.throws(wrong, (error) => isTramontanaError(error, 'Artifact.InvalidContent'));
    }
  });
});
