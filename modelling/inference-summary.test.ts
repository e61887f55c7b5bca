// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { ThetaPrior } from '../inference-core/host-ts/contract/engine-model.js';
import { hyperparameterScales } from './hyperparameter-scales.js';
import { pitCounts, uniformBand } from './pit-histogram.js';
import { logPriorDensity } from './prior-density.js';
import { penalisedComplexityRate } from './priors.js';

type VaryingPrior = Exclude<ThetaPrior, { type: 'fixed' }>;

/** Mass of a prior below `end`, by trapezoids of about width 1/500 from where there is none. */
function massBelow(prior: VaryingPrior, end: number): number {
  const [start, steps] = [-30, Math.ceil(500 * (end + 30))];
  const step = (end - start) / steps;
  let sum = 0;
  for (let i = 0; i <= steps; i += 1) {
    sum += (i === 0 || i === steps ? 0.5 : 1) * Math.exp(logPriorDensity(prior, start + i * step)) * step;
  }
  return sum;
}

describe('prior densities', () => {
  it('integrate to one', () => {
    const priors: VaryingPrior[] = [
      { type: 'gaussian', mean: 0.3, precision: 0.5 },
      { type: 'log-gamma', shape: 1.7, rate: 0.02 },
      ...(['spatial-range', 'temporal-range', 'sigma', 'noise-sd', 'noise-precision-compat'] as const).map(
        (kind) => ({ type: 'penalized-complexity', kind, lambda: 1.3 }) as const,
      ),
    ];
    for (const prior of priors) {
      // the largest of what lies beyond 60: e^-30 of the temporal range; trapezoids of smooth densities err far less
      assert.ok(Math.abs(massBelow(prior, 60) - 1) < 1e-9, JSON.stringify(prior));
    }
  });

  it('say what their choice says: P(quantity beyond threshold) = probability', () => {
    const choice = { threshold: 2.5, probability: 0.07 };
    const below = (kind: 'spatial-range' | 'temporal-range' | 'sigma' | 'noise-sd', end: number): number =>
      massBelow({ type: 'penalized-complexity', kind, lambda: penalisedComplexityRate(kind, choice) }, end);
    const end = Math.log(choice.threshold);
    // trapezoids end where the density does not vanish: their error is the square of the step
    const close = (found: number, expected: number) => assert.ok(Math.abs(found - expected) < 1e-5, String(found));
    close(below('spatial-range', end), choice.probability);
    close(below('temporal-range', end), choice.probability);
    close(below('sigma', end), 1 - choice.probability);
    // noise sd above the threshold is a log precision below -2 log threshold
    close(below('noise-sd', -2 * end), choice.probability);
  });
});

describe('histogram of probability integral transforms', () => {
  it('counts what is a probability, 1 in the last bin', () => {
    assert.deepEqual(pitCounts([0, 0.249, 0.25, 0.9, 1, NaN, -0.1, 1.1], 4), [2, 1, 0, 2]);
  });

  it('has a band that holds 95 % of the counts of uniform values', () => {
    const [low, high] = uniformBand(10_000, 20);
    // 500 +- 1.96 sqrt(10000 / 20 * 19 / 20)
    assert.ok(Math.abs(low - 457.28) < 0.01 && Math.abs(high - 542.72) < 0.01);
    assert.equal(uniformBand(3, 20)[0], 0);
  });
});

describe('natural scales', () => {
  const frame = {
    kind: 'spatio-temporal',
    pollutants: ['pm2_5', 'o3'],
    standardisation: [
      { pollutant: 'pm2_5', statistic: 'daily-mean', meanUgM3: 20, sdUgM3: 8 },
      { pollutant: 'o3', statistic: 'daily-max-8h-mean', meanUgM3: 60, sdUgM3: 15 },
    ],
  } as unknown as Parameters<typeof hyperparameterScales>[0];

  it('name every component of theta once, with its unit', () => {
    const scales = hyperparameterScales(frame);
    assert.deepEqual(
      [...scales.map(({ index }) => index)].sort((a, b) => a - b),
      [0, 1, 2, 3, 4, 5, 6, 7, 8],
    );
    assert.deepEqual(
      scales.map(({ units }) => units),
      ['km', 'days', 'ug m-3', 'ug m-3', 'km', 'days', 'ug m-3', 'ug m-3', '1'],
    );
  });

  it('have slopes that are derivatives', () => {
    for (const { natural, slope, name } of hyperparameterScales(frame)) {
      const step = 1e-5;
      const difference = (natural(0.7 + step) - natural(0.7 - step)) / (2 * step);
      // step^2 times the third derivative, and rounding over the step
      assert.ok(Math.abs(slope(0.7) - difference) < 1e-8 * Math.max(1, Math.abs(difference)), name);
    }
  });
});
