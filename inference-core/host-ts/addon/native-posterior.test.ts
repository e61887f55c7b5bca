// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { isTramontanaError } from '../../../common/errors.js';
import type { EngineModel } from '../contract/engine-model.js';
import { addonPath, loadNativeEngine } from './native.js';
import { csrFromRows, smallModel, theta } from '../../../tests/engine/chain-model.js';

const skip = existsSync(addonPath()) ? false : 'the native engine is not built; run `npm run setup`';

test('theta integrated out: weights, marginals, criteria and predictions belong together', { skip }, async () => {
  const engine = loadNativeEngine();
  const model = smallModel();
  const fit = await engine.fit(model, { initialTheta: theta }, undefined, () => undefined).promise;
  assert.ok(fit.thetaCovariance);
  const composite = { strategy: 'central-composite' } as const;
  const design = await engine.integrate(model, fit.theta, fit.thetaCovariance, composite).promise;
  assert.equal(design.strategy, 'central-composite');
  assert.equal(design.points.length, 25);
  const result = await engine.integrate(model, fit.theta, fit.thetaCovariance).promise;
  assert.equal(result.strategy, 'lattice');
  assert.ok(result.points.length > 100, `${result.points.length} points`);
  assert.ok(Math.abs(result.points.reduce((sum, point) => sum + point.weight, 0) - 1) < 1e-12);
  assert.deepEqual(
    result.theta.map((marginal) => marginal.naturalName),
    ['range_s', 'range_t', 'sigma', 'noise_precision'],
  );
  for (const { natural } of result.theta) {
    assert.equal(natural.grid.length, natural.density.length);
    const [low = NaN, median = NaN, high = NaN] = natural.quantiles;
    assert.ok(0 < low && low < median && median < high);
  }
  assert.equal(result.latent?.mean.length, 5 * 6 + 1);
  assert.ok(result.criteria);
  assert.equal(result.criteria.groups[0]?.pit.length, model.observations[0]?.y.length);
  assert.ok(
    Math.abs(result.criteria.dic - result.criteria.meanDeviance - result.criteria.dicEffectiveParameters) < 1e-9,
  );

  const atMode = await engine.integrate(model, fit.theta, fit.thetaCovariance, {
    strategy: 'empirical-bayes',
    criteria: false,
  }).promise;
  const expected = await engine.evaluate(model, fit.theta, { latent: true });
  atMode.latent?.sd.forEach((sd, i) => {
    assert.ok(Math.abs(sd ** 2 / (expected.marginalVariances?.[i] ?? NaN) - 1) < 1e-10);
  });
  assert.equal(atMode.criteria, undefined);
});

test('an integration can be interrupted, and names a covariance that is not one', { skip }, async () => {
  const engine = loadNativeEngine();
  const model = smallModel();
  const identity = Float64Array.from({ length: 16 }, (_, i) => (i % 5 === 0 ? 1e-4 : 0));
  // long enough that the interruption, which comes from this thread, cannot come too late
  const running = engine.integrate(smallModel(4000), theta, identity);
  running.interrupt();
  await assert.rejects(running.promise, (error) => isTramontanaError(error, 'Engine.Interrupted'));
  await assert.rejects(engine.integrate(model, theta, identity.subarray(1)).promise, (error) =>
    isTramontanaError(error, 'Engine.InvalidModel'),
  );
});

