// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { describe, it } from 'node:test';

import { isTramontanaError } from '../../common/errors.js';
import { smallModel } from '../../tests/golden/support.js';
import { runIntegrate } from './integrate-runner.js';
import type { IntegrateJobContent } from './job.js';
import { addonPath, loadNativeEngine } from './native.js';
import type { EngineEvent } from './protocol.js';

const skip = existsSync(addonPath()) ? false : 'the engine is not built';

const THETA = [1.5, 1, 0, 2];
/** Long enough that news and interruptions, which come from this thread, do not come too late. */
const LONG_MODEL = smallModel({ side: 12, numTimeSteps: 8 });
const JOB: IntegrateJobContent = {
  kind: 'integrate',
  jobKey: 'key',
  attemptToken: 1,
  checkpointFolder: '/nowhere',
  options: { threads: 1, gradientTolerance: 1e-3, maximumIterations: 1 },
  model: smallModel(),
  theta: THETA,
  thetaCovariance: THETA.map((_, row) => THETA.map((__, column) => (row === column ? 0.01 : 0))),
  strategy: 'central-composite',
  designs: [],
};

describe('an integration job', { skip }, () => {
  it('tells its progress, which never falls and ends at one', async () => {
    const events: EngineEvent[] = [];
    const emit = (event: EngineEvent) => events.push(event);
    const hooks = { emit, signal: new AbortController().signal };
    const result = await runIntegrate({ ...JOB, model: LONG_MODEL }, loadNativeEngine(), hooks);
    // 1 + 2 d + 2^(d - p) points for d = 4, and 2 d evaluations along the axes
    assert.equal(result.points.length, 25);
    const fractions = events.flatMap((event) => (event.type === 'progress' ? [event.fraction] : []));
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
    const projector = JOB.model.observations[0]?.projector;
    assert.ok(projector !== undefined);
    const covariates = new Float64Array(projector.numRows).fill(1);
    const designs = [{ process: 0, timeIndices: Int32Array.of(0, 1), projector, covariates }];
    const engine = loadNativeEngine();
    const { predictions } = await runIntegrate({ ...JOB, strategy: 'empirical-bayes', designs }, engine, {
      emit: () => undefined,
      signal: new AbortController().signal,
    });
    const [moments] = await engine.predict(JOB.model, THETA, designs);
    assert.deepEqual(predictions[0]?.mean, moments?.mean);
    predictions[0]?.sd.forEach((sd, i) => {
      // a square root and its square: two roundings
      assert.ok(Math.abs(sd ** 2 / (moments?.variance[i] ?? NaN) - 1) < 1e-14);
    });
  });
});
