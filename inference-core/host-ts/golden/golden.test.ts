// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { isTramontanaError } from '../../../common/errors.js';
import { fakeEngine } from '../../../tests/engine/fake-engine.js';
import { COREGIONAL_A, npy, writeCase, type Entry } from '../../../tests/golden/made-up-case.js';
import { temporaryFolder } from '../../../tests/golden/support.js';
import { readGoldenCase } from './golden-case.js';
import { buildGoldenModel } from './golden-model.js';
import { evaluateGolden } from './golden.js';
import type { EngineModel } from '../contract/engine-model.js';
import type { NativeFitResult } from '../contract/fit.js';
import type { Evaluation, NativeEngine } from '../contract/native-engine.js';
import { NpzFile } from '../codec/npz.js';

async function modelOf(folder: string): Promise<EngineModel> {
  return buildGoldenModel(await readGoldenCase(folder), await NpzFile.open(join(folder, 'inputs.npz')));
}

/** Answers with the reference plus the given errors. */
function engineWith(errors: {
  objective?: number;
  gradient?: number;
  mean?: number;
  variance?: number;
  optimum?: number;
}): NativeEngine {
  const { objective = 0, gradient = 0, mean = 0, variance = 0, optimum = 0 } = errors;
  return fakeEngine({
    spectralBasis: () => Promise.resolve({ eigenvalues: new Float64Array(2), eigenvectors: new Float64Array(4) }),
    evaluate: (_model, theta) => {
      const isOptimum = theta[0] === 0;
      return Promise.resolve({
        objective: (isOptimum ? 3 : 10) + objective,
        gradient: Float64Array.of(4 + gradient, -8),
        latentMean: Float64Array.of(2, -4 + mean),
        marginalVariances: Float64Array.of(1 + variance, 100),
      } as Partial<Evaluation> as Evaluation);
    },
    fit: () => ({
      promise: Promise.resolve({
        objective: 3 + optimum,
        evaluations: 9,
        stopReason: 'gradient',
      } as Partial<NativeFitResult> as NativeFitResult),
      interrupt: () => assert.fail('a golden case interrupts nothing'),
    }),
  });
}

describe('the model of a golden case', () => {
  it('has the joint observation matrix taken apart', async (context) => {
    const model = await modelOf(await writeCase(await temporaryFolder(context)));
    assert.deepEqual(model.c0, Float64Array.of(0.5, 0.5));
    assert.deepEqual(model.g1.values, Float64Array.of(1, -1, -1, 1), 'one triangle is mirrored, zeros are dropped');
    assert.deepEqual(model.temporal, {
      m0: Float64Array.of(0.5, 1, 0.5),
      m1: Float64Array.of(0.5, 0, 0.5),
      m2Diagonal: Float64Array.of(1, 2, 1),
      m2OffDiagonal: Float64Array.of(-1, -1),
    });
    assert.deepEqual(model.observations, [
      {
        likelihood: 'gaussian',
        y: Float64Array.of(1, 2),
        timeIndex: Int32Array.of(0, 2),
        projector: {
          numRows: 2,
          numColumns: 2,
          rowPointers: Int32Array.of(0, 1, 3),
          columnIndices: Int32Array.of(1, 0, 1),
          values: Float64Array.of(1, 0.25, 0.75),
        },
        covariates: Float64Array.of(1, 1),
        numCovariates: 1,
      },
      {
        likelihood: 'gaussian',
        y: Float64Array.of(3, 4),
        timeIndex: Int32Array.of(1, 0),
        projector: {
          numRows: 2,
          numColumns: 2,
          rowPointers: Int32Array.of(0, 1, 1),
          columnIndices: Int32Array.of(0),
          values: Float64Array.of(1),
        },
        covariates: Float64Array.of(1, -2, 1, 7),
        numCovariates: 2,
      },
    ]);
    assert.equal(model.fixedEffectsPriorPrecision, 0.01);
    // rate -log(alpha) sqrt(u) of the temporal range
    assert.deepEqual(model.priors[1], {
      type: 'penalized-complexity',
      kind: 'temporal-range',
      lambda: -Math.log(0.01) * 2,
    });
  });

  it('truncates the series of the sphere as the peers do, unless the case says otherwise', async (context) => {
    const folder = await temporaryFolder(context);
    const termsOf = async (caseJson: Record<string, unknown>): Promise<number | undefined> =>
      (await modelOf(await writeCase(folder, { caseJson: { manifold: 'sphere', ...caseJson } }))).sphereSeriesTerms;
    assert.equal(await termsOf({}), 50);
    assert.equal(await termsOf({ sphere_series_terms: 80 }), 80);
    assert.equal(await termsOf({ sphere_series_terms: null }), undefined);
  });

  it('reads the INLA_DIST layout: priors as formulas, theta in the order of its key', async (context) => {
    const folder = await temporaryFolder(context);
    await writeCase(folder, {
      a: [
        [0, 1, 1],
        [0, 6, 1],
        [1, 0, 1],
        [1, 6, 1],
        [2, 2, 1],
        [3, 5, 1],
      ],
      caseJson: {
        kind: undefined,
        n_models: undefined,
        obs_per_model: undefined,
        priors: {
          range_s: 'log(l)-l*exp(-t)-t, l=0.098',
          range_t: 'log(l)-l*exp(-t/2)+log(.5)-t/2, l=0.7',
          sigma: 'log(l)-l*exp(t)+t, l=0.7/3',
          prec_obs: 'the same, l = 1e-1',
        },
        evaluations: [{ theta_prec_rs_rt_sigma: [4, 1, 2, 3], f_dense: 10, f_without_fixed_effect_logdet: 3 }],
        optimum: { theta: [1, 2, 3, 4], f_dense: 9 },
      },
    });
    const golden = await readGoldenCase(folder);
    assert.equal(golden.kind, 'inladist');
    assert.deepEqual(golden.evaluations[0], {
      theta: [1, 2, 3, 4],
      objective: 10,
      gradient: undefined,
      hessian: undefined,
      outputSuffix: '0',
    });
    assert.deepEqual(
      golden.priors.map((prior) => (prior.type === 'penalized-complexity' ? [prior.kind, prior.lambda] : prior)),
      [
        ['spatial-range', 0.098],
        ['temporal-range', 0.7],
        ['sigma', 0.7 / 3],
        ['noise-precision-compat', 0.1],
      ],
    );
  });
});