test('counts, random effects and several groups a process reach the engine', { skip }, async () => {
  const engine = loadNativeEngine();
  const model = smallModel();
  const [group] = model.observations;
  assert.ok(group);
  const levels = Int32Array.from(group.y, (_, index) => index % 3);
  const counts = { ...group, likelihood: 'poisson', y: group.y.map((y) => Math.round(Math.exp(y) / 3)) } as const;
  const joint: EngineModel = {
    ...model,
    observations: [
      { ...counts, process: 0, effectLevels: [levels] },
      { ...group, process: 0, effectLevels: [levels] },
    ],
    randomEffects: [{ process: 0, numLevels: 3, structure: 'cyclic-walk' }],
    priors: Array.from({ length: 5 }, () => ({ type: 'gaussian', mean: 0, precision: 0.5 }) as const),
  };
  assert.deepEqual(engine.thetaNames(joint), [
    'log_range_s',
    'log_range_t',
    'log_sigma',
    'log_noise_precision_group_1',
    'log_effect_precision_0',
  ]);
  const theta = [0.5, 0.6, -0.3, 2, 1];
  const found = await engine.evaluate(joint, theta, { gradient: true });
  assert.equal(found.gradient?.length, 5);
  const step = 1e-5;
  for (const index of theta.keys()) {
    const at = async (shift: number): Promise<number> =>
      (await engine.evaluate(joint, theta.with(index, (theta[index] ?? 0) + shift))).objective;
    const difference = ((await at(step)) - (await at(-step))) / (2 * step);
    // rounding of f over the step
    assert.ok(Math.abs((found.gradient[index] ?? NaN) - difference) < 1e-5);
  }
  await assert.rejects(
    engine.evaluate({ ...joint, observations: [{ ...counts, y: group.y }] }, theta),
    (error) =>
      isTramontanaError(error, 'Engine.InvalidModel') && /observations\[0\]\.y must be counts/u.test(error.message),
  );
});

test('predictors are carried back to the scale of the response', { skip }, () => {
  const engine = loadNativeEngine();
  const summary = engine.summariseResponse('exp', Float64Array.of(1), Float64Array.of(0.25), [0.5]);
  assert.ok(Math.abs((summary.mean[0] ?? 0) - Math.exp(1.125)) < 1e-14);
  assert.ok(Math.abs((summary.quantiles[0] ?? 0) - Math.E) < 1e-14);
  assert.throws(
    () => engine.summariseResponse('exp', Float64Array.of(1), Float64Array.of(-1), [0.5]),
    (error) => isTramontanaError(error, 'Engine.InvalidModel'),
  );
});

test('samples of predictors scatter around their prediction', { skip }, async () => {
  const engine = loadNativeEngine();
  const model = smallModel();
  const design = {
    process: 0,
    timeIndices: Int32Array.of(1, 4),
    projector: csrFromRows(
      [
        [[2, 1]],
        [
          [3, 0.5],
          [4, 0.5],
        ],
      ],
      6,
    ),
    covariates: Float64Array.of(1, 1),
  };
  const [expected] = await engine.predict(model, theta, [design]);
  const numSamples = 400;
  const points = [{ theta, weight: 1 }];
  const samples = await engine.samplePosterior(model, points, { numSamples, seed: 3, predictions: [design] }).promise;
  assert.equal(samples.points.length, numSamples);
  assert.equal(samples.latent, undefined);
  const [values] = samples.predictions;
  assert.ok(expected && values);
  for (let i = 0; i < 4; i += 1) {
    let mean = 0;
    for (let s = 0; s < numSamples; s += 1) mean += (values[s * 4 + i] ?? NaN) / numSamples;
    // five standard errors
    const error = Math.sqrt((expected.variance[i] ?? NaN) / numSamples);
    assert.ok(Math.abs(mean - (expected.mean[i] ?? NaN)) < 5 * error);
  }
  const again = await engine.samplePosterior(model, points, { numSamples, seed: 3, predictions: [design] }).promise;
  assert.deepEqual(again.predictions, samples.predictions);
});

test('single observations left out agree with CPO at the mode', { skip }, async () => {
  const engine = loadNativeEngine();
  const model = smallModel();
  const count = model.observations[0]?.y.length ?? 0;
  const covariance = Float64Array.from({ length: 16 }, (_, i) => (i % 5 === 0 ? 1e-4 : 0));
  const atMode = await engine.integrate(model, theta, covariance, { strategy: 'empirical-bayes' }).promise;
  const folds = [Int32Array.from({ length: count }, (_, i) => (i < 3 ? i : -1))];
  const found = await engine.leaveGroupsOut(model, theta, folds).promise;
  for (let i = 0; i < 3; i += 1) {
    const logCpo = atMode.criteria?.groups[0]?.logCpo[i] ?? NaN;
    // differences of evidences of size 100
    assert.ok(Math.abs((found.foldLogDensity[i] ?? NaN) - logCpo) < 1e-9);
    assert.ok(Math.abs((found.groups[0]?.logDensity[i] ?? NaN) - logCpo) < 1e-9);
  }
  assert.ok(Number.isNaN(found.groups[0]?.pit[5]));
});
