// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failedClaims } from './engine-claims.js';
import { FULL_MODELS, modelName, QUICK_MODELS } from './engine-models.js';
import type { EngineRow } from './engine-row.js';
import { scalingPlot } from './scaling-plot.js';

function rowOf(changes: Partial<EngineRow>): EngineRow {
  return {
    model: 'a model',
    n_s: 600,
    n_t: 64,
    n_v: 1,
    n: 600,
    complete: false,
    seconds: { textbookFd: 10, textbookAdjoint: 4, engine: 1 },
    ratioAdjoint: 4,
    ratioFd: 10,
    gflops: 40,
    dgemmShare: 0.75,
    peakBytes: 1e8,
    evaluations: 3,
    fdMeasuredWhole: true,
    dgemmGflops: 55,
    agreement: { objective: 1e-14, gradientAdjoint: 1e-12, gradientFd: 1e-8 },
    recursion: '',
    blas: '',
    ...changes,
  };
}

test('a row that keeps every promise gives no sentence', () => {
  assert.deepEqual(failedClaims([rowOf({})]), []);
});

test('each broken promise is told with the model, the bound and the value', () => {
  const [ratio] = failedClaims([rowOf({ ratioAdjoint: 3.2 })]);
  assert.match(ratio ?? '', /a model: .* expected at least 3\.5, found 3\.20/u);
  assert.equal(failedClaims([rowOf({ complete: true, ratioAdjoint: 20 })]).length, 1);
  assert.equal(failedClaims([rowOf({ n: 1200, dgemmShare: 0.6 })]).length, 1);
  assert.equal(failedClaims([rowOf({ n_v: 3, ratioFd: 29 })]).length, 1);
  const disagreeing = { objective: 1e-8, gradientAdjoint: 1e-12, gradientFd: 1e-8 };
  assert.equal(failedClaims([rowOf({ agreement: disagreeing })]).length, 1);
});

test('promises about large blocks do not speak of small ones', () => {
  assert.deepEqual(failedClaims([rowOf({ n: 300, ratioAdjoint: 1, dgemmShare: 0.1 })]), []);
});

test('the models reach from 72 to 1119 nodes, 8 to 256 steps and one to three processes, complete and with gaps', () => {
  for (const complete of [true, false]) {
    const models = FULL_MODELS.filter((model) => model.complete === complete);
    const range = (value: (model: (typeof models)[number]) => number): [number, number] => [
      Math.min(...models.map(value)),
      Math.max(...models.map(value)),
    ];
    assert.deepEqual(
      range(({ nodes }) => nodes),
      [72, 1119],
    );
    assert.deepEqual(
      range(({ steps }) => steps),
      [8, 256],
    );
    assert.deepEqual(
      range(({ processes }) => processes),
      [1, 3],
    );
  }
  assert.deepEqual(
    QUICK_MODELS.map((model) => model.nodes * model.processes),
    [600, 600, 600],
  );
  assert.equal(modelName({ nodes: 400, steps: 60, processes: 3, complete: false }), 'trivariate 400 x 60, gaps');
});

test('the plot has a curve for each route, complete and with gaps, on both axes', () => {
  const rows = [8, 16, 32].flatMap((steps) =>
    [72, 150, 300].flatMap((nodes) =>
      [false, true].map((complete) => rowOf({ n_s: nodes, n_t: steps, complete, n: nodes })),
    ),
  );
  const plot = scalingPlot(rows);
  assert.match(plot, /^<svg /u);
  assert.equal(plot.match(/<polyline/gu)?.length, 12);
});
