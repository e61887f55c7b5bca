// SPDX-License-Identifier: Apache-2.0
/** What an operator does to runs under way: holds one in mid-fit and lets it go on, brings a new build of the worker in force. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { Context } from '@temporalio/activity';
import { Worker } from '@temporalio/worker';

import type { TramontanaActivities } from '../../activities/index.js';
import { TramontanaClient } from '../../client/index.js';
import { delay, waitUntil } from '../../common/processes.js';
import { engineTaskQueue } from '../../workflows/activity-options.js';
import { fakeActivities } from '../support/fake-stages.js';
import { ForecastServer } from '../support/forecast-server.js';

const INPUT = { schemaVersion: 1, configUri: 'x' };
const LIMIT_MS = 60_000;

describe('runs under way', { timeout: 4 * LIMIT_MS }, () => {
  let server: ForecastServer;
  before(async () => {
    server = await ForecastServer.start();
  });
  after(() => server.stop());

  it('are held in mid-fit, stay held, and go on', async () => {
    const attempts: number[] = [];
    const whole = fakeActivities([]);
    const fit: TramontanaActivities['fit'] = async (args) => {
      const context = Context.current();
      attempts.push(context.info.attempt);
      // the first attempt computes until it is told to stop
      while (attempts.length === 1) {
        context.heartbeat();
        await context.sleep(50);
      }
      return whole.fit(args);
    };
    await server.withWorkers({ ...whole, fit }, async (start) => {
      const client = new TramontanaClient(server.environment.client);
      const run = await client.latest((await start(INPUT)).workflowId);
      await waitUntil(() => Promise.resolve(attempts.length === 1), LIMIT_MS);
      assert.equal(await client.pause(run, 'works on the roof'), 1);
      const isPaused = async (): Promise<boolean> => {
        const { raw } = await server.environment.client.workflow.getHandle(run.workflowId).describe();
        const [pending] = raw.pendingActivities ?? [];
        // PENDING_ACTIVITY_STATE_PAUSED: no attempt runs any more
        return pending?.paused === true && Number(pending.state) === 4;
      };
      await waitUntil(isPaused, LIMIT_MS);
      // longer than the first wait before a new attempt
      await delay(1500);
      assert.equal(attempts.length, 1);
      assert.equal(await client.resume(run), 1);
      await client.result(run);
      assert.equal(attempts.length, 2);
    });
  });

  it('stay with the build that began them; new ones go to the current build', async () => {
    const { nativeConnection: connection, client } = server.environment;
    const taskQueue = 'versioned';
    const published: string[] = [];
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    let isFitting = false;
    const workersOf = (buildId: string): Promise<Worker[]> => {
      const whole = fakeActivities([]);
      const activities: TramontanaActivities = {
        ...whole,
        fit: async (args) => {
          isFitting = true;
          if (buildId === 'a') await gate;
          return whole.fit(args);
        },
        publish: (args) => {
          published.push(buildId);
          return whole.publish(args);
        },
      };
      const version = { deploymentName: 'tramontana', buildId };
      const common = {
        ...{ connection, activities },
        workerDeploymentOptions: {
          version,
          useWorkerVersioning: true as const,
          defaultVersioningBehavior: 'PINNED' as const,
        },
      };
      return Promise.all([
        Worker.create({ ...common, taskQueue, workflowBundle: server.bundle }),
        Worker.create({ ...common, taskQueue: engineTaskQueue(taskQueue) }),
      ]);
    };
    /** The server knows a version once its workers have asked for work. */
    const makeCurrent = (buildId: string): Promise<boolean> =>
      waitUntil(async () => {
        try {
          await client.workflowService.setWorkerDeploymentCurrentVersion({
            ...{ namespace: 'default', identity: 'test', deploymentName: 'tramontana', buildId },
          });
          return true;
        } catch {
          return false;
        }
      }, LIMIT_MS);
    const start = (workflowId: string) => client.workflow.start('forecast', { taskQueue, workflowId, args: [INPUT] });

    const workers = await workersOf('a');
    const ends = workers.map((worker) => worker.run());
    try {
      await makeCurrent('a');
      const first = await start('begun-by-a');
      await waitUntil(() => Promise.resolve(isFitting), LIMIT_MS);
      const newer = await workersOf('b');
      workers.push(...newer);
      ends.push(...newer.map((worker) => worker.run()));
      await makeCurrent('b');
      await (await start('begun-by-b')).result();
      assert.deepEqual(published, ['b']);
      release();
      await first.result();
      assert.deepEqual(published, ['b', 'a']);
    } finally {
      release();
      for (const worker of workers) worker.shutdown();
      await Promise.all(ends);
    }
  });
});
