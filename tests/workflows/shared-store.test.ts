// SPDX-License-Identifier: Apache-2.0
/** Whole forecasts on a real server, by workers that share nothing but a bucket. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import type { WorkflowHandle } from '@temporalio/client';
import { Worker } from '@temporalio/worker';

import { createActivities, defaultDependencies, UNRESTRICTED_ROOTS } from '../../activities/index.js';
import type { ActivityDependencies } from '../../activities/index.js';
import { BUCKET, NO_S3_SERVER, S3Server } from '../../artifacts/testing/s3-server.js';
import type { FitJob, IntegrateJob, RunEngineOptions } from '../../inference-core/host-ts/index.js';
import { engineTaskQueue } from '../../workflows/activity-options.js';
import type { ForecastResult } from '../../workflows/forecast.js';
import { ForecastServer } from '../support/forecast-server.js';
import { writeAnalyses, writeForecast, writeTinyConfig } from '../support/tiny-domain.js';

const CYCLE = '2026-03-16';

/** Every payload of a history. */
function* bytesIn(value: unknown): Generator<Uint8Array> {
  if (value instanceof Uint8Array) yield value;
  else if (value !== null && typeof value === 'object') for (const inner of Object.values(value)) yield* bytesIn(inner);
}

describe('workers that share a store', { skip: NO_S3_SERVER, timeout: 240_000 }, () => {
  let s3: S3Server;
  let server: ForecastServer;
  let folder: string;
  let configUri: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tramontana-shared-'));
    [s3, server] = await Promise.all([S3Server.start(), ForecastServer.start()]);
    Object.assign(process.env, s3.environment);
    await Promise.all([writeAnalyses(folder, CYCLE), writeForecast(folder, CYCLE)]);
    configUri = await writeTinyConfig(folder);
  });
  after(async () => {
    await server.stop();
    await s3.close();
    await rm(folder, { recursive: true });
  });

  /** Surroundings of a worker on a machine of its own. */
  const surroundings = (machine: string, store: string): ActivityDependencies => ({
    ...defaultDependencies({
      stateFolder: join(folder, machine, 'state'),
      runsFolder: join(folder, machine, 'runs'),
      store: `s3://${BUCKET}/${store}`,
    }),
    roots: UNRESTRICTED_ROOTS,
  });

  const serving = async <T>(deps: ActivityDependencies, taskQueue: string, body: () => Promise<T>): Promise<T> => {
    const common = { connection: server.environment.nativeConnection, activities: createActivities(deps) };
    const pipeline = await Worker.create({
      ...{ ...common, taskQueue, workflowBundle: server.bundle, maxCachedWorkflows: 0 },
      shutdownForceTime: '20s',
    });
    const engine = await Worker.create({ ...common, taskQueue: engineTaskQueue(taskQueue), shutdownForceTime: '20s' });
    return engine.runUntil(() => pipeline.runUntil(body));
  };

  const start = (taskQueue: string, workflowId: string): Promise<WorkflowHandle> =>
    server.environment.client.workflow.start('forecast', {
      ...{ taskQueue, workflowId },
      args: [{ schemaVersion: 1, configUri, cycle: CYCLE }],
    });
  const resultOf = async (handle: WorkflowHandle): Promise<ForecastResult> => (await handle.result()) as ForecastResult;
  const outcomes = ({ stages }: ForecastResult): Record<string, boolean> =>
    Object.fromEntries(stages.map(({ name, reused }) => [name, reused]));

  it('reuse what another one made, though its machine is gone', async () => {
    const one = await serving(surroundings('one', 'reuse'), 'reuse', async () =>
      resultOf(await start('reuse', 'first')),
    );
    assert.ok(
      Object.values(outcomes(one)).every((reused) => !reused),
      'the first one computes everything',
    );
    const netcdf = await readFile(join(one.folder, 'forecast.nc'));
    await rm(join(folder, 'one'), { recursive: true });

    const two = await serving(surroundings('two', 'reuse'), 'reuse', async () =>
      resultOf(await start('reuse', 'second')),
    );
    const { publish, ...others } = outcomes(two);
    assert.equal(publish, false, 'its products lie elsewhere');
    assert.ok(Object.values(others).every(Boolean), JSON.stringify(others));
    assert.notEqual(two.folder, one.folder);
    // the history of the file tells when it was made
    assert.equal((await readFile(join(two.folder, 'forecast.nc'))).byteLength, netcdf.byteLength);
    const history = await server.environment.client.workflow.getHandle('second').fetchHistory();
    const told = [...bytesIn(history)].map((bytes) => Buffer.from(bytes).toString('utf8')).join('\n');
    assert.ok(told.includes(`s3://${BUCKET}/reuse/objects/`), 'references travel');
    assert.ok(!told.includes(s3.environment['AWS_SECRET_ACCESS_KEY'] ?? ''), 'secrets do not');
  });

  it('go on with a fit from the checkpoints of one that is gone', async () => {
    const first = surroundings('three', 'resume');
    let interrupted = (): void => undefined;
    const isInterrupted = new Promise<void>((resolve) => (interrupted = resolve));
    /** An engine whose machine fails at its second checkpoint, and does not come back. */
    const failing = async (job: FitJob | IntegrateJob, options: RunEngineOptions = {}): Promise<never> => {
      const stop = new AbortController();
      try {
        let checkpoints = 0;
        await first.runEngine(job as FitJob, {
          ...options,
          signal: stop.signal,
          onEvent: (event) => {
            options.onEvent?.(event);
            checkpoints += event.type === 'checkpoint' ? 1 : 0;
            if (checkpoints === 2) stop.abort();
          },
        });
      } finally {
        interrupted();
      }
      throw new Error('it was to fail');
    };
    const deps = { ...first, runEngine: failing as ActivityDependencies['runEngine'] };
    const handle = await serving(deps, 'resume', async () => {
      const started = await start('resume', 'resumed');
      await isInterrupted;
      return started;
    });
    await rm(join(folder, 'three'), { recursive: true });

    const result = await serving(surroundings('four', 'resume'), 'resume', () => resultOf(handle));
    const fit = result.stages.find(({ name }) => name === 'fit');
    assert.match(String(fit?.facts['summary']), /resumed from iteration [1-9]/u);
    const left: string[] = [];
    for await (const { name } of surroundings('five', 'resume').checkpoints?.list('checkpoints/') ?? [])
      left.push(name);
    assert.deepEqual(left, [], 'checkpoints go when the result is stored');
  });
});
