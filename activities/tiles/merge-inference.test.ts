// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { FitResult } from '../../artifacts/schemas/fit-result.js';
import { mergeFits } from './merge-inference.js';

function fitOf(theta: Readonly<Record<string, number>>, variance: number, more: Partial<FitResult> = {}): FitResult {
  const names = Object.keys(theta);
  return {
    thetaNames: names,
    theta: Object.values(theta),
    thetaCovariance: names.map((_, i) => names.map((__, j) => (i === j ? variance : variance / 4))),
    ...{ objective: 10, gradientNorm: 1e-4, evaluations: 20, iterations: 5, resumedFromIteration: 0, seconds: 2 },
    ...{
      stopReason: 'gradient 3.1e-4 below 1e-3',
      converged: true,
      activeBounds: [],
      recursion: 'grid of 30 x 20',
      trace: [],
    },
    fixedEffects: { mean: [1], sd: [1] },
    ...more,
  };
}

describe('fits of tiles as one', () => {
  it('have the moments of theta of a tile drawn at random', () => {
    const merged = mergeFits(
      new Map([
        ['r01c01', fitOf({ range: 1, noise: 0 }, 0.04)],
        ['r01c02', fitOf({ range: 3, noise: 4 }, 0.08)],
      ]),
    );
    assert.deepEqual(merged.theta, [2, 2]);
    // mean of the variances and variance of the modes; covariances alike
    assert.deepEqual(
      merged.thetaCovariance.map((row) => row.map((value) => Number(value.toFixed(12)))),
      [
        [0.06 + 1, 0.015 + 2],
        [0.015 + 2, 0.06 + 4],
      ],
    );
    assert.deepEqual([merged.objective, merged.evaluations, merged.seconds], [20, 40, 4]);
    assert.equal(merged.stopReason, 'gradient … below … (2 tiles)');
  });

  it('know components by name: a tile without forecasts lacks their precision, in whichever place', () => {
    const short = fitOf({ range: 1, noise: 0 }, 0.04);
    const long = fitOf({ range: 3, forecast: 7, noise: 4 }, 0.04, { activeBounds: ['range at 600'], converged: false });
    for (const tiles of [
      new Map([
        ['a', short],
        ['b', long],
      ]),
      new Map([
        ['b', long],
        ['a', short],
      ]),
    ]) {
      const merged = mergeFits(tiles);
      const thetaOf = (name: string) => merged.theta[merged.thetaNames.indexOf(name)];
      assert.deepEqual([thetaOf('range'), thetaOf('noise'), thetaOf('forecast')], [2, 2, 7]);
      assert.ok(merged.thetaCovariance.flat().every(Number.isFinite));
      assert.equal(merged.converged, false);
      assert.deepEqual(merged.activeBounds, ['range at 600 (tile b)']);
    }
  });
});
