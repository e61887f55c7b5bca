// SPDX-License-Identifier: Apache-2.0
/** What the stages of a whole run tell to whoever watches: every line of the log and every metric, with an engine that computes nothing. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import type { MetricMeter, MetricTags } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger, type LogEntry } from '@temporalio/worker';

import { TramontanaError } from '../../common/errors.js';
import { createActivities } from '../create-activities.js';
import type { OperatorEvent } from '../schedule/schedule-contracts.js';
import type { StageArgs, StageOutcome } from '../stage-contracts.js';
import { routeScene, type RouteScene } from '../testing/route-scene.js';
import { logAttributesOf } from './log-attributes.js';
import { countPublication, METRICS } from './stage-metrics.js';

interface Recorded {
  readonly name: string;
  readonly kind: string;
  readonly value: number;
  readonly tags: MetricTags;
}

const lines: LogEntry[] = [];
const recorded: Recorded[] = [];

/** A meter that writes down what it is given. */
function meterOf(): MetricMeter {
  const put =
    (name: string, kind: string) =>
    (value: number, tags: MetricTags = {}): void => {
      // the SDK adds where the activity runs
      const { namespace: _n, taskQueue: _q, activityType: _t, ...own } = tags;
      recorded.push({ name, kind, value, tags: own });
    };
  const metric = (name: string, kind: string) => ({ name, kind, valueType: 'float', withTags: () => assert.fail() });
  return {
    createCounter: (name: string) => ({ ...metric(name, 'counter'), add: put(name, 'counter') }),
    createGauge: (name: string) => ({ ...metric(name, 'gauge'), set: put(name, 'gauge') }),
    createHistogram: (name: string) => ({ ...metric(name, 'histogram'), record: put(name, 'histogram') }),
    withTags: meterOf,
  } as unknown as MetricMeter;
}

/** An operator is told once, whatever the attempts. */
const attemptOf = (activityType: unknown): number => (activityType === 'notify' ? 1 : 2);

const RUN_ID = 'run-of-the-test';
const inActivity = <Result>(activityType: string, body: () => Promise<Result>): Promise<Result> =>
  new MockActivityEnvironment(
    {
      ...{ activityType, attempt: attemptOf(activityType), currentAttemptScheduledTimestampMs: Date.now() - 90_000 },
      workflowExecution: { workflowId: 'workflow-of-the-test', runId: RUN_ID },
    },
    {
      logger: new DefaultLogger('DEBUG', (entry) => void lines.push(entry)),
      metricMeter: meterOf(),
      interceptors: [logAttributesOf],
    },
  ).run<[], Result, () => Promise<Result>>(body);

const named = (name: keyof typeof METRICS): readonly Recorded[] => recorded.filter((one) => one.name === name);
const latest = (name: keyof typeof METRICS): number => named(name).at(-1)?.value ?? NaN;

