// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { isTramontanaError } from '../../../common/errors.js';
import type { EngineModel } from '../contract/engine-model.js';
import type { OptimizerState } from '../contract/fit.js';
import { addonPath, loadNativeEngine } from './native.js';
import { csrFromRows, smallModel, theta } from '../../../tests/engine/chain-model.js';

const skip = existsSync(addonPath()) ? false : 'the native engine is not built; run `npm run setup`';

test('gradient agrees with central differences of the objective', { skip }, async () => {
  const engine = loadNativeEngine();
  const model = smallModel();
  const { gradient } = await engine.evaluate(model, theta, { gradient: true });
  assert.ok(gradient);
  for (const [i, value] of theta.entries()) {
    const step = 1e-4;
    const above = await engine.evaluate(model, theta.with(i, value + step));
    const below = await engine.evaluate(model, theta.with(i, value - step));
    const difference = (above.objective - below.objective) / (2 * step);
    // step^2 times the third derivative, and rounding of the objective over the step.
    assert.ok(Math.abs((gradient[i] ?? NaN) - difference) < 1e-5 * (1 + Math.abs(difference)), `component ${i}`);
  }
});

test('spectral basis given or computed, spectral or nodal recursion: one answer', { skip }, async () => {
  const engine = loadNativeEngine();
  const model = smallModel();
  const spectralBasis = await engine.spectralBasis(model.c0, model.g1);
  const expected = await engine.evaluate(model, theta, { latent: true });
  for (const [other, coordinates] of [
    [{ ...model, spectralBasis }, 'spectral'],
    [model, 'nodal'],
  ] as const) {
    const found = await engine.evaluate(other, theta, { latent: true, coordinates });
    assert.ok(Math.abs(found.objective - expected.objective) < 1e-10);
    found.marginalVariances?.forEach((variance, i) => {
      assert.ok(Math.abs(variance / (expected.marginalVariances?.[i] ?? NaN) - 1) < 1e-10);
    });
  }
});

test(
  'without data, variances are 4/3 at the ends of a discretised field, and stationary for an exact one',
  { skip },
  async () => {
    const engine = loadNativeEngine();
    const numSteps = 121;
    const { temporal, ...model } = smallModel(numSteps);
    assert.ok(temporal);
    const [group] = model.observations;
    assert.ok(group);
    const observations = [{ ...group, weights: new Float64Array(group.y.length).fill(1e-14) }];
    // g^2 = 8 and eigenvalues up to 4: the slowest mode forgets in 20 steps, the fastest in 13; steps are short against both.
    const rangeDays = 40;
    const longTheta = [0, Math.log(rangeDays), 0, 0];
    const varianceAt = async (other: EngineModel): Promise<(step: number) => number> => {
      const { marginalVariances } = await engine.evaluate(other, longTheta, { latent: true });
      return (step) => marginalVariances?.[step * 6 + 2] ?? NaN;
    };
    const discretised = await varianceAt({ ...model, temporal, observations });
    const inside = discretised(60);
    for (const end of [0, numSteps - 1]) {
      // A step of 1 against memories of 13 and more moves the ratio by less than a hundredth.
      assert.ok(Math.abs(discretised(end) / inside - 4 / 3) < 0.01, `${discretised(end) / inside}`);
    }
    for (const t of [2, 5, 10]) {
      const excess = discretised(t) / inside - 1;
      assert.ok(excess > 0 && excess < (1 / 3) * Math.exp((-4 * t) / rangeDays), `${t}: ${excess}`);
    }
    const exact = await varianceAt({ ...model, kind: 'exact-diffusion', observations });
    for (const step of [0, 1, 60, numSteps - 1]) assert.ok(Math.abs(exact(step) / exact(30) - 1) < 1e-9);
  },
);

test('prediction at the nodes equals latent mean plus fixed effect', { skip }, async () => {
  const engine = loadNativeEngine();
  const model = smallModel();
  const latent = await engine.evaluate(model, theta, { latent: true });
  const [moments] = await engine.predict(model, theta, [
    {
      process: 0,
      timeIndices: Int32Array.of(0, 3),
      projector: csrFromRows(
        Array.from({ length: 6 }, (_, node) => [[node, 1]] as const),
        6,
      ),
      covariates: new Float64Array(6).fill(1),
    },
  ]);
  assert.equal(moments?.mean.length, 12);
  const expected = (latent.latentMean?.[3 * 6 + 2] ?? NaN) + (latent.fixedEffectMeans[0] ?? NaN);
  assert.ok(Math.abs((moments.mean[6 + 2] ?? NaN) - expected) < 1e-12);
  assert.ok(moments.variance.every((variance) => variance > 0));
});

