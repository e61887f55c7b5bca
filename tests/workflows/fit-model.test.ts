// SPDX-License-Identifier: Apache-2.0
/** Fits of given models: real workflow, real worker, real engine. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { Worker } from '@temporalio/worker';

import { createActivities, defaultDependencies, type ActivityDependencies } from '../../activities/index.js';
import { referToFile } from '../../artifacts/index.js';
import { TramontanaClient } from '../../client/index.js';
import { isTramontanaError, TramontanaError } from '../../common/errors.js';
import { addonPath, encodeModel, runEngine, type IntegrationResult } from '../../inference-core/host-ts/index.js';
import { engineTaskQueue } from '../../workflows/activity-options.js';
import { smallModel } from '../golden/support.js';
import { ForecastServer } from '../support/forecast-server.js';

const skip = existsSync(addonPath()) ? false : 'the native engine is not built; run `npm run setup`';
const START = { initialTheta: [1, 1, 0, 2], threads: 1 } as const;

/** What two computations of the same share: all but the time they took; and what memory, where that is told. */
function withoutTimes<Result extends { readonly seconds: number }>(result: Result): Omit<Result, 'seconds'> {
  const { seconds: _seconds, ...rest } = result;
  return rest;
}

describe('fits of given models', { skip, timeout: 180_000 }, () => {
  let server: ForecastServer;
  let folder: string;
  let queues = 0;

  before(async () => {
    server = await ForecastServer.start();
    folder = await mkdtemp(join(tmpdir(), 'tramontana-fit-model-'));
  });
  after(async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** Serves both queues while `body` runs. */
  async function serving<T>(
    changes: Partial<ActivityDependencies>,
    body: (client: TramontanaClient) => Promise<T>,
  ): Promise<T> {
    queues += 1;
    const taskQueue = `fit-model-${queues}`;
    const deps = { ...defaultDependencies({ stateFolder: folder, runsFolder: join(folder, 'runs') }), ...changes };
    const { nativeConnection: connection, client } = server.environment;
    const common = { connection, activities: createActivities(deps) };
    const workflows = await Worker.create({ ...common, taskQueue, workflowBundle: server.bundle });
    const engine = await Worker.create({
      ...common,
      taskQueue: engineTaskQueue(taskQueue),
      maxHeartbeatThrottleInterval: '200ms',
    });
    return engine.runUntil(() => workflows.runUntil(() => body(new TramontanaClient(client, taskQueue))));
  }

  it('give the posterior that the engine gives when it is called directly, number for number', async () => {
    const model = smallModel();
    const { run, posterior, progress } = await serving({}, async (client) => {
      const started = await client.fit(model, { ...START, stateFolder: folder });
      const found = await started.result();
      return { run: started, posterior: found, progress: await started.standing() };
    });
    const job = { folder: join(folder, 'direct'), jobKey: 'direct', model, options: { threads: 1 } };
    const fit = await runEngine({ ...job, kind: 'fit', initialTheta: START.initialTheta });
    const { theta, thetaCovariance } = fit;
    const task = {
      kind: 'integrate',
      theta,
      thetaCovariance,
      strategy: 'automatic',
      designs: [],
      latent: true,
    } as const;
    const integration: IntegrationResult = await runEngine({ ...job, ...task });

    const plain = ({ peakBytes: _peakBytes, ...result }: typeof fit) => ({
      ...withoutTimes(result),
      trace: result.trace.map((entry) => withoutTimes(entry)),
    });
    assert.deepEqual(plain(posterior.fit), plain(fit));
    assert.deepEqual(withoutTimes(posterior.integration), withoutTimes(integration));
    // 16 nodes at 3 times, and the intercept
    assert.equal(posterior.integration.latent?.mean.length, 49);
    assert.equal(posterior.reused, false);
    assert.match(run.workflowId, /^fit-model-[0-9a-f]{12}$/u);
    assert.deepEqual(
      progress.stages.map(({ name, state }) => [name, state]),
      [['fit-model', 'done']],
    );
    assert.match(progress.stages[0]?.summary ?? '', /iterations, objective .*, log marginal likelihood/u);
  });

  it('compute nothing the second time, whatever the threads, and again when asked to', async () => {
    let calls = 0;
    const counting = ((...args: Parameters<typeof runEngine>) => {
      calls += 1;
      return runEngine(...args);
    }) as typeof runEngine;
    const model = smallModel({ side: 3 });
    await serving({ runEngine: counting }, async (client) => {
      const fitted = async (more: object) =>
        (await client.fit(model, { ...START, ...more, stateFolder: folder })).result();
      const first = await fitted({});
      assert.deepEqual([first.reused, calls], [false, 2]);
      const second = await fitted({ threads: 2 });
      assert.deepEqual([second.reused, calls], [true, 2]);
      assert.deepEqual(second.integration, first.integration);
      const again = await fitted({ reuse: false });
      assert.deepEqual([again.reused, again.reason, calls], [false, 'asked to compute again', 4]);
      const other = await fitted({ latent: false });
      assert.deepEqual([other.reused, other.integration.latent], [false, undefined]);
      assert.match(other.reason, /parameter latent/u);
    });
  });

  it('end when they are cancelled, after the engine has stopped', async () => {
    let stopped = false;
    const endless = ((_job: unknown, { signal }: { signal: AbortSignal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          stopped = true;
          reject(new TramontanaError('Engine.Interrupted', 'stopped', { retryable: true }));
        });
      })) as unknown as typeof runEngine;
    await serving({ runEngine: endless }, async (client) => {
      const run = await client.fit(smallModel({ side: 3 }), { ...START, maximumIterations: 7, stateFolder: folder });
      while ((await run.standing()).stages[0]?.progress?.phase !== 'reading the model') {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      await run.cancel();
      await assert.rejects(run.result(), (error) => isTramontanaError(error, 'Run.Cancelled'));
      assert.ok(stopped);
      assert.equal((await run.standing()).state, 'cancelled');
    });
  });

  it('refuse what is not a model, and what lies elsewhere, each with its tag', async () => {
    // fitted nowhere before: of a known model not even the file is needed
    const model = smallModel({ side: 3, numTimeSteps: 4 });
    const outside = await mkdtemp(join(tmpdir(), 'tramontana-elsewhere-'));
    const kind = { mediaType: 'application/vnd.apache.arrow.file', schema: 'engine-model/1' };
    const refTo = async (path: string, bytes: Uint8Array | string) => {
      await writeFile(path, bytes);
      return referToFile(path, kind);
    };
    await mkdir(join(folder, 'store'), { recursive: true });
    const inside = join(folder, 'store', 'planted');
    const good = await refTo(inside, encodeModel(model));
    const noArrow = await refTo(join(folder, 'store', 'no-arrow'), 'ARROW1 and nothing more');
    const [group] = model.observations;
    const shortened = { ...model, observations: [{ ...group!, y: group!.y.slice(1) }] };
    const twisted = await refTo(join(folder, 'store', 'twisted'), encodeModel(shortened));
    const options = START;
    const input = { schemaVersion: 1, model: good, options };
    const cases: readonly [string, unknown, RegExp][] = [
      [
        'Input.OutsideRoots',
        { ...input, model: await refTo(join(outside, 'model'), encodeModel(model)) },
        /inputs\.model/u,
      ],
      ['Artifact.Missing', { ...input, model: { ...good, uri: `${good.uri}-absent` } }, /planted-absent/u],
      ['Artifact.Corrupt', { ...input, model: { ...good, sha256: '0'.repeat(64) } }, /sha256 0{64}/u],
      ['Input.Invalid', { ...input, model: { ...good, schema: 'mesh/1' } }, /expected engine-model\/1, got mesh\/1/u],
      ['Input.Invalid', { ...input, model: { ...good, uri: 'https://example.org/x' } }, /input\.model\.uri/u],
      ['Engine.InvalidInput', { ...input, model: noArrow }, /no-arrow: expected an Arrow IPC file/u],
      ['Engine.InvalidInput', { ...input, model: twisted }, /timeIndex must have length 35, found 36/u],
      ['Input.Invalid', { ...input, options: { initialTheta: [1] } }, /expected 4 numbers \(log_range_s, .*got 1/u],
      ['Input.Invalid', { ...input, options: { ...options, initalTheta: [1] } }, /Did you mean initialTheta\?/u],
      ['Input.Invalid', { ...input, options: { ...options, latent: 'yes' } }, /input\.options\.latent: .*got "yes"/u],
      ['Input.Invalid', { ...input, schemaVersion: 2 }, /input\.schemaVersion/u],
      ['Input.Invalid', null, /input/u],
    ];
    await serving({}, async (client) => {
      for (const [index, [type, args, message]] of cases.entries()) {
        const run = client.temporal.workflow.execute('fitModel', {
          ...{ taskQueue: client.taskQueue, workflowId: `refused-${index}`, args: [args] },
        });
        await assert.rejects(run, (error: unknown) => {
          const cause = (error as { cause?: { type?: string; message?: string } }).cause;
          assert.equal(cause?.type, type, `case ${index}: ${cause?.message ?? ''}`);
          assert.match(cause.message ?? '', message);
          return true;
        });
      }
    });
    await rm(outside, { recursive: true });
  });
});
