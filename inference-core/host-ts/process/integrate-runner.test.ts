// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { describe, it } from 'node:test';

import { isTramontanaError } from '../../../common/errors.js';
import { completeGrid, gridDesign } from '../../../tests/engine/complete-grid.js';
import { fakeEngine } from '../../../tests/engine/fake-engine.js';
import { smallModel } from '../../../tests/golden/support.js';
import { runIntegrate } from './integrate-runner.js';
import type { IntegrateJobContent } from '../job/job.js';
import type { GridDraws } from '../contract/integration-task.js';
import { addonPath, loadNativeEngine } from '../addon/native.js';
import type { NativeEngine } from '../contract/native-engine.js';
import type { GridIntegrationOptions, IntegrationResult, Running } from '../contract/posterior.js';
import type { EngineEvent } from './protocol.js';

const skip = existsSync(addonPath()) ? false : 'the engine is not built';

const THETA = [1.5, 1, 0, 2];
/** Long enough that news and interruptions, which come from this thread, do not come too late. */
const LONG_MODEL = smallModel({ side: 12, numTimeSteps: 8 });
const MODEL = smallModel();
const JOB: IntegrateJobContent = {
  kind: 'integrate',
  jobKey: 'key',
  attemptToken: 1,
  checkpointFolder: '/nowhere',
  options: { threads: 1, gradientTolerance: 1e-3, maximumIterations: 1 },
  model: MODEL,
  theta: THETA,
  thetaCovariance: THETA.map((_, row) => THETA.map((__, column) => (row === column ? 0.01 : 0))),
  strategy: 'central-composite',
  designs: [],
};

const GRID = completeGrid();
const MAPS = { model: GRID, designs: [gridDesign(1), gridDesign(2)] };

interface Recorded {
  readonly result: IntegrationResult;
  /** Of the progress. */
  readonly fractions: readonly number[];
  readonly evaluations: readonly number[];
}

async function recorded(job: IntegrateJobContent, engine: Parameters<typeof runIntegrate>[1]): Promise<Recorded> {
  const events: EngineEvent[] = [];
  const emit = (event: EngineEvent) => events.push(event);
  const result = await runIntegrate(job, engine, { emit, signal: new AbortController().signal });
  const progress = events.flatMap((event) => (event.type === 'progress' ? [event] : []));
  return {
    result,
    fractions: progress.map(({ fraction }) => fraction),
    evaluations: progress.map(({ evaluations }) => evaluations),
  };
}

/** Work that is done at once. */
function done<Result>(result: Result): Running<Result> {
  return { promise: Promise.resolve(result), interrupt: () => undefined };
}

describe('an integration job', { skip }, () => {
  it('tells its progress, which never falls and ends at one', async () => {
    const { result, fractions } = await recorded({ ...JOB, model: LONG_MODEL }, loadNativeEngine());
    // 1 + 2 d + 2^(d - p) points for d = 4, and 2 d evaluations along the axes
    assert.equal(result.points.length, 25);
    assert.deepEqual(
      fractions,
      [...fractions].sort((a, b) => a - b),
    );
    assert.equal(fractions[0], 0);
    assert.equal(fractions.at(-1), 1);
    assert.ok(fractions.length > 3, 'between start and end, too');
  });

  it('is interrupted by its signal', async () => {
    const signal = AbortSignal.abort(new Error('stop'));
    const work = runIntegrate({ ...JOB, model: LONG_MODEL }, loadNativeEngine(), { emit: () => undefined, signal });
    await assert.rejects(work, (error) => isTramontanaError(error, 'Engine.Interrupted'));
  });

  it('takes one path for moments: the mode alone is a prediction at the mode', async () => {
    const projector = MODEL.observations[0]?.projector;
    assert.ok(projector !== undefined);
    const covariates = new Float64Array(projector.numRows).fill(1);
    const designs = [{ process: 0, timeIndices: Int32Array.of(0, 1), projector, covariates }];
    const engine = loadNativeEngine();
    const {
      result: { predictions },
    } = await recorded({ ...JOB, strategy: 'empirical-bayes', designs }, engine);
    const [moments] = await engine.predict(MODEL, THETA, designs);
    assert.deepEqual(predictions[0]?.mean, moments?.mean);
    predictions[0]?.sd.forEach((sd, i) => {
      // a square root and its square: two roundings
      assert.ok(Math.abs(sd ** 2 / (moments?.variance[i] ?? NaN) - 1) < 1e-14);
    });
  });
});