test('a fit resumed from a state that went through JSON is the same fit', { skip }, async () => {
  const engine = loadNativeEngine();
  const model = smallModel();
  const states: OptimizerState[] = [];
  const whole = await engine.fit(model, { initialTheta: theta }, undefined, (state) => states.push(state)).promise;
  assert.ok(whole.converged);
  assert.equal(states.at(-1)?.phase, 'done');
  const middle = JSON.parse(JSON.stringify(states[Math.floor(states.length / 2)])) as OptimizerState;
  const resumed = await engine.fit(model, { initialTheta: theta }, middle, () => undefined).promise;
  assert.deepEqual(resumed.theta, whole.theta);
  assert.deepEqual(resumed.thetaCovariance, whole.thetaCovariance);
  assert.equal(resumed.evaluations, whole.evaluations);
});

test('an interrupted fit rejects with Engine.Interrupted after its last state', { skip }, async () => {
  const iterations: number[] = [];
  // long enough that the interruption, which comes from this thread, cannot come too late
  const model = smallModel(4000);
  const running = loadNativeEngine().fit(model, { initialTheta: theta }, undefined, (state) => {
    iterations.push(state.iteration);
    running.interrupt();
  });
  await assert.rejects(running.promise, (error) => isTramontanaError(error, 'Engine.Interrupted') && error.retryable);
  assert.ok(iterations.length >= 1);
});

test('what the progress callback throws rejects the fit', { skip }, async () => {
  const engine = loadNativeEngine();
  const running = engine.fit(smallModel(), { initialTheta: theta }, undefined, () => {
    throw new Error('disk full');
  });
  await assert.rejects(running.promise, /disk full/);
});

test('the number of threads is checked', { skip }, () => {
  assert.throws(
    () => loadNativeEngine().setNumThreads(0),
    (error) => isTramontanaError(error, 'Engine.InvalidModel'),
  );
});

test('a prepared model stands for the model in every function', { skip }, async () => {
  const engine = loadNativeEngine();
  const model = smallModel();
  const theta = [0.5, 0.6, -0.3, 2];
  const prepared = await engine.prepare(model);
  const [direct, again] = await Promise.all([
    engine.evaluate(model, theta, { gradient: true }),
    engine.evaluate(prepared, theta, { gradient: true }),
  ]);
  assert.equal(again.objective, direct.objective);
  assert.deepEqual(again.gradient, direct.gradient);
  const options = { initialTheta: theta, computeHessian: false };
  const fit = await engine.fit(prepared, options, undefined, () => undefined).promise;
  assert.equal(fit.converged, true);
  await assert.rejects(
    engine.prepare({ ...model, c0: new Float64Array(6) }),
    (error) => isTramontanaError(error, 'Engine.InvalidModel') && /c0 must be positive/u.test(error.message),
  );
});

test(
  'a fit starts at the mode of a coarser mesh where that resolves the range, and as given where it does not',
  { skip },
  async () => {
    const engine = loadNativeEngine();
    // Edges of about 1, ranges held at 20 and at 2.
    for (const range of [20, 2]) {
      const model: EngineModel = {
        ...smallModel(),
        priors: smallModel().priors.with(0, { type: 'fixed', value: Math.log(range) }),
      };
      const options = { initialTheta: theta.with(0, Math.log(range)), gradientTolerance: 1e-4 };
      const start = await engine.multilevelStart(model, options).promise;
      assert.equal(start.isUsed, range === 20, start.reason);
      assert.ok(start.coarseEvaluations > 0);
      assert.equal(start.options.gradientTolerance, 1e-4);
      if (!start.isUsed) {
        assert.match(start.reason, /does not resolve the range/u);
        assert.deepEqual(start.options.initialTheta, options.initialTheta);
        continue;
      }
      // The fine model is the coarse one here: the fit ends where it starts.
      const fit = await engine.fit(model, start.options, undefined, () => undefined).promise;
      assert.equal(fit.iterations, 0);
    }
    await assert.rejects(engine.multilevelStart(smallModel(), { initialTheta: [1] }).promise, (error) =>
      isTramontanaError(error, 'Engine.InvalidModel'),
    );
  },
);

test('the rates of the kernels are measured, at orders that can be', { skip }, async () => {
  const engine = loadNativeEngine();
  for (const order of [1, 100]) {
    const { multiply, inversion } = await engine.kernelRates(order);
    // no machine computes slower or faster than this
    for (const rate of [multiply, inversion]) assert.ok(rate > 1e3 && rate < 1e15, String(rate));
  }
  for (const order of [0, 4097, 1.5]) {
    await assert.rejects(
      async () => engine.kernelRates(order),
      (error) => isTramontanaError(error, 'Engine.InvalidModel'),
    );
  }
});
