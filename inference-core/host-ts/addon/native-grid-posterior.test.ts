// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';

import { entry, float64At } from '../../../common/entry.js';
import { isTramontanaError } from '../../../common/errors.js';
import { COMPLETE_GRID_THETA as theta, completeGrid, gridDesign } from '../../../tests/engine/complete-grid.js';
import type { GridModel } from '../contract/grid-model.js';
import { addonPath, loadNativeEngine } from './native.js';

const skip = existsSync(addonPath()) ? false : 'the native engine is not built; run `npm run setup`';

const d = theta.length;
const model = completeGrid();
const COVARIANCE = Float64Array.from({ length: d * d }, (_, i) => (i % (d + 1) === 0 ? 0.01 : 0));

/** Largest distance between two arrays of one length. */
function distance(one: Float64Array, other: Float64Array): number {
  assert.equal(one.length, other.length);
  return one.reduce((most, value, i) => Math.max(most, Math.abs(value - float64At(other, i))), 0);
}

test('on a grid theta is integrated out by cubature, and its maps are those of the points', { skip }, async () => {
  const engine = loadNativeEngine();
  const designs = [gridDesign(1), gridDesign(2)];
  const told: number[][] = [];
  const result = await engine.integrateGrid(model, theta, COVARIANCE, { predictions: designs }, (...news) =>
    told.push(news),
  ).promise;
  assert.equal(result.strategy, 'cubature');
  assert.equal(result.points.length, 2 * d);
  // the mode, too
  assert.deepEqual(told.at(-1), [2 * d + 1, 2 * d + 1]);
  assert.deepEqual(
    result.theta.map(({ name }) => name),
    loadNativeEngine().thetaNames(model),
  );
  assert.equal(result.fixedEffects.length, 1);
  assert.equal(result.latent, undefined);
  const numValues = entry(model.groups, 0).y.length;
  assert.equal(result.criteria?.groups[0]?.pit.length, numValues);
  assert.equal(result.observations?.[0]?.mean.length, numValues);

  const points = result.points.map(({ theta: at, weight }) => ({ theta: at, weight }));
  const maps = await engine.mapGrid(model, points, designs).promise;
  const each = await Promise.all(
    points.map(({ theta: at }) => engine.mapGrid(model, [{ theta: at, weight: 1 }], designs).promise),
  );
  maps.forEach((map, i) => {
    const prediction = entry(result.predictions, i);
    // sums over the same points, weighted before or after: some roundings of values of size 10
    assert.ok(distance(map.mean, prediction.mean) < 1e-12);
    // without a limit every point has its own variance
    const second = prediction.mean.map((_, k) =>
      each.reduce(
        (sum, of) => sum + (float64At(entry(of, i).sd, k) ** 2 + float64At(entry(of, i).mean, k) ** 2) / each.length,
        0,
      ),
    );
    const sds = prediction.mean.map((mean, k) => Math.sqrt(float64At(second, k) - mean ** 2));
    assert.ok(distance(prediction.sd, sds) < 1e-8);
  });
});

test('without evaluations to spend theta is taken at its mode; criteria only where asked for', { skip }, async () => {
  const engine = loadNativeEngine();
  const predictions = [gridDesign(1)];
  const options = { mostEvaluations: 0, criteria: false, predictions };
  const result = await engine.integrateGrid(model, theta, COVARIANCE, options).promise;
  assert.equal(result.strategy, 'empirical-bayes');
  assert.equal(result.points.length, 1);
  assert.equal(result.criteria, undefined);
  const [map] = await engine.mapGrid(model, [{ theta, weight: 3 }], predictions).promise;
  assert.ok(map);
  // the weight scales both sums of the mixture
  assert.ok(distance(entry(result.predictions, 0).mean, map.mean) < 1e-12);
});

