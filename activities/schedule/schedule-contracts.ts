// SPDX-License-Identifier: Apache-2.0
/**
 * What travels between the workflows that run by themselves and their activities.
 *
 * @module
 */
import type { ForecastInput } from '../inputs/forecast-input.js';
import type { InputState } from '../inputs/input-state.js';
import type { CycleTimes } from './scheduled-cycle.js';

/** Starts the day's forecast of a domain that has a schedule. */
export type DailyInput = Omit<ForecastInput, 'cycle' | 'reuse'>;

export interface ScheduleArgs {
  readonly input: DailyInput;
  /** ISO 8601: for when a schedule started it, else when it started. */
  readonly scheduled: string;
}

/** One day of a schedule. */
export interface ScheduledCycle extends CycleTimes {
  readonly domain: string;
  readonly title: string;
  readonly retryEveryMs: number;
  readonly onLate: 'rerun' | 'keep';
  /** True where the server knows our search attributes. */
  readonly searchAttributes: boolean;
}

export interface LookArgs {
  readonly input: DailyInput;
  readonly cycle: string;
}

/** Asks for many past cycles. */
export interface BackfillInput extends DailyInput {
  /** First and last cycle, YYYY-MM-DD. */
  readonly from: string;
  readonly to: string;
  /** Forecasts at a time; default 1. */
  readonly concurrency?: number;
  /** Computes finished days again. */
  readonly reuse?: ForecastInput['reuse'];
}

/** A validated {@link BackfillInput}. */
export interface ResolvedBackfill {
  readonly domain: string;
  readonly title: string;
  /** Ascending. */
  readonly cycles: readonly string[];
  readonly concurrency: number;
  readonly searchAttributes: boolean;
}

/** What an operator is told of. */
export type EventKind = 'degraded' | 'deadline-missed' | 'missed' | 'recovered' | 'failed';

/** What a hook is given. */
export interface OperatorEvent {
  readonly schemaVersion: 1;
  readonly event: EventKind;
  readonly domain: string;
  /** YYYY-MM-DD; null where the configuration that tells it cannot be used. */
  readonly cycle: string | null;
  /** ISO 8601; null as `cycle`. */
  readonly deadline: string | null;
  readonly reason: string;
  /** Of the products, where there are some. */
  readonly folder?: string;
  readonly workflowId: string;
  readonly runId: string;
}

/** The activities of schedules. */
export interface ScheduleActivities {
  /** Reads the configuration: which cycle, and until when. */
  readonly resolveSchedule: (args: ScheduleArgs) => Promise<ScheduledCycle>;
  /** Whether what the cycle needs is there. */
  readonly lookForInput: (args: LookArgs) => Promise<InputState>;
  /** Tells an operator by the worker's hook; where it has none, in its log alone. */
  readonly notify: (event: OperatorEvent) => Promise<void>;
  readonly resolveBackfill: (input: BackfillInput) => Promise<ResolvedBackfill>;
}
