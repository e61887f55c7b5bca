// SPDX-License-Identifier: Apache-2.0
/** What a change of units, of the mean, of successes to failures or of one observation to two must not change. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { float64At } from '../../common/entry.js';
import type {
  EngineModel,
  Likelihood,
  ObservationGroup,
  ThetaPrior,
} from '../../inference-core/host-ts/contract/engine-model.js';
import { loadNativeEngine } from '../../inference-core/host-ts/addon/native.js';
import { smallModel, uniformNumbers } from '../golden/support.js';

const engine = loadNativeEngine();
const SIDE = 4;
const NUM_NODES = SIDE * SIDE;
const NODES = Array.from({ length: NUM_NODES }, (_, node) => node);

/** Each of `y` at the node of its index, round and round. */
function spatial(
  likelihood: Likelihood,
  y: readonly number[],
  priors: readonly ThetaPrior[],
  options: { fixedPrecision?: number; exposure?: readonly number[] } = {},
): EngineModel {
  const { temporal: _, ...model } = smallModel({ side: SIDE, numTimeSteps: 1 });
  const count = y.length;
  const group: ObservationGroup = {
    likelihood,
    y: Float64Array.from(y),
    timeIndex: new Int32Array(count),
    projector: {
      numRows: count,
      numColumns: NUM_NODES,
      rowPointers: Int32Array.from({ length: count + 1 }, (_unused, i) => i),
      columnIndices: Int32Array.from({ length: count }, (_unused, i) => i % NUM_NODES),
      values: new Float64Array(count).fill(1),
    },
    covariates: new Float64Array(count).fill(1),
    numCovariates: 1,
    ...(options.exposure === undefined ? {} : { exposure: Float64Array.from(options.exposure) }),
  };
  const fixedEffectsPriorPrecision = options.fixedPrecision ?? 0.001;
  return { ...model, kind: 'spatial', observations: [group], priors, fixedEffectsPriorPrecision };
}

const normal = (mean: number): ThetaPrior => ({ type: 'gaussian', mean, precision: 1 });

function near(found: readonly number[], expected: readonly number[], tolerance: number, what: string): void {
  expected.forEach((value, i) => {
    const error = Math.abs((found[i] ?? NaN) - value);
    assert.ok(error <= tolerance * (1 + Math.abs(value)), `${what}, entry ${i}: ${found[i]}, not ${value}`);
  });
}

/** A wave with one outlier. */
function outlying(scale: number, shift: number): number[] {
  const uniform = uniformNumbers(5);
  return NODES.map((node) => scale * (shift + Math.sin(node) + 0.6 * (uniform() - 0.5) + (node === 7 ? 6 : 0)));
}

/** Heavy tails in units of 1/scale; evaluated, in the units of one. */
async function heavyTails(scale: number, shift: number, fixedPrecision = 0.001) {
  const log = Math.log(scale);
  const theta = [1, log, 2 - 2 * log, 1];
  const model = spatial('student-t', outlying(scale, shift), theta.map(normal), {
    fixedPrecision: fixedPrecision / scale ** 2,
  });
  const found = await engine.evaluate(model, theta, { gradient: true, latent: true });
  assert.ok(found.gradient && found.marginalVariances);
  return {
    model,
    theta,
    values: [
      found.logMarginalLikelihood + NUM_NODES * log,
      ...found.gradient,
      float64At(found.marginalVariances, 7) / scale ** 2,
    ],
    mean: (found.fixedEffectMeans[0] ?? NaN) / scale - shift,
  };
}

describe('heavy tails', () => {
  it('are the same in any units, from 1e-12 to 1e12', async () => {
    const expected = await heavyTails(1, 2);
    for (const scale of [1e-12, 1e-9, 1e-6, 1e6, 1e9, 1e12]) {
      const found = await heavyTails(scale, 2);
      near([...found.values, found.mean], [...expected.values, expected.mean], 1e-5, `units of ${scale}`);
    }
  });

  it('end a fit at the same theta in any units', async () => {
    const fitted = async (scale: number): Promise<number[]> => {
      const { model, theta } = await heavyTails(scale, 2);
      const { theta: found, converged } = await engine.fit(model, { initialTheta: theta }, undefined, () => undefined)
        .promise;
      assert.ok(converged);
      return theta.map((start, i) => float64At(found, i) - start);
    };
    const expected = await fitted(1);
    for (const scale of [1e-12, 1e-6, 1e9, 1e12]) near(await fitted(scale), expected, 1e-3, `units of ${scale}`);
  });

  it('are the same around any mean', async () => {
    const expected = await heavyTails(1, 0, 1e-22);
    for (const shift of [300, 1e5, 1e7, 1e9]) {
      near((await heavyTails(1, shift, 1e-22)).values, expected.values, 1e-4, `mean ${shift}`);
    }
  });
});

describe('trials', () => {
  for (const trials of [1, 1e6, 1e9, 1e12, 1e15]) {
    it(`${trials}: failures are the successes of the other sign`, async () => {
      for (const y of [
        NODES.map(() => 0),
        NODES.map((node) => node % 2),
        NODES.map((node) => Math.round(trials * (0.2 + 0.02 * node))),
      ]) {
        const evaluated = async (counts: readonly number[], sign: number): Promise<number[]> => {
          const model = spatial('binomial', counts, [normal(1), normal(0)], {
            fixedPrecision: 0.1,
            exposure: counts.map(() => trials),
          });
          const found = await engine.evaluate(model, [1, 0], { gradient: true, latent: true });
          assert.ok(found.gradient && found.latentMean && found.marginalVariances);
          const means = Array.from(found.latentMean, (mean) => sign * mean);
          return [found.logMarginalLikelihood, ...found.gradient, ...means, ...found.marginalVariances];
        };
        const successes = y.map((count) => trials - count);
        near(await evaluated(successes, -1), await evaluated(y, 1), 1e-5, 'mirrored');
      }
    });
  }
});

/** log of the probability of k of n trials with the chance 2/3, by Stirling's series and without large differences. */
function logShare(n: number, k: number): number {
  const rest = (x: number): number => 1 / (12 * x) - 1 / (360 * x ** 3) + 0.5 * Math.log(2 * Math.PI * x);
  const excess = (2 / 3) * n - k;
  return k * Math.log1p(excess / k) + (n - k) * Math.log1p(-excess / (n - k)) + rest(n) - rest(k) - rest(n - k);
}

describe('counts', () => {
  for (const rate of [1e3, 1e7, 1e10, 1e12]) {
    it(`of ${rate}: two are their sum, but for the ways to part it`, async () => {
      const first = NODES.map((node) => Math.round(rate * (1 + 0.1 * Math.sin(node))));
      const second = NODES.map((node) => Math.round(0.5 * rate * (1 + 0.1 * Math.sin(node))));
      const evaluated = async (y: readonly number[], exposure: readonly number[]) => {
        const found = await engine.evaluate(spatial('poisson', y, [normal(1), normal(0)], { exposure }), [1, 0]);
        return found.logMarginalLikelihood;
      };
      const both = await evaluated(
        first.map((count, i) => count + (second[i] ?? NaN)),
        NODES.map(() => 1.5),
      );
      const apart = await evaluated([...first, ...second], [...NODES.map(() => 1), ...NODES.map(() => 0.5)]);
      const parting = first.reduce((sum, count, i) => sum + logShare(count + (second[i] ?? NaN), count), 0);
      near([apart], [both + parting], 1e-7, 'log marginal likelihood');
    });
  }
});
