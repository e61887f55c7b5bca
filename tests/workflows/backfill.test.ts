// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';

import type { BackfillProgress } from '../../workflows/backfill-progress.js';
import type { BackfillResult } from '../../workflows/backfill.js';
import { fakeActivities, outcome, published, RUN } from '../support/fake-stages.js';
import { ForecastServer } from '../support/forecast-server.js';

/** Of a long history every task would replay all before it. */
const KEPT = 20;

describe('a backfill', () => {
  let server: ForecastServer;
  before(async () => {
    server = await ForecastServer.start();
  });
  after(() => server.stop());

  const cycles = (count: number): string[] =>
    Array.from({ length: count }, (_, index) => new Date(Date.UTC(2026, 0, 1 + index)).toISOString().slice(0, 10));

  const activitiesOf = (seen: string[], count: number, atOnce: { now: number; most: number }) =>
    fakeActivities([], {
      resolveBackfill: () =>
        Promise.resolve({
          ...{ domain: 'test', title: 'Test domain', concurrency: 2, searchAttributes: false },
          cycles: cycles(count),
        }),
      resolveCycle: async ({ input }) => {
        const cycle = input.cycle ?? '';
        seen.push(cycle);
        atOnce.now += 1;
        atOnce.most = Math.max(atOnce.most, atOnce.now);
        await new Promise((resolve) => setTimeout(resolve, 5));
        if (cycle === '2026-01-03') throw ApplicationFailure.nonRetryable('no data', 'Input.NoDataForCycle');
        return { run: { ...RUN, cycle }, outcome: outcome('resolve-cycle') };
      },
      publish: async () => {
        await Promise.resolve();
        atOnce.now -= 1;
        return published('pass')();
      },
    });

  it('runs each day once, two at a time, collects failures, and goes on in a new history', async () => {
    const seen: string[] = [];
    const atOnce = { now: 0, most: 0 };
    await server.withWorkers(
      activitiesOf(seen, 55, atOnce),
      async (start) => {
        const handle = await start({ schemaVersion: 1, configUri: '/x', from: '', to: '' }, 'backfill');
        const result = (await handle.result()) as BackfillResult;
        assert.equal(result.numDays, 55);
        assert.equal(result.numDone, 54);
        assert.equal(result.numFailed, 1);
        assert.deepEqual(
          result.failures.map(({ cycle }) => cycle),
          ['2026-01-03'],
        );
        assert.match(result.failures[0]?.reason ?? '', /no data/);
        assert.deepEqual([...seen].sort(), cycles(55));
        // the failed day never came to the end that counts it down
        assert.ok(atOnce.most <= 3, `${atOnce.most} at once`);
        const last = server.environment.client.workflow.getHandle(handle.workflowId);
        const progress = await last.query<BackfillProgress>('backfillProgress');
        assert.equal(progress.numDone, 54);
        const { currentDetails } = await last.query<{ currentDetails: string }>('__temporal_workflow_metadata');
        assert.match(currentDetails, /55 of 55 days/);
        assert.match(currentDetails, /✔ 2026-02-24: 7 of 8 stages computed/);
        const history = await last.fetchHistory();
        assert.ok((history.events?.length ?? 0) < 500);
        await server.replay(history, 'backfill');
      },
      KEPT,
    );
  });

  it('fails when no day could be forecast', async () => {
    const none = fakeActivities([], {
      resolveBackfill: () =>
        Promise.resolve({
          ...{ domain: 'test', title: 'Test domain', concurrency: 5, searchAttributes: false },
          cycles: cycles(2),
        }),
      resolveCycle: () => Promise.reject(ApplicationFailure.nonRetryable('no data', 'Input.NoDataForCycle')),
    });
    await server.withWorkers(none, async (start) => {
      const handle = await start({ schemaVersion: 1, configUri: '/x', from: '', to: '' }, 'backfill');
      await assert.rejects(handle.result(), (error) => {
        assert.ok(error instanceof WorkflowFailedError && error.cause instanceof ApplicationFailure);
        assert.equal(error.cause.type, 'Run.AllFailed');
        assert.match(error.cause.message, /no data/);
        return true;
      });
    });
  });
});