describe('the comparison with a golden case', () => {
  it('passes for an engine that agrees, and reports each deviation', async (context) => {
    const folder = await writeCase(await temporaryFolder(context));
    const report = await evaluateGolden(folder, engineWith({ objective: 1e-10, optimum: -1e-10 }));
    assert.equal(report.status, 'passed');
    assert.equal(report.passed, true);
    assert.deepEqual(report.fit, { objective: 3 - 1e-10, evaluations: 9, stopReason: 'gradient' });
    // rounding of 10 + 1e-10
    assert.ok(Math.abs((report.deviations?.objective ?? 0) - 1e-10) < 1e-14);
  });

  const faults: [string, Parameters<typeof engineWith>[0]][] = [
    ['objective', { objective: 2e-9 }],
    ['gradientRelative', { gradient: 8 * 2e-8 }],
    ['latentMeanRelative', { mean: 4 * 2e-9 }],
    // relative to the element, not to the largest variance
    ['marginalVarianceRelative', { variance: 2e-9 }],
    ['optimumObjective', { optimum: 2e-9 }],
    ['objective', { objective: NaN }],
    ['marginalVarianceRelative', { variance: NaN }],
  ];
  for (const [quantity, errors] of faults) {
    it(`fails for ${JSON.stringify(errors)}, naming ${quantity}`, async (context) => {
      const report = await evaluateGolden(await writeCase(await temporaryFolder(context)), engineWith(errors));
      assert.equal(report.status, 'failed');
      assert.equal(report.passed, false);
      assert.match(report.reason ?? '', new RegExp(`^${quantity} `, 'u'));
    });
  }

  it('fails for arrays of another length', async (context) => {
    const folder = await writeCase(await temporaryFolder(context), { outputs: { 'x_0.npy': npy([2, -4, 1]) } });
    assert.match((await evaluateGolden(folder, engineWith({}))).reason ?? '', /^latentMeanRelative NaN/u);
  });

  it('calls a case unsupported that is sound but that the engine cannot do', async (context) => {
    const folder = await temporaryFolder(context);
    const reasonOf = async (
      ...overrides: Parameters<typeof writeCase> extends [string, ...infer Rest] ? Rest : never
    ): Promise<string> => {
      const report = await evaluateGolden(await writeCase(folder, ...overrides), engineWith({}));
      assert.equal(report.status, 'unsupported');
      assert.equal(report.passed, false);
      return report.reason ?? '';
    };
    const twoTimes: Entry[] = [...COREGIONAL_A, [0, 5, 1]];
    assert.match(await reasonOf({ a: twoTimes }), /observation 0 of pollutant 0/u);
    const sharedEffect: Entry[] = [...COREGIONAL_A, [2, 12, 1]];
    assert.match(await reasonOf({ a: sharedEffect }), /fixed effect 0 acts on pollutants/u);
  });

  it('explains what a case is when it gets something else', async (context) => {
    const folder = await temporaryFolder(context);
    const refused = async (path: string, text: RegExp): Promise<void> =>
      assert.rejects(
        evaluateGolden(path, engineWith({})),
        (error) => isTramontanaError(error) && text.test(error.message),
      );
    await refused(join(folder, 'nowhere'), /case\.json, inputs\.npz and outputs\.npz; there is no such folder/u);
    await refused(folder, /case\.json: ENOENT/u);
    await writeCase(folder);
    await refused(join(folder, 'case.json'), /this is a file/u);
    await writeFile(join(folder, 'inputs.npz'), 'broken');
    await refused(folder, /inputs\.npz: expected an \.npz archive/u);
    await writeCase(folder, { caseJson: { n_s: 'many' } });
    await refused(folder, /n_s/u);
    await writeCase(folder, { caseJson: { n_s: 3 } });
    await refused(folder, /expected shape \(3, 3\), got \(2, 2\)/u);
  });
});
