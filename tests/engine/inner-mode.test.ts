// SPDX-License-Identifier: Apache-2.0
/** The mode of the latent variables where curvatures are tiny or huge: one variable, beside quadrature. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { EngineModel } from '../../inference-core/host-ts/contract/engine-model.js';
import { loadNativeEngine } from '../../inference-core/host-ts/addon/native.js';
import { smallModel } from '../golden/support.js';

const engine = loadNativeEngine();
const PRIOR_PRECISION = 0.25;
/** log sigma of a field that is not there. */
const NO_FIELD = -12;

type Family = 'gamma' | 'poisson' | 'binomial';

/** An intercept and nothing else. */
function interceptOnly(likelihood: Family, y: readonly number[], exposure: number): EngineModel {
  const { temporal: _, ...model } = smallModel({ side: 3, numTimeSteps: 1 });
  const count = y.length;
  return {
    ...model,
    kind: 'spatial',
    fixedEffectsPriorPrecision: PRIOR_PRECISION,
    observations: [
      {
        likelihood,
        y: Float64Array.from(y),
        timeIndex: new Int32Array(count),
        projector: {
          numRows: count,
          numColumns: 9,
          rowPointers: Int32Array.from({ length: count + 1 }, (_unused, i) => i),
          columnIndices: new Int32Array(count).fill(4),
          values: new Float64Array(count).fill(1),
        },
        covariates: new Float64Array(count).fill(1),
        numCovariates: 1,
        ...(likelihood === 'gamma' ? {} : { exposure: new Float64Array(count).fill(exposure) }),
      },
    ],
    priors: Array.from({ length: likelihood === 'gamma' ? 3 : 2 }, () => ({
      type: 'gaussian' as const,
      mean: 0,
      precision: 1,
    })),
  };
}

interface LogDensity {
  readonly value: (eta: number) => number;
  readonly slope: (eta: number) => number;
  readonly curvature: (eta: number) => number;
}

/** log p(eta | y) but for what does not hold eta. */
function logPosterior(family: Family, y: readonly number[], exposure: number, shape: number): LogDensity {
  const prior = PRIOR_PRECISION;
  const sum = (term: (value: number) => number): number => y.reduce((total, value) => total + term(value), 0);
  const chance = (eta: number): number => 1 / (1 + Math.exp(-eta));
  if (family === 'gamma') {
    return {
      value: (eta) => sum((v) => -shape * (eta + v * Math.exp(-eta))) - 0.5 * prior * eta * eta,
      slope: (eta) => sum((v) => shape * (v * Math.exp(-eta) - 1)) - prior * eta,
      curvature: (eta) => sum((v) => -shape * v * Math.exp(-eta)) - prior,
    };
  }
  if (family === 'poisson') {
    return {
      value: (eta) => sum((v) => v * eta - exposure * Math.exp(eta)) - 0.5 * prior * eta * eta,
      slope: (eta) => sum((v) => v - exposure * Math.exp(eta)) - prior * eta,
      curvature: (eta) => sum(() => -exposure * Math.exp(eta)) - prior,
    };
  }
  return {
    value: (eta) => sum((v) => v * eta - exposure * Math.log1p(Math.exp(eta))) - 0.5 * prior * eta * eta,
    slope: (eta) => sum((v) => v - exposure * chance(eta)) - prior * eta,
    curvature: (eta) => sum(() => -exposure * chance(eta) * chance(-eta)) - prior,
  };
}

/** Mode, mean and standard deviation of the intercept by Newton's method and a sum over 40 standard deviations. */
function exactly({ value, slope, curvature }: LogDensity, start: number) {
  let mode = start;
  for (let i = 0; i < 200; i += 1) mode += Math.max(-1, Math.min(1, -slope(mode) / curvature(mode)));
  const width = 1 / Math.sqrt(-curvature(mode));
  let [total, first, second] = [0, 0, 0];
  for (let k = -20_000; k <= 20_000; k += 1) {
    const shift = (k / 1000) * width;
    const weight = Math.exp(value(mode + shift) - value(mode));
    total += weight;
    first += weight * shift;
    second += weight * shift * shift;
  }
  const mean = first / total;
  return { mode, mean: mode + mean, sd: Math.sqrt(second / total - mean * mean), width };
}

/** What the normal density nearest to a posterior as skewed as that of three counts leaves, in standard deviations. */
const FEW_COUNTS = 0.12;
const MEAN_TOLERANCE = 0.06;

const cases: readonly (readonly [string, Family, readonly number[], number, number, number?])[] = [
  ['gamma of a tiny shape', 'gamma', [1e-9, 1, 3], 1, -6],
  ['gamma of shape one, near zero', 'gamma', [1e-12, 1e-9, 2], 1, 0],
  ['gamma of values next to nothing', 'gamma', [1e-300, 1e-200], 1, -3],
  ['gamma of a huge shape', 'gamma', [0.9, 1, 1.2], 1, 12],
  ['counts of ten million', 'poisson', [1e7, 1.0001e7, 9.999e6], 1e4, 0],
  ['counts of zero where many were expected', 'poisson', [0, 0, 0], 1e6, 0],
  ['one count where hardly any was expected', 'poisson', [3], 1e-6, 0, FEW_COUNTS],
  ['no success in a million trials', 'binomial', [0], 1e6, 0],
];

describe('the mode of the latent variables', () => {
  for (const [name, family, y, exposure, logShape, tolerance = MEAN_TOLERANCE] of cases) {
    it(`is found for ${name}; mean and spread are those of quadrature`, async () => {
      const model = interceptOnly(family, y, exposure);
      const theta = [1, NO_FIELD, ...(family === 'gamma' ? [logShape] : [])];
      const total = y.reduce((sum, value) => sum + value, 0) / y.length;
      const start = family === 'binomial' ? -5 : Math.log(Math.max(total, 0.5) / exposure);
      const exact = exactly(logPosterior(family, y, exposure, Math.exp(logShape)), start);
      const found = await engine.evaluate(model, theta, { gradient: true, latent: true });
      assert.ok(found.gradient?.every(Number.isFinite), 'gradient');
      const mode = found.fixedEffectMeans[0] ?? NaN;
      assert.ok(Math.abs(mode - exact.mode) < 1e-4 * exact.width + 1e-7, `mode ${mode}, not ${exact.mode}`);
      const integrated = await engine.integrate(model, theta, new Float64Array(theta.length ** 2), {
        strategy: 'empirical-bayes',
      }).promise;
      const { mean, sd } = integrated.fixedEffects[0] ?? { mean: NaN, sd: NaN };
      assert.ok(Math.abs(mean - exact.mean) < tolerance * exact.sd, `mean ${mean}, not ${exact.mean} (sd ${exact.sd})`);
      assert.ok(Math.abs(sd / exact.sd - 1) < 0.15, `sd ${sd}, not ${exact.sd}`);
    });
  }
});