describe('the maps of an integration job', () => {
  /** What a fake engine finds. */
  const found = {
    points: [
      { theta: Float64Array.of(1), z: Float64Array.of(0), logPosterior: -1, weight: 0.75 },
      { theta: Float64Array.of(2), z: Float64Array.of(1), logPosterior: -2, weight: 0.25 },
    ],
    predictions: [],
    evaluations: 7,
    seconds: 1,
  } as Partial<IntegrationResult> as IntegrationResult;
  const moments = [{ mean: Float64Array.of(1), sd: Float64Array.of(2) }];

  it('of a mesh are taken over the points of its integration; progress is that of both', async () => {
    const engine = fakeEngine({
      integrate: (model, mode, covariance, options, onProgress) => {
        assert.deepEqual([model, mode, covariance], [MODEL, THETA, JOB.thetaCovariance.flat()]);
        assert.deepEqual(options?.predictions, []);
        onProgress?.(1, 4);
        onProgress?.(4, 4);
        return done(found);
      },
      mapGrid: (model, points, designs, onProgress) => {
        assert.deepEqual([model, designs], [GRID, MAPS.designs]);
        assert.deepEqual(
          points,
          found.points.map(({ theta, weight }) => ({ theta, weight })),
        );
        for (let map = 1; map <= 4; map += 1) onProgress?.(map, 4);
        return done(moments);
      },
    });
    const { result, fractions, evaluations } = await recorded({ ...JOB, maps: MAPS }, engine);
    assert.equal(result.predictions, moments);
    assert.equal(result.points, found.points);
    assert.ok(result.seconds >= found.seconds);
    assert.deepEqual(fractions, [0, 0.125, 0.5, 0.5, 0.625, 0.75, 0.875, 1, 1]);
    assert.deepEqual(evaluations, [0, 1, 4, 7, 8, 9, 10, 11, 11]);
  });

  it('of a grid are predictions of its integration; what it may take depends on the strategy', async () => {
    const asked: (GridIntegrationOptions | undefined)[] = [];
    const engine = fakeEngine({
      integrateGrid: (model, mode, covariance, options) => {
        assert.deepEqual([model, mode, covariance], [GRID, THETA, JOB.thetaCovariance.flat()]);
        asked.push(options);
        return done(found);
      },
    });
    const grid = { ...JOB, model: GRID, maps: MAPS, mostEvaluations: 30 };
    for (const strategy of ['automatic', 'cubature', 'empirical-bayes'] as const) {
      const { result } = await recorded({ ...grid, strategy }, engine);
      assert.equal(result, found);
    }
    const common = { criteria: true, predictions: MAPS.designs };
    assert.deepEqual(asked, [{ ...common, mostEvaluations: 30 }, common, { ...common, mostEvaluations: 0 }]);
    await recorded({ ...JOB, model: GRID, strategy: 'automatic' }, engine);
    assert.deepEqual(asked.at(-1), { criteria: true, predictions: [] });
  });

  it('are drawn jointly at the points of the integration, of a mesh after its maps', async () => {
    const draws: GridDraws = { numSamples: 20, seed: 2, stepErrorSds: [], runs: [], areas: [] };
    const summary = { runs: [Float64Array.of(0.5)], areas: [] };
    const able = {
      summariseGridSamples: (
        ...[model, points, request, onProgress]: Parameters<NativeEngine['summariseGridSamples']>
      ) => {
        assert.deepEqual([model, request], [GRID, { ...draws, designs: MAPS.designs }]);
        assert.deepEqual(
          points,
          found.points.map(({ theta, weight }) => ({ theta, weight })),
        );
        onProgress?.(10, 20);
        return done(summary);
      },
    };
    const ofGrid = { ...JOB, model: GRID, maps: MAPS, strategy: 'cubature', draws } as const;
    const grid = await recorded(ofGrid, fakeEngine({ ...able, integrateGrid: () => done(found) }));
    assert.equal(grid.result.draws, summary);
    assert.deepEqual(grid.fractions, [0, 0.5, 0.75, 1]);
    assert.deepEqual(grid.evaluations, [0, 7, 17, 27]);
    const engine = fakeEngine({ ...able, integrate: () => done(found), mapGrid: () => done(moments) });
    const mesh = await recorded({ ...JOB, maps: MAPS, draws }, engine);
    assert.deepEqual([mesh.result.draws, mesh.result.predictions], [summary, moments]);
    assert.deepEqual(mesh.evaluations, [0, 7, 11, 21, 31]);
  });

  it('are interrupted by the signal, too', async () => {
    const stop = new AbortController();
    const engine = fakeEngine({
      integrate: () => done(found),
      mapGrid: () => {
        let interrupt = (): void => undefined;
        const promise = new Promise<never>((_, reject) => {
          interrupt = () => reject(new Error('interrupted'));
        });
        return { promise, interrupt };
      },
    });
    const work = runIntegrate({ ...JOB, maps: MAPS }, engine, { emit: () => undefined, signal: stop.signal });
    setImmediate(() => stop.abort());
    await assert.rejects(work, /interrupted/u);
  });

  it('of a mesh are those of the engine at the points of the mesh', { skip }, async () => {
    const engine = loadNativeEngine();
    const { result } = await recorded({ ...JOB, maps: MAPS }, engine);
    const points = result.points.map(({ theta, weight }) => ({ theta, weight }));
    assert.deepEqual(result.predictions, await engine.mapGrid(GRID, points, MAPS.designs).promise);
    assert.ok(result.criteria);
  });
});
