// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { isTramontanaError } from '../../../common/errors.js';
import type { EngineModel } from '../contract/engine-model.js';
import { addonPath, loadNativeEngine } from './native.js';
import { csrFromRows, smallModel, theta } from '../../../tests/engine/chain-model.js';

const skip = existsSync(addonPath()) ? false : 'the native engine is not built; run `npm run setup`';

test('invalid models reject with Engine.InvalidModel that names the field', { skip }, async () => {
  const engine = loadNativeEngine();
  const model = smallModel();
  const observations = [{ ...model.observations[0]!, y: new Float64Array(30).fill(NaN) }];
  const cases: [Partial<EngineModel>, RegExp][] = [
    [{ observations }, /observations\[0\]\.y must be finite/],
    [{ observations: [] }, /observations must hold at least one group/],
    [{ c0: new Float64Array(6) }, /c0 must be positive/],
    [{ priors: [] }, /one prior for each of the 4 components/],
  ];
  for (const [change, message] of cases) {
    await assert.rejects(engine.evaluate({ ...model, ...change }, theta), (error) => {
      assert.ok(isTramontanaError(error, 'Engine.InvalidModel'));
      assert.match(error.message, message);
      return true;
    });
  }
  await assert.rejects(engine.evaluate(model, [1, NaN, 0, 1]), /theta\[1\] \(log_range_t\) must be finite/);
});

test('what is no number is refused, never read as one', { skip }, async () => {
  const engine = loadNativeEngine();
  const model = smallModel();
  // JavaScript would make 0 of null and of an empty array, and 1 of true.
  for (const value of [null, undefined, [], true, '0.3']) {
    const spoilt = [...theta.slice(0, -1), value] as number[];
    const message = new RegExp(`theta\\[${theta.length - 1}\\] must be a number`);
    await assert.rejects(
      engine.evaluate(model, spoilt),
      (error) => isTramontanaError(error, 'Engine.InvalidModel') && message.test(error.message),
    );
  }
  const nothing = undefined as unknown as number[];
  await assert.rejects(
    engine.evaluate(model, nothing),
    (error) => isTramontanaError(error, 'Engine.InvalidModel') && /theta must be/.test(error.message),
  );
});

test('a field that no function knows is refused by its name, wherever it stands', { skip }, async () => {
  const engine = loadNativeEngine();
  const model = smallModel();
  const [group] = model.observations;
  assert.ok(group);
  const identity = Float64Array.from({ length: 16 }, (_, i) => (i % 5 === 0 ? 1e-4 : 0));
  const design = {
    process: 0,
    timeIndices: Int32Array.of(0),
    projector: csrFromRows([[[0, 1]]], 6),
    covariates: Float64Array.of(1),
  };
  const nothing = (): undefined => undefined;
  const start = { initialTheta: theta };
  const cases: [string, () => Promise<unknown>][] = [
    ['request.gradients', () => engine.evaluate(model, theta, { gradients: true } as object)],
    [
      'options.maxIteration',
      () => engine.fit(model, { ...start, maxIteration: 3 } as never, undefined, nothing).promise,
    ],
    ['options.tolerance', () => engine.multilevelStart(model, { ...start, tolerance: 1 } as never).promise],
    ['options.criterion', () => engine.integrate(model, theta, identity, { criterion: false } as object).promise],
    ['options.samples', () => engine.samplePosterior(model, [{ theta, weight: 1 }], { samples: 3 } as object).promise],
    ['points[0].wieght', () => engine.samplePosterior(model, [{ theta, weight: 1, wieght: 2 } as never]).promise],
    ['designs[0].offset', () => engine.predict(model, theta, [{ ...design, offset: 1 } as never])],
    ['offsets', () => engine.evaluate({ ...model, offsets: new Float64Array(2) } as never, theta)],
    ['observations[0].weigths', () => engine.prepare({ ...model, observations: [{ ...group, weigths: 1 } as never] })],
    ['temporal.m3', () => engine.prepare({ ...model, temporal: { ...model.temporal, m3: 1 } as never })],
    ['g1.data', () => engine.spectralBasis(model.c0, { ...model.g1, data: true } as never)],
    [
      'priors[2].mean',
      () => engine.prepare({ ...model, priors: model.priors.with(2, { ...model.priors[2], mean: 1 } as never) }),
    ],
  ];
  for (const [field, call] of cases) {
    await assert.rejects(
      async () => call(),
      (error) => {
        assert.ok(isTramontanaError(error, 'Engine.InvalidModel'), String(error));
        assert.ok(error.message.startsWith(`${field} is not known; expected no other fields than `), error.message);
        assert.equal(error.facts['field'], field);
        return true;
      },
    );
  }
  // What is undefined is absent, under any name.
  await engine.evaluate({ ...model, offsets: undefined } as never, theta, { gradients: undefined } as object);
});

test('options that are no object are refused', { skip }, async () => {
  const engine = loadNativeEngine();
  for (const options of [[], 'gradient', 3, true]) {
    await assert.rejects(
      engine.evaluate(smallModel(), theta, options as object),
      (error) => isTramontanaError(error, 'Engine.InvalidModel') && /^request must be an object/u.test(error.message),
    );
  }
});

test('priors, ranges and covariates that cannot be meant are refused by name', { skip }, async () => {
  const engine = loadNativeEngine();
  const model = smallModel();
  const [group] = model.observations;
  assert.ok(group);
  const sigma = { type: 'penalized-complexity', kind: 'sigma', lambda: 1 } as const;
  const twice = { ...group, numCovariates: 2, covariates: new Float64Array(2 * group.y.length).fill(3e6) };
  const cases: [() => Promise<unknown>, RegExp][] = [
    [
      () => engine.prepare({ ...model, priors: model.priors.with(0, sigma) }),
      /^priors\[0\] \(log_range_s\) .*'sigma'/u,
    ],
    [() => engine.prepare({ ...model, observations: [twice] }), /column 1 collinear with column 0/u],
    [
      () => engine.fit(model, { initialTheta: theta.with(0, -3) }, undefined, () => undefined).promise,
      /^initialTheta\[0\] \(log_range_s\) must not keep the spatial range below the shortest edge of the mesh, 1\.07/u,
    ],
  ];
  for (const [call, message] of cases) {
    await assert.rejects(
      async () => call(),
      (error) => {
        assert.ok(isTramontanaError(error, 'Engine.InvalidModel'), String(error));
        assert.match(error.message, message);
        return true;
      },
    );
  }
});

test('a theta that cannot be factorised rejects with block, pivot and theta', { skip }, async () => {
  const engine = loadNativeEngine();
  await assert.rejects(engine.evaluate(smallModel(), [1, 1, -400, 1]), (error) => {
    assert.ok(isTramontanaError(error, 'Engine.NotPositiveDefinite'));
    assert.deepEqual(error.facts['theta'], [1, 1, -400, 1]);
    return true;
  });
});