describe('a run tells', () => {
  let folder: string;
  let scene: RouteScene;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tramontana-told-'));
    scene = await routeScene(folder, 4, {
      model: { route: 'grid' },
      quality: { maximumMissingShareDegrade: 0.01 },
    });
    const activities = createActivities(scene.deps);
    const { run, outcome } = await inActivity('resolveCycle', () => activities.resolveCycle({ input: scene.input }));
    const stages = [outcome];
    let inputs: StageOutcome['outputs'] = {};
    const next = async (name: 'ingest' | 'qualityGate' | 'mesh' | 'fit' | 'integrate' | 'downscale'): Promise<void> => {
      const activity: (args: StageArgs) => Promise<StageOutcome> = activities[name];
      const made = await inActivity(name, () => activity({ run, inputs }));
      stages.push(made);
      inputs = { ...inputs, ...made.outputs };
    };
    for (const name of ['ingest', 'qualityGate', 'mesh', 'fit', 'integrate', 'downscale'] as const) await next(name);
    await inActivity('publish', () => activities.publish({ run, inputs, stages }));
    // once more, from the cache
    await next('fit');
    const broken = createActivities({
      ...scene.deps,
      runEngine: (): Promise<never> => Promise.reject(new TramontanaError('Engine.OutOfMemory', 'no memory left')),
    });
    await assert.rejects(inActivity('fit', () => broken.fit({ run: { ...run, recompute: ['fit'] }, inputs })));
    const event: OperatorEvent = {
      ...{ event: 'degraded', reason: 'a test', deadline: '2026-03-16T08:30:00Z' },
      ...{ schemaVersion: 1, domain: run.domain, cycle: run.cycle, workflowId: 'w', runId: 'r' },
    };
    await inActivity('notify', () => createActivities({ ...scene.deps, hook: { command: '/bin/true' } }).notify(event));
    const times = (hours: number) => ({
      deadline: new Date(Date.now() - 3_600_000).toISOString(),
      expires: new Date(Date.now() + hours * 3_600_000).toISOString(),
    });
    const published = (cycleTimes: ReturnType<typeof times>): Promise<void> => {
      countPublication(run, outcome, cycleTimes);
      return Promise.resolve();
    };
    await inActivity('publish', () => published(times(1)));
    // a past day that is filled in
    await inActivity('publish', () => published(times(-0.5)));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('in every line of its log domain, cycle, run, stage and attempt', () => {
    assert.ok(lines.length > 20, `${lines.length} lines`);
    for (const { message, meta } of lines) {
      assert.equal(meta?.['run'], RUN_ID, message);
      assert.equal(meta['attempt'], attemptOf(meta['activityType']), message);
      assert.equal(typeof meta['stage'], 'string', message);
      const isBegin = message === 'Activity started' || meta['activityType'] === 'resolveCycle';
      // nothing was read yet; the last two publications are of the metric alone
      if (isBegin || /completed/u.test(message)) continue;
      assert.equal(meta['domain'], 'routes', message);
      assert.match(String(meta['cycle']), /^\d{4}-\d\d-\d\d$/u, message);
    }
    const computing = lines.filter(({ message }) => message.endsWith(': computing'));
    assert.deepEqual(
      computing.map(({ meta }) => String(meta?.['stage'])),
      ['resolve-cycle', 'ingest', 'quality-gate', 'mesh', 'fit', 'integrate', 'downscale', 'publish', 'fit'],
    );
    const failed = lines.find(({ message }) => message === 'Activity failed');
    assert.equal(failed?.meta?.['stage'], 'fit', 'the lines of the SDK are about the stage too');
  });

  it('how long each stage waited and took, and what failed', () => {
    assert.equal(named('tramontana_stage_seconds').length, 9);
    assert.ok(named('tramontana_stage_seconds').every(({ value }) => value >= 0 && value < 60));
    assert.deepEqual(
      named('tramontana_stage_seconds')
        .filter(({ tags }) => tags['stage'] === 'fit')
        .map(({ tags }) => tags['reused']),
      ['false', 'true'],
    );
    const waits = named('tramontana_stage_waiting_seconds').map(({ value }) => value);
    // scheduled a minute and a half before it began; the rest is the time of this machine
    assert.ok(waits.length === 10 && waits.every((value) => value >= 90 && value < 150), waits.join());
    assert.deepEqual(
      named('tramontana_stage_failures_total').map(({ tags }) => tags),
      [{ stage: 'fit', domain: 'routes', type: 'Engine.OutOfMemory' }],
    );
    const hits = named('tramontana_cache_lookups_total').filter(({ tags }) => tags['result'] === 'hit');
    assert.deepEqual(
      hits.map(({ tags }) => tags['stage']),
      ['fit'],
    );
  });

  it('what the fit did, and how good the input was', () => {
    // what the fake engine answers; a fit that is reused evaluates nothing
    assert.deepEqual(
      named('tramontana_fit_evaluations_total').map(({ value }) => value),
      [10],
    );
    assert.equal(named('tramontana_fit_objective').find(({ tags }) => tags['sign'] === 'positive')?.value, 1);
    const share = latest('tramontana_input_missing_share');
    // 4 of 42 cells on one of two days
    assert.ok(Math.abs(share - 4 / 84) < 1e-12, `${share}`);
  });

  it('when products were there, how late, of which day, and whether they are degraded', () => {
    const [first] = named('tramontana_published_cycle_timestamp_seconds');
    assert.equal((first?.value ?? NaN) % 86_400, 0);
    assert.ok(Math.abs(latest('tramontana_published_timestamp_seconds') - Date.now() / 1000) < 120);
    assert.deepEqual(
      named('tramontana_published_degraded').map(({ value }) => value),
      [1, 0, 0],
    );
    const late = named('tramontana_published_lateness_seconds').map(({ value }) => Math.round(value / 60));
    assert.deepEqual(late, [60], 'the run without a schedule and the past day have none');
    assert.equal(named('tramontana_events_total').at(-1)?.tags['event'], 'degraded');
  });

  it('by metrics as they are declared, named with their unit', () => {
    for (const { name, kind, tags } of recorded) {
      const declared = METRICS[name as keyof typeof METRICS];
      assert.equal(kind, declared.kind, name);
      assert.deepEqual(Object.keys(tags).sort(), [...declared.labels].sort(), name);
    }
    const SUFFIX = { s: /_seconds$/u, By: /_bytes$/u } as const;
    for (const [name, metric] of Object.entries(METRICS)) {
      assert.match(metric.help, /^[\w0].{20,}[^.]$/u, name);
      if ('unit' in metric) assert.match(name, SUFFIX[metric.unit], name);
      assert.equal(metric.kind === 'counter', name.endsWith('_total'), name);
    }
    // those of the process have no stage
    const ofProcess = /^tramontana_(disk|server)_/u;
    const missing = Object.keys(METRICS).filter(
      (name) => !ofProcess.test(name) && !recorded.some((one) => one.name === name),
    );
    assert.deepEqual(missing, []);
  });
});