test('theta of a grid has the names of a mesh with these groups', { skip }, async () => {
  const [group] = model.groups;
  assert.ok(group);
  const groups = [0, 1, 1].map((process) => ({ ...group, process }));
  const priors = Array.from({ length: 10 }, () => ({ type: 'gaussian', mean: 1, precision: 1 }) as const);
  const several: GridModel = { ...model, groups, priors };
  const at = [3.5, 1, 1, 3.5, 1, 1, 0, 0, 0.1, 1];
  const options = { mostEvaluations: 0, criteria: false };
  const found = await loadNativeEngine().integrateGrid(several, at, new Float64Array(100), options).promise;
  assert.deepEqual(
    found.theta.map(({ name }) => name),
    loadNativeEngine().thetaNames(several),
  );
  assert.equal(loadNativeEngine().thetaNames(several).at(-1), 'log_noise_precision_group_2');
});

test('the map of a cell is the mean of the maps of its halves', { skip }, async () => {
  const told: number[][] = [];
  const work = loadNativeEngine().mapGrid(model, [{ theta, weight: 1 }], [gridDesign(1), gridDesign(2)], (...news) =>
    told.push(news),
  );
  const [whole, halves] = await work.promise;
  assert.ok(whole && halves);
  const { numColumns } = model.grid;
  const merged = whole.mean.map((_, i) => {
    const above = 2 * numColumns * Math.floor(i / numColumns) + (i % numColumns);
    return (float64At(halves.mean, above) + float64At(halves.mean, above + numColumns)) / 2;
  });
  // the same sums over modes, in another order
  assert.ok(distance(whole.mean, merged) < 1e-11);
  assert.deepEqual(told, [
    [1, 3],
    [2, 3],
    [3, 3],
  ]);
  assert.ok(whole.sd.every((sd) => sd > 0));
});

test('maps and integrations of a grid are interrupted', { skip }, async () => {
  const engine = loadNativeEngine();
  const points = Array.from({ length: 500 }, () => ({ theta, weight: 1 }));
  // hundreds of maps: the interruption, which comes from this thread, cannot come too late
  const maps = engine.mapGrid(model, points, [gridDesign(1)], () => maps.interrupt());
  await assert.rejects(maps.promise, (error) => isTramontanaError(error, 'Engine.Interrupted') && error.retryable);
  const predictions = Array.from({ length: 100 }, () => gridDesign(1));
  const integration = engine.integrateGrid(model, theta, COVARIANCE, { predictions }, () => integration.interrupt());
  await assert.rejects(integration.promise, (error) => isTramontanaError(error, 'Engine.Interrupted'));
});

test('what a grid cannot be asked for is refused by name', { skip }, async () => {
  const engine = loadNativeEngine();
  const design = gridDesign(1);
  const point = { theta, weight: 1 };
  const map = (change: object): Promise<unknown> => engine.mapGrid(model, [point], [{ ...design, ...change }]).promise;
  const integrate = (options: object): Promise<unknown> =>
    engine.integrateGrid(model, theta, COVARIANCE, options).promise;
  const calls: [() => Promise<unknown>, RegExp][] = [
    [() => map({ projector: 1 }), /^designs\[0\]\.projector is not known/u],
    [() => map({ rows: { centres: design.rows.centres } }), /^designs\[0\]\.rows\.width must be a number/u],
    [() => map({ columns: { ...design.columns, step: 1 } }), /^designs\[0\]\.columns\.step is not known/u],
    [() => map({ timeIndices: [1] }), /^designs\[0\]\.timeIndices must be an Int32Array/u],
    [() => map({ timeIndices: Int32Array.of(6) }), /timeIndices must be from 0 to 5/u],
    [() => map({ modesPerCell: 2 }), /modesPerCell must be odd/u],
    [() => map({ covariates: new Float64Array(1) }), /covariates must be 72 numbers/u],
    [() => engine.mapGrid(model, [{ ...point, z: 1 } as never], []).promise, /^points\[0\]\.z is not known/u],
    [() => engine.mapGrid(model, [], [design]).promise, /point must have a positive weight/u],
    [() => integrate({ strategy: 'lattice' }), /^options\.strategy is not known/u],
    [() => integrate({ mostEvaluations: -1 }), /^mostEvaluations must not be negative/u],
    [() => integrate({ predictions: [{}] }), /^options\.predictions\[0\]\.process must be a number/u],
    [() => engine.integrateGrid(model, theta, COVARIANCE.subarray(1)).promise, /thetaCovariance/u],
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
