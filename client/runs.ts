// SPDX-License-Identifier: Apache-2.0
/**
 * The list of runs on a server.
 *
 * @module
 */
import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { z } from 'zod';

import { messageOf, TramontanaError } from '../common/errors.js';
import { SEARCH_ATTRIBUTES, type SearchAttribute } from '../common/search-attributes.js';
import { asked } from './server-errors.js';

export const RUN_STATES = ['running', 'done', 'failed', 'cancelled', 'terminated', 'timed-out'] as const;
export type RunState = (typeof RUN_STATES)[number];

/** One run. What is null is not known: it is set by workers whose server knows our search attributes. */
export interface RunSummary {
  readonly workflowId: string;
  readonly runId: string;
  /** `forecast`, `dailyForecast`, `backfill`, `fit`. */
  readonly type: string;
  readonly domain: string | null;
  /** YYYY-MM-DD. */
  readonly cycle: string | null;
  readonly state: RunState;
  readonly stage: string | null;
  readonly degraded: boolean | null;
  readonly late: boolean | null;
  /** ISO 8601. */
  readonly started: string;
  readonly ended: string | null;
}

/** Which runs; all of what is not told. */
export interface RunFilter {
  readonly domain?: string;
  readonly status?: RunState;
  /** First and last cycle, YYYY-MM-DD. */
  readonly from?: string;
  readonly to?: string;
  /** Newest first; default 50. */
  readonly limit?: number;
}

const TYPES = ['forecast', 'dailyForecast', 'backfill', 'fit', 'fitModel'];
const STATE_OF: Readonly<Record<string, RunState>> = {
  RUNNING: 'running',
  COMPLETED: 'done',
  FAILED: 'failed',
  CANCELLED: 'cancelled',
  TERMINATED: 'terminated',
  TIMED_OUT: 'timed-out',
  CONTINUED_AS_NEW: 'running',
};
const STATUS_OF: Readonly<Record<RunState, string>> = {
  running: 'Running',
  done: 'Completed',
  failed: 'Failed',
  cancelled: 'Canceled',
  terminated: 'Terminated',
  'timed-out': 'TimedOut',
};
const DEFAULT_LIMIT = 50;
const calendarDay = z.iso.date();

/** A value of a query, in the quotes that the server's language has. */
function quoted(value: string): string {
  if (/["'\\]/u.test(value)) {
    throw new TramontanaError('Input.Invalid', `filter: expected no quotes, got ${JSON.stringify(value)}`);
  }
  return `"${value}"`;
}

/** Programs without types misspell, and would be given every run. */
function requireKnown(filter: RunFilter): void {
  const known: Readonly<Record<keyof RunFilter, true>> = {
    domain: true,
    status: true,
    from: true,
    to: true,
    limit: true,
  };
  const unknown = Object.keys(filter).find((name) => !(name in known));
  if (unknown !== undefined) {
    throw new TramontanaError('Input.Invalid', `filter: expected ${Object.keys(known).join(', ')}, got "${unknown}"`);
  }
  if (filter.status !== undefined && !RUN_STATES.includes(filter.status)) {
    throw new TramontanaError(
      'Input.Invalid',
      `status: expected ${RUN_STATES.join(', ')}, got ${JSON.stringify(filter.status)}`,
    );
  }
}

function queryOf({ domain, status, from, to }: RunFilter): string {
  const day = (name: string, value: string): string => {
    if (!calendarDay.safeParse(value).success) {
      throw new TramontanaError('Input.Invalid', `${name}: expected a day, YYYY-MM-DD, got "${value}"`);
    }
    return quoted(`${value}T00:00:00Z`);
  };
  const cycle = SEARCH_ATTRIBUTES.cycle.name;
  return [
    `WorkflowType IN (${TYPES.map(quoted).join(', ')})`,
    // an execution that went on in a new history is told by its last one
    `ExecutionStatus != "ContinuedAsNew"`,
    ...(domain === undefined ? [] : [`${SEARCH_ATTRIBUTES.domain.name} = ${quoted(domain)}`]),
    ...(status === undefined ? [] : [`ExecutionStatus = ${quoted(STATUS_OF[status])}`]),
    ...(from === undefined ? [] : [`${cycle} >= ${day('from', from)}`]),
    ...(to === undefined ? [] : [`${cycle} <= ${day('to', to)}`]),
  ].join(' AND ');
}

/**
 * Lists runs, newest first.
 *
 * @throws {TramontanaError} `Input.Invalid`; `Temporal.Refused`; `Temporal.NoSearchAttributes` when the server cannot filter by domain and cycle
 */
export async function listRuns(temporal: Client, filter: RunFilter = {}): Promise<readonly RunSummary[]> {
  requireKnown(filter);
  const runs: RunSummary[] = [];
  const { limit = DEFAULT_LIMIT } = filter;
  if (!Number.isInteger(limit) || limit < 1) {
    throw new TramontanaError('Input.Invalid', `limit: expected a whole number from 1, got ${limit}`);
  }
  const query = queryOf(filter);
  try {
    await asked(async () => {
      for await (const info of temporal.workflow.list({ query, pageSize: Math.min(limit, 1000) })) {
        runs.push(summaryOf(info));
        if (runs.length >= limit) break;
      }
    });
  } catch (error) {
    const names = Object.values(SEARCH_ATTRIBUTES).map(({ name }) => name);
    const text = messageOf(error);
    if (!names.some((name) => text.includes(name))) throw error;
    throw new TramontanaError(
      'Temporal.NoSearchAttributes',
      'Temporal server: expected our search attributes to be registered, got a refusal; a worker of Tramontana registers them when it starts',
      { facts: { names }, cause: error },
    );
  }
  return runs;
}

function summaryOf(info: WorkflowExecutionInfo): RunSummary {
  const values = new Map(info.typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value as unknown]));
  const of = (attribute: SearchAttribute): unknown => values.get(SEARCH_ATTRIBUTES[attribute].name) ?? null;
  const [domain, cycle, stage, degraded, late] = [of('domain'), of('cycle'), of('stage'), of('degraded'), of('late')];
  return {
    workflowId: info.workflowId,
    runId: info.runId,
    type: info.type,
    domain: typeof domain === 'string' ? domain : null,
    cycle: cycle instanceof Date ? cycle.toISOString().slice(0, 10) : null,
    state: STATE_OF[info.status.name] ?? 'failed',
    stage: typeof stage === 'string' ? stage : null,
    degraded: typeof degraded === 'boolean' ? degraded : null,
    late: typeof late === 'boolean' ? late : null,
    started: info.startTime.toISOString(),
    ended: info.closeTime?.toISOString() ?? null,
  };
}
