// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';

import type { InputState } from '../../activities/inputs/input-state.js';
import type { OperatorEvent, ScheduledCycle } from '../../activities/schedule/schedule-contracts.js';
import { messageOf } from '../../common/errors.js';
import type { TramontanaActivities } from '../../activities/index.js';
import type { DailyResult } from '../../workflows/daily-forecast.js';
import { fakeActivities, outcome, published, RUN } from '../support/fake-stages.js';
import { ForecastServer } from '../support/forecast-server.js';

const LATE: InputState = { state: 'late', reason: 'pm2_5: the day is taken from the run before' };
const ABSENT: InputState = { state: 'absent', reason: 'pm2_5: no analysis' };
const PRESENT: InputState = { state: 'present' };

interface Morning {
  /** Of its history. */
  readonly name: string;
  /** Seconds from the start. */
  readonly deadline: number;
  readonly expires: number;
  readonly onLate?: 'rerun' | 'keep';
  /** What each look finds; the last one goes on. */
  readonly looks: readonly InputState[];
  readonly publish?: TramontanaActivities['publish'];
  readonly resolveCycle?: TramontanaActivities['resolveCycle'];
  readonly notify?: TramontanaActivities['notify'];
  readonly lookForInput?: TramontanaActivities['lookForInput'];
  readonly resolveSchedule?: TramontanaActivities['resolveSchedule'];
}

