// SPDX-License-Identifier: Apache-2.0
/** The engine process on a complete grid: what the engine itself finds, also after an interruption. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';

import { isTramontanaError } from '../../common/errors.js';
import {
  loadNativeEngine,
  runEngine,
  type FitJob,
  type IntegrationResult,
} from '../../inference-core/host-ts/index.js';
import { temporaryFolder } from '../golden/support.js';
import { COMPLETE_GRID_THETA, completeGrid, gridDesign } from './complete-grid.js';

const MODEL = completeGrid();
/** One thread: sums are then always formed in the same order. */
const OPTIONS = { threads: 1, gradientTolerance: 1e-4 };
const engine = loadNativeEngine();

describe('the engine process on a complete grid', () => {
  before(() => engine.setNumThreads(1));

  it('is resumed from a checkpoint and fits as the engine does', async (context) => {
    const initialTheta = COMPLETE_GRID_THETA;
    const folder = await temporaryFolder(context);
    const job: FitJob = { kind: 'fit', folder, jobKey: 'grid', model: MODEL, initialTheta, options: OPTIONS };
    const stop = new AbortController();
    await assert.rejects(
      runEngine(job, { signal: stop.signal, onEvent: ({ type }) => type === 'checkpoint' && stop.abort() }),
      (error) => isTramontanaError(error, 'Engine.Interrupted'),
    );
    const found = await runEngine(job);
    const expected = await engine.fitGrid(MODEL, { initialTheta, gradientTolerance: 1e-4 }, undefined, () => undefined)
      .promise;
    assert.ok(expected.converged && expected.thetaCovariance);
    assert.deepEqual(found.thetaNames, ['log_range_s', 'log_range_t', 'log_sigma', 'log_noise_precision']);
    // the state of the checkpoint is complete: the bits are the same
    assert.deepEqual(found.theta, [...expected.theta]);
    assert.deepEqual(found.thetaCovariance.flat(), [...expected.thetaCovariance]);
    assert.deepEqual(found.fixedEffects.mean, [...expected.fixedEffectMeans]);
    assert.equal(found.evaluations, expected.evaluations);
    assert.equal(found.recursion, 'complete grid of 8 x 9 cells, 6 rows an index');
  });

  it('integrates and maps as the engine does, bit for bit', async (context) => {
    const theta = [...COMPLETE_GRID_THETA];
    const thetaCovariance = theta.map((_, row) => theta.map((__, column) => (row === column ? 0.01 : 0)));
    const maps = { model: MODEL, designs: [gridDesign(2)] };
    const folder = await temporaryFolder(context);
    const found = await runEngine({
      ...{ kind: 'integrate', folder, jobKey: 'grid', model: MODEL, options: OPTIONS },
      ...{ theta, thetaCovariance, strategy: 'cubature', designs: [], maps },
    });
    const expected = await engine.integrateGrid(MODEL, theta, thetaCovariance.flat(), { predictions: maps.designs })
      .promise;
    const withoutClock = (result: IntegrationResult): IntegrationResult => ({ ...result, seconds: 0 });
    assert.deepEqual(withoutClock(found), withoutClock(expected));
    assert.equal(found.predictions.length, 1);
  });
});
