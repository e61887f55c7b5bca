// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { Context } from '@temporalio/activity';
import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { Worker } from '@temporalio/worker';

import { withFailureMapping } from '../../activities/frame/failures.js';
import { defaultDependencies } from '../../activities/index.js';
import type { StageOutcome } from '../../activities/stage-contracts.js';
import { runStage } from '../../activities/frame/stage-frame.js';
import { fakeActivities, outcome, ref } from '../support/fake-stages.js';
import { ForecastServer } from '../support/forecast-server.js';
import { engineTaskQueue } from '../../workflows/activity-options.js';
import type { ForecastResult } from '../../workflows/forecast.js';
import type { RunProgress } from '../../workflows/progress-state.js';

describe('forecast workflow', () => {
  let server: ForecastServer;
  const withWorkers: ForecastServer['withWorkers'] = (...args) => server.withWorkers(...args);

  before(async () => {
    server = await ForecastServer.start();
  });
  after(() => server.stop());

  it('hands each stage the outputs that it needs, and returns what was published', async () => {
    const calls: string[] = [];
    const result = await withWorkers(fakeActivities(calls), async (start) => {
      const handle = await start({ schemaVersion: 1 });
      return (await handle.result()) as ForecastResult;
    });
    assert.deepEqual(calls, [
      'ingest()',
      'quality-gate(daily,notes)',
      'mesh(daily,notes)',
      'fit(daily,mesh,notes,route,spectralBasis)',
      'integrate(daily,fit,frame,mesh,notes,parameters,route,spectralBasis)',
      'downscale(daily,fit,frame,inference,mesh,moments,notes,parameters,route,spectralBasis)',
      'publish after resolve-cycle,ingest,quality-gate,mesh,fit,integrate,downscale',
    ]);
    assert.equal(result.folder, '/runs/test/2026-03-16');
    assert.equal(result.stages.length, 8);
  });

  it('tells the same progress as query and as current details, and replays its history', async () => {
    const history = await withWorkers(
      fakeActivities([], {
        fit: async () => {
          const { workflowId } = Context.current().info.workflowExecution ?? { workflowId: '' };
          await Context.current().client.workflow.getHandle(workflowId).signal('stageProgress', {
            stage: 'fit',
            fraction: 0.5,
            phase: 'searching the mode',
            iteration: 7,
            objective: -12.5,
            gradientNorm: 0.25,
            attempt: 1,
          });
          const progress = await Context.current().client.workflow.getHandle(workflowId).query<RunProgress>('progress');
          const fit = progress.stages.find(({ name }) => name === 'fit');
          assert.equal(fit?.state, 'running');
          assert.equal(fit.progress?.iteration, 7);
          return outcome('fit', ['fit', 'parameters']);
        },
      }),
      async (start) => {
        const handle = await start({ schemaVersion: 1 });
        await handle.result();
        const progress = await handle.query<RunProgress>('progress');
        assert.equal(progress.state, 'done');
        assert.deepEqual(
          progress.stages.map(({ state }) => state),
          ['done', 'done', 'done', 'reused', 'done', 'done', 'done', 'done'],
        );
        const metadata = await handle.query<{ currentDetails: string }>('__temporal_workflow_metadata');
        assert.match(metadata.currentDetails, /### Test domain, 2026-03-16/);
        assert.match(metadata.currentDetails, /Fit the model \| `█{10}` \| 0\.1 s · fit summary/);
        assert.match(metadata.currentDetails, /report\.html/);
        return handle.fetchHistory();
      },
    );
    await server.replay(history, 'forecast');
  });

  it('fails at once with type, facts and the stage in the message when a stage decides so', async () => {
    const refused = ApplicationFailure.nonRetryable('input.cycle: must be a day, got "x"', 'Input.Invalid', {
      path: 'cycle',
    });
    await withWorkers(fakeActivities([], { resolveCycle: () => Promise.reject(refused) }), async (start) => {
      const handle = await start({ schemaVersion: 1, cycle: 'x' });
      await assert.rejects(handle.result(), (error) => {
        assert.ok(error instanceof WorkflowFailedError && error.cause instanceof ApplicationFailure);
        assert.equal(error.cause.type, 'Input.Invalid');
        assert.match(error.cause.message, /^Find the cycle: input\.cycle/);
        assert.deepEqual(error.cause.details, [{ path: 'cycle' }]);
        return true;
      });
      const progress = await handle.query<RunProgress>('progress');
      assert.equal(progress.failure?.type, 'Input.Invalid');
    });
  });

  it('tries an unexpected error of a fit four times at one checkpoint, and goes on while checkpoints get further', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tramontana-attempts-'));
    const surroundings = {
      ...defaultDependencies({ stateFolder: folder, runsFolder: folder }),
      progressSender: () => () => Promise.resolve(),
    };
    // by attempt: the first dies at once, the second writes a checkpoint, and none after it gets further
    const checkpoints = [[], [3], [], [2, 3], []];
    const seen: number[] = [];
    const fit = () =>
      withFailureMapping(() =>
        runStage(
          surroundings,
          { domain: 'test', recompute: [] },
          {
            ...{ name: 'fit', version: 1, parameters: {}, inputs: {} },
            compute: ({ attempt, pointToCheckpoint }) => {
              seen.push(attempt);
              for (const iteration of checkpoints[attempt - 1] ?? []) {
                pointToCheckpoint({ path: '/x', sha256: 'x', iteration });
              }
              return Promise.reject(new TypeError(`defect at attempt ${attempt}`));
            },
          },
        ),
      );
    try {
      await withWorkers(fakeActivities([], { fit }), async (start) => {
        const handle = await start({ schemaVersion: 1 });
        await assert.rejects(handle.result(), (error) => {
          assert.ok(error instanceof WorkflowFailedError && error.cause instanceof ApplicationFailure);
          assert.equal(error.cause.type, 'Internal.Unexpected');
          assert.match(error.cause.message, /defect at attempt 5/u);
          return true;
        });
      });
      // without the checkpoint it would have ended at the fourth
      assert.deepEqual(seen, [1, 2, 3, 4, 5]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('waits for the fit to end when it is cancelled', async () => {
    let wroteCheckpoint = false;
    const activities = fakeActivities([], {
      fit: async () => {
        const { cancelled, heartbeat } = Context.current();
        const beating = setInterval(() => heartbeat(), 100);
        try {
          return await cancelled;
        } catch (error) {
          await new Promise((resolve) => setTimeout(resolve, 300));
          wroteCheckpoint = true;
          throw error;
        } finally {
          clearInterval(beating);
        }
      },
    });
    await withWorkers(activities, async (start) => {
      const handle = await start({ schemaVersion: 1 });
      while ((await handle.query<RunProgress>('progress')).stages[4]?.state !== 'running') {
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      await handle.cancel();
      await assert.rejects(handle.result(), (error) => {
        assert.ok(error instanceof WorkflowFailedError && error.cause instanceof CancelledFailure);
        return true;
      });
      assert.ok(wroteCheckpoint, 'the workflow ended after its activity');
      assert.equal((await handle.query<RunProgress>('progress')).state, 'cancelled');
    });
  });

  it('the fit runs alone on given artifacts', async () => {
    const calls: string[] = [];
    const taskQueue = 'fit-alone';
    const common = { connection: server.environment.nativeConnection, activities: fakeActivities(calls) };
    const pipeline = await Worker.create({ ...common, taskQueue, workflowBundle: server.bundle });
    const engine = await Worker.create({ ...common, taskQueue: engineTaskQueue(taskQueue) });
    const inputs = { daily: ref('daily'), mesh: ref('mesh'), spectralBasis: ref('spectralBasis') };
    const args = [{ schemaVersion: 1, configUri: 'x', inputs }];
    const result: unknown = await engine.runUntil(() =>
      pipeline.runUntil(() =>
        server.environment.client.workflow.execute('fit', { taskQueue, workflowId: taskQueue, args }),
      ),
    );
    assert.deepEqual(calls, ['fit(daily,mesh,spectralBasis)']);
    assert.deepEqual(Object.keys((result as StageOutcome).outputs), ['fit', 'frame', 'parameters']);
  });
});