describe('the day of a schedule', () => {
  let server: ForecastServer;
  before(async () => {
    server = await ForecastServer.start();
  });
  after(() => server.stop());

  async function morning(settings: Morning): Promise<{
    result: DailyResult | Error;
    events: OperatorEvent[];
    forecasts: number;
    looked: number;
    details: string;
    attributes: Readonly<Record<string, unknown>>;
  }> {
    const events: OperatorEvent[] = [];
    let [looked, forecasts] = [0, 0];
    const cycleOf = (nowMs: number): ScheduledCycle => ({
      ...{ domain: 'test', title: 'Test domain', cycle: '2026-03-16', searchAttributes: true },
      retryEveryMs: 200,
      deadline: new Date(nowMs + 1000 * settings.deadline).toISOString(),
      expires: new Date(nowMs + 1000 * settings.expires).toISOString(),
      onLate: settings.onLate ?? 'rerun',
    });
    const activities = fakeActivities([], {
      resolveSchedule: settings.resolveSchedule ?? (() => Promise.resolve(cycleOf(Date.now()))),
      resolveCycle: (args) => {
        forecasts += 1;
        if (settings.resolveCycle !== undefined) return settings.resolveCycle(args);
        return Promise.resolve({ run: { ...RUN, searchAttributes: true as const }, outcome: outcome('resolve-cycle') });
      },
      lookForInput: (args) => {
        if (settings.lookForInput !== undefined) return settings.lookForInput(args);
        const found = settings.looks[Math.min(looked, settings.looks.length - 1)] ?? ABSENT;
        looked += 1;
        return Promise.resolve(found);
      },
      publish: settings.publish ?? published('pass'),
      notify: (event) => {
        events.push(event);
        return settings.notify?.(event) ?? Promise.resolve();
      },
    });
    return server.withWorkers(activities, async (start) => {
      const handle = await start({ schemaVersion: 1, configUri: '/x.yaml' }, 'dailyForecast');
      const result = (await handle.result().catch((error: unknown) => error)) as DailyResult | Error;
      const metadata = await handle.query<{ currentDetails: string }>('__temporal_workflow_metadata');
      const { typedSearchAttributes } = await handle.describe();
      const attributes = Object.fromEntries(typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value]));
      const history = await handle.fetchHistory();
      await server.replay(history, `daily-${settings.name}`);
      return { result, events, forecasts, looked, details: metadata.currentDetails, attributes };
    });
  }

  const kinds = (events: readonly OperatorEvent[]): string[] => events.map(({ event }) => event);

  it('is a forecast where the input is there', async () => {
    const { result, events, attributes, details } = await morning({
      name: 'in-time',
      deadline: 60,
      expires: 120,
      looks: [PRESENT],
    });
    assert.ok(!(result instanceof Error), messageOf(result));
    assert.deepEqual(
      { ...result },
      { schemaVersion: 1, domain: 'test', cycle: '2026-03-16', state: 'published', late: false, folder: '/runs/test' },
    );
    assert.deepEqual(events, []);
    assert.equal(attributes['TramontanaDomain'], 'test');
    assert.deepEqual(attributes['TramontanaCycle'], new Date('2026-03-16T00:00:00Z'));
    assert.equal(attributes['TramontanaLate'], false);
    assert.match(details, /### Test domain, 2026-03-16\n\n\*\*published\*\*/);
  });

  it('waits for late input', async () => {
    const { result, events, looked } = await morning({
      name: 'late',
      deadline: 60,
      expires: 120,
      looks: [ABSENT, LATE, PRESENT],
    });
    assert.ok(!(result instanceof Error), messageOf(result));
    assert.equal(result.state, 'published');
    assert.equal(result.late, false);
    assert.equal(looked, 3);
    assert.deepEqual(events, []);
  });

  it('falls back at the deadline, and makes it good when the input comes', async () => {
    let forecasts = 0;
    const looks = Array.from({ length: 12 }, () => LATE);
    const { result, events, attributes } = await morning({
      name: 'fallback-and-recovery',
      ...{ deadline: 1, expires: 60, looks: [...looks, PRESENT] },
      publish: () => {
        forecasts += 1;
        return published(forecasts === 1 ? 'degrade' : 'pass')();
      },
    });
    assert.ok(!(result instanceof Error), messageOf(result));
    assert.equal(result.state, 'published');
    assert.equal(result.late, true);
    assert.equal(forecasts, 2);
    assert.deepEqual(kinds(events), ['degraded', 'recovered']);
    assert.equal(events[0]?.reason, LATE.reason);
    assert.equal(attributes['TramontanaLate'], true);
    assert.equal(attributes['TramontanaDegraded'], false);
  });

  it('keeps the fallback where it was told so', async () => {
    const { result, events, attributes, forecasts } = await morning({
      name: 'kept-fallback',
      ...{ deadline: 0.5, expires: 60, onLate: 'keep', looks: [LATE] },
      publish: published('degrade'),
    });
    assert.ok(!(result instanceof Error), messageOf(result));
    assert.equal(result.state, 'degraded');
    assert.equal(forecasts, 1);
    assert.deepEqual(kinds(events), ['degraded']);
    assert.equal(attributes['TramontanaDegraded'], true);
    assert.equal(attributes['TramontanaQuality'], 'degraded');
  });

  it('ends degraded when the input never comes', async () => {
    const { result, details } = await morning({
      name: 'never-whole',
      ...{ deadline: 0.5, expires: 2, looks: [LATE] },
      publish: published('degrade'),
    });
    assert.ok(!(result instanceof Error), messageOf(result));
    assert.equal(result.state, 'degraded');
    assert.match(details, /published, but degraded.*late/);
  });

  it('fails, and says so, where there is nothing to publish', async () => {
    const { result, events, forecasts } = await morning({
      name: 'missed',
      deadline: 0.5,
      expires: 1.5,
      looks: [ABSENT],
    });
    assert.ok(result instanceof WorkflowFailedError && result.cause instanceof ApplicationFailure);
    assert.equal(result.cause.type, 'Run.Missed');
    assert.match(result.cause.message, /pm2_5: no analysis/);
    assert.equal(forecasts, 0);
    assert.deepEqual(kinds(events), ['deadline-missed', 'missed']);
  });

  it('says at the deadline that a forecast is still being made', async () => {
    const { result, events } = await morning({
      name: 'slow',
      ...{ deadline: 1, expires: 60, looks: [PRESENT] },
      publish: () => new Promise((resolve) => setTimeout(() => resolve(published('pass')()), 2500)),
    });
    assert.ok(!(result instanceof Error), messageOf(result));
    assert.equal(result.state, 'published');
    assert.equal(result.late, true);
    assert.deepEqual(kinds(events), ['deadline-missed', 'recovered']);
  });

  it('does nothing when it comes too late', async () => {
    const { result, looked, forecasts } = await morning({
      name: 'expired',
      deadline: -7200,
      expires: -60,
      looks: [PRESENT],
    });
    assert.ok(!(result instanceof Error), messageOf(result));
    assert.equal(result.state, 'expired');
    assert.equal(looked + forecasts, 0);
  });

  it('tells of a forecast that fails, with its tag', async () => {
    const { result, events } = await morning({
      name: 'failed',
      ...{ deadline: 60, expires: 120, looks: [PRESENT] },
      resolveCycle: () => Promise.reject(ApplicationFailure.nonRetryable('no such unit', 'Ingest.UnknownUnits')),
    });
    assert.ok(result instanceof WorkflowFailedError && result.cause instanceof ApplicationFailure);
    assert.equal(result.cause.type, 'Ingest.UnknownUnits');
    assert.deepEqual(kinds(events), ['failed']);
    assert.match(events[0]?.reason ?? '', /no such unit/);
  });

  it('tells of a look that fails for good', async () => {
    const { result, events } = await morning({
      name: 'failed-look',
      ...{ deadline: 60, expires: 120, looks: [PRESENT] },
      lookForInput: () => Promise.reject(ApplicationFailure.nonRetryable('source.path: outside', 'Input.OutsideRoots')),
    });
    assert.ok(result instanceof WorkflowFailedError && result.cause instanceof ApplicationFailure);
    assert.equal(result.cause.type, 'Input.OutsideRoots');
    assert.deepEqual(kinds(events), ['failed']);
  });

  it('goes on when nobody can be told', async () => {
    const { result } = await morning({
      name: 'nobody-told',
      ...{ deadline: 0.5, expires: 60, onLate: 'keep', looks: [LATE] },
      notify: () => Promise.reject(ApplicationFailure.nonRetryable('no pager', 'Hook.Failed')),
    });
    assert.ok(!(result instanceof Error), messageOf(result));
    assert.equal(result.state, 'degraded');
  });

  it('tells of a configuration that cannot be used', async () => {
    const { result, events, forecasts } = await morning({
      ...{ name: 'no-configuration', deadline: 60, expires: 120, looks: [PRESENT] },
      resolveSchedule: () => {
        throw ApplicationFailure.nonRetryable('/x.yaml: nothing there', 'Config.Unreadable');
      },
    });
    assert.ok(result instanceof WorkflowFailedError);
    assert.equal(forecasts, 0);
    const [{ event, domain, cycle, deadline, reason } = {}, ...more] = events as Partial<OperatorEvent>[];
    assert.deepEqual(more, []);
    assert.deepEqual({ event, cycle, deadline }, { event: 'failed', cycle: null, deadline: null });
    assert.match(domain ?? '', /^forecast-\d+$/);
    assert.match(reason ?? '', /nothing there/);
  });
});
