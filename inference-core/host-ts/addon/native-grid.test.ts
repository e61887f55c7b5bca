// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';

import { entry, float64At } from '../../../common/entry.js';
import { isTramontanaError } from '../../../common/errors.js';
import { COMPLETE_GRID_THETA as theta, completeGrid } from '../../../tests/engine/complete-grid.js';
import type { OptimizerState } from '../contract/fit.js';
import type { GridModel } from '../contract/grid-model.js';
import { addonPath, loadNativeEngine } from './native.js';

const skip = existsSync(addonPath()) ? false : 'the native engine is not built; run `npm run setup`';

/** Two processes; of the second a day is missing, and a day has a weight of its own. */
function twoProcesses(): GridModel {
  const model = completeGrid();
  const group = entry(model.groups, 0);
  const numCells = group.covariates.length;
  const second = {
    ...group,
    process: 1,
    timeIndex: Int32Array.of(0, 2, 3, 4, 5),
    y: entry(completeGrid(4).groups, 0).y.subarray(0, 5 * numCells),
    weights: Float64Array.of(1, 1, 1, 1, 0.5),
  };
  const prior = { type: 'gaussian', mean: 1, precision: 0.2 } as const;
  return { ...model, groups: [group, second], priors: Array.from({ length: 9 }, () => prior) };
}

test('the gradient on a complete grid agrees with central differences of the objective', { skip }, async () => {
  const engine = loadNativeEngine();
  const model = twoProcesses();
  const at = [3.5, 1.2, 2, 3.2, 0.9, 1.8, 0.2, 0.1, 0.4];
  const { gradient, objective } = await engine.evaluateGrid(model, at, { gradient: true });
  assert.ok(gradient);
  for (const [i, value] of at.entries()) {
    const step = 1e-4;
    const above = await engine.evaluateGrid(model, at.with(i, value + step));
    const below = await engine.evaluateGrid(model, at.with(i, value - step));
    assert.equal(above.gradient, undefined);
    const difference = (above.objective - below.objective) / (2 * step);
    // step^2 times the third derivative, and rounding of an objective of some hundreds over the step
    assert.ok(Math.abs(float64At(gradient, i) - difference) < 1e-5 * (1 + Math.abs(difference)), `component ${i}`);
  }
  const { objective: again } = await engine.evaluateGrid(model, Float64Array.from(at));
  assert.equal(again, objective);
});

test('the fit of a complete grid converges, and resumed from a state it is the same fit', { skip }, async () => {
  const engine = loadNativeEngine();
  const model = completeGrid();
  const states: OptimizerState[] = [];
  const whole = await engine.fitGrid(model, { initialTheta: theta }, undefined, (state) => states.push(state)).promise;
  assert.ok(whole.converged, whole.stopReason);
  assert.ok(whole.gradientNorm < 1e-3, 'the default tolerance');
  assert.equal(whole.recursion, 'grid of 8 x 9 cells, 6 rows an index');
  assert.ok(whole.thetaCovariance);
  for (let i = 0; i < theta.length; i += 1) assert.ok(float64At(whole.thetaCovariance, i * (theta.length + 1)) > 0);
  const there = await engine.evaluateGrid(model, whole.theta);
  assert.equal(there.objective, whole.objective);
  assert.deepEqual(there.fixedEffectMeans, whole.fixedEffectMeans);

  assert.equal(states.at(-1)?.phase, 'done');
  const middle = JSON.parse(JSON.stringify(states[Math.floor(states.length / 2)])) as OptimizerState;
  const resumed = await engine.fitGrid(model, { initialTheta: theta }, middle, () => undefined).promise;
  assert.deepEqual(resumed.theta, whole.theta);
  assert.deepEqual(resumed.thetaCovariance, whole.thetaCovariance);
  assert.equal(resumed.evaluations, whole.evaluations);
});

test('a fit of a complete grid is interrupted, and rejects with what its callback throws', { skip }, async () => {
  const engine = loadNativeEngine();
  // each of its evaluations takes some milliseconds: the interruption, which comes from this thread, cannot come too late
  const running = engine.fitGrid(completeGrid(), { initialTheta: theta }, undefined, () => running.interrupt());
  await assert.rejects(running.promise, (error) => isTramontanaError(error, 'Engine.Interrupted') && error.retryable);
  const failing = engine.fitGrid(completeGrid(), { initialTheta: theta }, undefined, () => {
    throw new Error('disk full');
  });
  await assert.rejects(failing.promise, /disk full/u);
});

test('what is no complete grid is refused by the name of the field', { skip }, async () => {
  const engine = loadNativeEngine();
  const model = completeGrid();
  const group = entry(model.groups, 0);
  const withGroup = (change: object): GridModel => ({ ...model, groups: [{ ...group, ...change }] });
  const cases: [unknown, RegExp][] = [
    [{ ...model, kind: 'spatio-temporal' }, /^kind must be one of 'exact-diffusion', 'separable', 'spatial', found/u],
    [{ ...model, grid: { ...model.grid, numRows: 7 } }, /^groups\[0\]\.y must be 378 numbers/u],
    [{ ...model, grid: { ...model.grid, cellWidth: -8 } }, /^grid\.cellWidth must be positive/u],
    [{ ...model, grid: { ...model.grid, cellSize: 8 } }, /^grid\.cellSize is not known/u],
    [{ ...model, grid: [8, 9] }, /^grid must be an object/u],
    [{ ...model, manifold: 'plane' }, /^manifold is not known/u],
    [{ ...model, groups: [] }, /^groups must be one or more/u],
    [{ ...model, priors: model.priors.slice(1) }, /one prior for each of the 4 components/u],
    [withGroup({ process: undefined }), /^groups\[0\]\.process must be a number/u],
    [withGroup({ process: 1 }), /^groups must be at least one a process/u],
    [withGroup({ y: group.y.with(5, NaN) }), /^groups\[0\]\.y\[5\] must be finite/u],
    [withGroup({ timeIndex: Int32Array.of(0, 1, 2, 2, 4, 5) }), /^groups\[0\]\.timeIndex\[3\] must be later/u],
    [withGroup({ timeIndex: [0, 1, 2, 3, 4, 5] }), /^groups\[0\]\.timeIndex must be an Int32Array/u],
    [withGroup({ weights: new Float64Array(0) }), /^groups\[0\]\.weights must have length 6, found 0/u],
    [withGroup({ weights: new Float64Array(5).fill(1) }), /^groups\[0\]\.weights must be 6 numbers/u],
    [withGroup({ likelihood: 'gaussian' }), /^groups\[0\]\.likelihood is not known/u],
  ];
  const calls: [() => Promise<unknown>, RegExp][] = [
    ...cases.map(([spoilt, message]): [() => Promise<unknown>, RegExp] => [
      () => engine.evaluateGrid(spoilt as GridModel, theta),
      message,
    ]),
    [() => engine.evaluateGrid(model, theta.slice(1)), /theta/u],
    [() => engine.evaluateGrid(model, theta, { latent: true } as object), /^request\.latent is not known/u],
    [
      () => engine.fitGrid(model, { initialTheta: theta, tolerance: 1 } as never, undefined, () => undefined).promise,
      /^options\.tolerance is not known/u,
    ],
  ];
  for (const [call, message] of calls) {
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
