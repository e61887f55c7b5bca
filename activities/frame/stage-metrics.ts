// SPDX-License-Identifier: Apache-2.0
/**
 * What the stages tell to whoever watches, through the metric meter of the Temporal SDK. Labels are few and bounded: stages, domains,
 * pollutants and tags of errors, never ids of runs, paths or days. The SDK adds namespace, task queue and type of activity.
 *
 * @module
 */
import type { ApplicationFailure } from '@temporalio/activity';
import { Context } from '@temporalio/activity';
import type { MetricMeter } from '@temporalio/common';

import { messageOf } from '../../common/errors.js';
import type { RunContext, StageOutcome } from '../stage-contracts.js';
import type { WorkName } from '../../pipeline/index.js';

/** One metric, as the manual's table has it. */
export interface MetricDeclaration {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
  readonly unit?: string;
  readonly help: string;
}

/** All metrics of ours. The dashboard, the alerts and docs/observability.md are held against this list. */
export const METRICS = {
  tramontana_stage_seconds: {
    kind: 'histogram',
    labels: ['stage', 'domain', 'reused'],
    unit: 's',
    help: 'time from the begin of a stage to its result, of this attempt',
  },
  tramontana_stage_waiting_seconds: {
    kind: 'histogram',
    labels: ['stage', 'domain'],
    unit: 's',
    help: 'time from the scheduling of an attempt to its begin; by the clocks of server and worker',
  },
  tramontana_stage_failures_total: {
    kind: 'counter',
    labels: ['stage', 'domain', 'type'],
    help: 'attempts that failed, by the tag of the error; cancelled ones and those given back at a shutdown are not counted',
  },
  tramontana_cache_lookups_total: {
    kind: 'counter',
    labels: ['stage', 'domain', 'result'],
    help: 'looks into the stage cache; result is hit or miss',
  },
  tramontana_fit_evaluations_total: {
    kind: 'counter',
    labels: ['domain'],
    help: 'evaluations of the objective by finished fits',
  },
  tramontana_fit_objective: {
    kind: 'gauge',
    labels: ['domain', 'sign'],
    help: 'magnitude of the objective at the mode of the latest fit, under its sign; the other sign is 0; not of tiles',
  },
  tramontana_input_missing_share: {
    kind: 'gauge',
    labels: ['domain', 'pollutant'],
    help: 'share of missing values in the input of the latest run, 0 to 1',
  },
  tramontana_published_timestamp_seconds: {
    kind: 'gauge',
    labels: ['domain'],
    unit: 's',
    help: 'when products were last published or found whole, seconds since 1970',
  },
  tramontana_published_cycle_timestamp_seconds: {
    kind: 'gauge',
    labels: ['domain'],
    unit: 's',
    help: 'day of the cycle last published, its midnight UTC in seconds since 1970: the age of the products follows from it',
  },
  tramontana_published_runs_total: {
    kind: 'counter',
    labels: ['domain', 'quality'],
    help: 'publications, by the word of the quality gate and the route: pass or degrade; unknown of products made by an older version',
  },
  tramontana_published_degraded: {
    kind: 'gauge',
    labels: ['domain'],
    help: '1 while the products last published are degraded, else 0',
  },
  tramontana_published_lateness_seconds: {
    kind: 'gauge',
    labels: ['domain'],
    unit: 's',
    help: 'how long after its deadline the cycle last published was there, 0 in time; of domains with a schedule, and not of past days',
  },
  tramontana_events_total: {
    kind: 'counter',
    labels: ['domain', 'event'],
    help: 'what operators were told of: degraded, deadline-missed, missed, recovered or failed',
  },
  tramontana_disk_free_bytes: {
    kind: 'gauge',
    labels: ['folder'],
    unit: 'By',
    help: 'room that is left where the worker writes; folder is state or products',
  },
  tramontana_disk_size_bytes: {
    kind: 'gauge',
    labels: ['folder'],
    unit: 'By',
    help: 'size of the file system where the worker writes; folder is state or products',
  },
  tramontana_server_reachable: {
    kind: 'gauge',
    labels: [],
    help: '1 while the Temporal server answers the worker, else 0',
  },
} as const satisfies Readonly<Record<string, MetricDeclaration>>;

type MetricName = keyof typeof METRICS;

/** From a look into the cache to a day of fitting; the buckets of the SDK end at ten seconds. */
const SECONDS_BUCKETS = [0.1, 0.5, 2, 10, 30, 60, 300, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400];

/** To be given to the runtime that exports the metrics. */
export const HISTOGRAM_BUCKETS: Readonly<Record<string, number[]>> = Object.fromEntries(
  Object.entries(METRICS)
    .filter(([, { kind }]) => kind === 'histogram')
    .map(([name]) => [name, SECONDS_BUCKETS]),
);

