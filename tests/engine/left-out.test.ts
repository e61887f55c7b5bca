// SPDX-License-Identifier: Apache-2.0
/** Leaving out one observation with hardly any noise, which no posterior variance in double precision tells. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { float64At } from '../../common/entry.js';
import { isTramontanaError } from '../../common/errors.js';
import type { EngineModel, ObservationGroup } from '../../inference-core/host-ts/contract/engine-model.js';
import { loadNativeEngine } from '../../inference-core/host-ts/addon/native.js';
import { smallModel } from '../golden/support.js';
import { denseKriging } from './dense-kriging.js';

const engine = loadNativeEngine();

/** A field of one step on 25 nodes, seen at the first 20 of them. */
function spatial(logPrecision: number, scale = 1): { model: EngineModel; group: ObservationGroup } {
  const { temporal: _, ...model } = smallModel({ side: 5, numTimeSteps: 1 });
  const [all] = model.observations;
  assert.ok(all);
  const count = 20;
  const group: ObservationGroup = {
    y: all.y.slice(0, count).map((y) => scale * y),
    timeIndex: new Int32Array(count),
    projector: {
      ...all.projector,
      numRows: count,
      rowPointers: all.projector.rowPointers.slice(0, count + 1),
      columnIndices: all.projector.columnIndices.slice(0, count),
      values: all.projector.values.slice(0, count),
    },
    covariates: all.covariates.slice(0, count),
    numCovariates: 1,
  };
  const priors = [0, Math.log(scale)].map((mean) => ({ type: 'gaussian', mean, precision: 1 }) as const);
  return {
    model: {
      ...model,
      kind: 'spatial',
      observations: [group],
      priors: [...priors, { type: 'fixed', value: logPrecision }],
    },
    group,
  };
}

function without(model: EngineModel, group: ObservationGroup, index: number): EngineModel {
  const kept = Array.from(group.y.keys()).filter((i) => i !== index);
  const rest: ObservationGroup = {
    ...group,
    y: Float64Array.from(kept, (i) => float64At(group.y, i)),
    timeIndex: new Int32Array(kept.length),
    projector: {
      ...group.projector,
      numRows: kept.length,
      rowPointers: Int32Array.from({ length: kept.length + 1 }, (_, i) => i),
      columnIndices: Int32Array.from(kept),
      values: new Float64Array(kept.length).fill(1),
    },
    covariates: new Float64Array(kept.length).fill(1),
  };
  return { ...model, observations: [rest] };
}

describe('leaving out an observation that says more than all others', () => {
  it('is the same for heavy tails as light as normal ones as for a Gaussian', async () => {
    for (const precision of [0, 2, 4, 6, 8, 12]) {
      const { model, group } = spatial(precision);
      const theta = [1, 0, precision];
      const light: EngineModel = {
        ...model,
        observations: [{ ...group, likelihood: 'student-t' }],
        priors: [...model.priors, { type: 'gaussian', mean: 18, precision: 1 }],
      };
      const integrated = async (of: EngineModel, at: readonly number[]) => {
        const { criteria } = await engine.integrate(of, at, new Float64Array(at.length ** 2), {
          strategy: 'empirical-bayes',
        }).promise;
        const [own] = criteria?.groups ?? [];
        const folds = [Int32Array.from(group.y.keys())];
        const [left] = (await engine.leaveGroupsOut(of, at, folds).promise).groups;
        assert.ok(own && left);
        return [...own.logCpo, ...own.pit, ...left.logDensity, ...left.pit];
      };
      const found = await integrated(light, [...theta, 18]);
      (await integrated(model, theta)).forEach((exact, i) => {
        const error = Math.abs((found[i] ?? NaN) - exact);
        assert.ok(error < 1e-4 * (1 + Math.abs(exact)), `e^${precision}, entry ${i}: ${found[i]}, not ${exact}`);
      });
    }
  });

  it('is a sum over fine steps for counts of any size', async () => {
    for (const rate of [10, 100, 1e4, 1e6]) {
      const { model, group } = spatial(0);
      const y = group.y.map((value) => Math.round(rate * Math.exp(0.3 * value)));
      const counts = {
        ...model,
        observations: [{ ...group, y, likelihood: 'poisson' as const }],
        priors: model.priors.slice(0, 2),
      };
      const [left] = (await engine.leaveGroupsOut(counts, [1, 0], [Int32Array.from(y.keys())]).promise).groups;
      const { criteria } = await engine.integrate(counts, [1, 0], new Float64Array(4), { strategy: 'empirical-bayes' })
        .promise;
      const [own] = criteria?.groups ?? [];
      assert.ok(left && own);
      y.forEach((count, i) => {
        const [mean, sd] = [float64At(left.mean, i), float64At(left.sd, i)];
        const width = 1 / Math.sqrt(count);
        const rest = 1 / (12 * count) - 1 / (360 * count ** 3) + 0.5 * Math.log(2 * Math.PI * count);
        let density = 0;
        const step = width / 100;
        for (let k = -4000; k <= 4000; k += 1) {
          // y eta - e^eta - log y! by what eta is above log y.
          const above = k * step;
          const z = (Math.log(count) + above - mean) / sd;
          density += step * Math.exp(-count * (Math.expm1(above) - above) - rest - 0.5 * z * z);
        }
        const exact = Math.log(density / (sd * Math.sqrt(2 * Math.PI)));
        for (const found of [float64At(left.logDensity, i), float64At(own.logCpo, i)]) {
          assert.ok(Math.abs(found - exact) < 5e-3, `rate ${rate}, observation ${i}: ${found}, not ${exact}`);
        }
      });
    }
  });
});