/** Whom a metric is about. */
export type MetricScope = Pick<RunContext, 'domain' | 'tile'>;

type Labels<Name extends MetricName> = Readonly<Record<(typeof METRICS)[Name]['labels'][number], string>>;

/** Records one value on a meter. What is no number is left out, and so is what is negative, which the SDK does not take. */
export function recordMetric<Name extends MetricName>(
  meter: MetricMeter,
  name: Name,
  value: number,
  labels: Labels<Name>,
): void {
  if (!Number.isFinite(value) || value < 0) return;
  const { kind, help, unit }: MetricDeclaration = METRICS[name];
  if (kind === 'counter') meter.createCounter(name, unit, help).add(value, { ...labels });
  else if (kind === 'gauge') meter.createGauge(name, 'float', unit, help).set(value, { ...labels });
  else meter.createHistogram(name, 'float', unit, help).record(value, { ...labels });
}

/** Records one value on the meter of the running activity; nothing of this can fail a stage. */
function record<Name extends MetricName>(name: Name, value: number, labels: Labels<Name>): void {
  const context = Context.current();
  try {
    recordMetric(context.metricMeter, name, value, labels);
  } catch (error) {
    context.log.warn(`metric ${name} could not be recorded: ${messageOf(error)}`);
  }
}

/** An activity may run its stage twice, but has waited once. */
const waited = new WeakSet<Context>();

/** Called when a stage begins. */
export function countBegin(stage: WorkName, { domain }: MetricScope): void {
  const context = Context.current();
  if (waited.has(context)) return;
  waited.add(context);
  const waitedMs = Date.now() - context.info.currentAttemptScheduledTimestampMs;
  record('tramontana_stage_waiting_seconds', Math.max(0, waitedMs) / 1000, { stage, domain });
}

/** Called with every look into the cache that decided. */
export function countLookup(stage: WorkName, { domain }: MetricScope, hit: boolean): void {
  record('tramontana_cache_lookups_total', 1, { stage, domain, result: hit ? 'hit' : 'miss' });
}

/** Called when a stage has a result. */
export function countOutcome({ domain, tile }: MetricScope, { name, reused, seconds, facts }: StageOutcome): void {
  record('tramontana_stage_seconds', seconds, { stage: name, domain, reused: String(reused) });
  if (name === 'fit') {
    if (!reused) record('tramontana_fit_evaluations_total', Number(facts['evaluations']), { domain });
    // objectives of tiles are of as many models
    if (tile === undefined) recordObjective(domain, Number(facts['objective']));
  }
  if (name === 'quality-gate') {
    for (const [pollutant, share] of Object.entries(facts['missingShares'] ?? {})) {
      record('tramontana_input_missing_share', Number(share), { domain, pollutant });
    }
  }
}

function recordObjective(domain: string, objective: number): void {
  if (Number.isNaN(objective)) return;
  record('tramontana_fit_objective', Math.max(0, objective), { domain, sign: 'positive' });
  record('tramontana_fit_objective', Math.max(0, -objective), { domain, sign: 'negative' });
}

/** Called with what a stage threw. */
export function countFailure(stage: WorkName, { domain }: MetricScope, failure: ApplicationFailure): void {
  record('tramontana_stage_failures_total', 1, { stage, domain, type: failure.type ?? 'Internal.Unexpected' });
}

/** Called when an operator is told of something. */
export function countEvent(domain: string, event: string): void {
  record('tramontana_events_total', 1, { domain, event });
}

/**
 * Called when the products of a cycle are in place.
 *
 * @param times - of the cycle's run, by the schedule of its domain; absent where it has none
 */
export function countPublication(
  { domain, cycle }: Pick<RunContext, 'domain' | 'cycle'>,
  outcome: StageOutcome,
  times?: { readonly deadline: string; readonly expires: string },
): void {
  const quality = outcome.facts['decision'];
  const nowMs = Date.now();
  record('tramontana_published_timestamp_seconds', nowMs / 1000, { domain });
  record('tramontana_published_cycle_timestamp_seconds', Date.parse(cycle) / 1000, { domain });
  record('tramontana_published_runs_total', 1, { domain, quality: typeof quality === 'string' ? quality : 'unknown' });
  record('tramontana_published_degraded', quality === 'degrade' ? 1 : 0, { domain });
  // what is made when its run would make no sense any more is not late: it is a past day, filled in
  if (times === undefined || nowMs > Date.parse(times.expires)) return;
  const lateMs = Math.max(0, nowMs - Date.parse(times.deadline));
  record('tramontana_published_lateness_seconds', lateMs / 1000, { domain });
}