describe('leaving one out with hardly any noise', () => {
  for (const precision of [10, 17, 20, 24, 30]) {
    it(`e^${precision}: criteria of an integration are those of kriging without the observation`, async () => {
      for (const scale of [1, 1e6]) {
        const { model, group } = spatial(precision, scale);
        const theta = [1, Math.log(scale), precision];
        const { criteria } = await engine.integrate(model, theta, new Float64Array(9), { strategy: 'empirical-bayes' })
          .promise;
        const [own] = criteria?.groups ?? [];
        const [left] = (await engine.leaveGroupsOut(model, theta, [Int32Array.from(group.y.keys())]).promise).groups;
        assert.ok(criteria && own && left);
        const whole = denseKriging(model, theta).logMarginalLikelihood;
        for (const i of group.y.keys()) {
          const exact = whole - denseKriging(without(model, group, i), theta).logMarginalLikelihood;
          const found = float64At(own.logCpo, i);
          assert.ok(Math.abs(found - exact) < 1e-4 * (1 + Math.abs(exact)), `log CPO ${i}: ${found}, not ${exact}`);
          const share = float64At(left.pit, i);
          assert.ok(Math.abs(float64At(own.pit, i) - share) < 1e-5, `PIT ${i}: ${own.pit[i]}, not ${share}`);
        }
        assert.ok(Number.isFinite(criteria.logScore));
      }
    });
  }

  it('is right or refused by name in space and time', async () => {
    const base = smallModel();
    const [group] = base.observations;
    assert.ok(group);
    for (const precision of [10, 12, 14, 15, 16, 18, 22]) {
      const model: EngineModel = { ...base, priors: [...base.priors.slice(0, 3), { type: 'fixed', value: precision }] };
      const theta = [1, 1, 0, precision];
      try {
        const { criteria } = await engine.integrate(model, theta, new Float64Array(16), { strategy: 'empirical-bayes' })
          .promise;
        const [left] = (await engine.leaveGroupsOut(model, theta, [Int32Array.from(group.y.keys())]).promise).groups;
        const [own] = criteria?.groups ?? [];
        assert.ok(own && left);
        own.logCpo.forEach((value, i) => {
          const exact = float64At(left.logDensity, i);
          assert.ok(Math.abs(value - exact) < 0.1 * (1 + Math.abs(exact)), `e^${precision}: ${value}, not ${exact}`);
        });
      } catch (error) {
        if (!isTramontanaError(error, 'Engine.NotPositiveDefinite')) throw error;
        assert.match(error.message, /noise/u);
      }
    }
  });
});
