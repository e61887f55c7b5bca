// SPDX-License-Identifier: Apache-2.0
/**
 * Many past cycles of one domain.
 *
 * @module
 */
import {
  ApplicationFailure,
  continueAsNew,
  executeChild,
  isCancellation,
  ParentClosePolicy,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';

import type { BackfillInput, ResolvedBackfill } from '../activities/schedule/schedule-contracts.js';
import { plainLines } from '../common/text.js';
import { backfillMarkdown, type BackfilledDay, type BackfillProgress } from './backfill-progress.js';
import type { ForecastResult } from './forecast.js';
import { backfillProgressQuery } from './messages.js';
import { setAttributes } from './run-attributes.js';
import { reasonOf, scheduleActivities } from './schedule-activities.js';

/** Days of one execution, which keeps its history below 500 events. */
const DAYS_A_RUN = 50;
/** Lines of the page in the Web UI. */
const MAXIMUM_LINES = 40;
/** Failures that a result tells of; the count is exact. */
const MAXIMUM_FAILURES = 200;
/** Of a failure's words. */
const MAXIMUM_WORDS = 300;

/** What an execution leaves to the next. */
export interface BackfillState {
  /** First day that is not done. */
  readonly next: number;
  readonly numDone: number;
  readonly numDegraded: number;
  readonly numFailed: number;
  readonly failures: readonly BackfillFailure[];
}

export interface BackfillFailure {
  readonly cycle: string;
  readonly reason: string;
}

/** What a backfill returns. */
export interface BackfillResult extends Omit<BackfillState, 'next'> {
  readonly schemaVersion: 1;
  readonly domain: string;
  readonly numDays: number;
}

const NOTHING: BackfillState = { next: 0, numDone: 0, numDegraded: 0, numFailed: 0, failures: [] };

/**
 * Forecasts of the cycles from one day to another, a few at a time. A day that fails is told of at the end and does not stop the
 * others; finished stages are taken, so that a second backfill of the same days computes what is missing.
 *
 * @param state - of the execution before, given by the workflow itself
 * @throws ApplicationFailure `Run.AllFailed` when no day could be forecast
 */
export async function backfill(input: BackfillInput, state: BackfillState = NOTHING): Promise<BackfillResult> {
  const plan = await scheduleActivities().resolveBackfill(input);
  const work = new Backfill(input, plan, state);
  const left = await work.run();
  if (left.next < plan.cycles.length) return continueAsNew<typeof backfill>(input, left);
  const { domain, cycles } = plan;
  if (left.numDone === 0) {
    throw ApplicationFailure.create({
      message: `${plan.title}: none of ${cycles.length} days could be forecast; the first: ${left.failures[0]?.reason ?? ''}`,
      type: 'Run.AllFailed',
      nonRetryable: true,
      details: [{ failures: left.failures }],
    });
  }
  const { numDone, numDegraded, numFailed, failures } = left;
  return { schemaVersion: 1, domain, numDays: cycles.length, numDone, numDegraded, numFailed, failures };
}

class Backfill {
  private state: BackfillState;
  private readonly running: string[] = [];
  private readonly ended: BackfilledDay[] = [];

  constructor(
    private readonly input: BackfillInput,
    private readonly plan: ResolvedBackfill,
    before: BackfillState,
  ) {
    this.state = before;
    setHandler(backfillProgressQuery, () => this.progress());
    setAttributes({ ...plan, cycle: '' }, { domain: plan.domain });
    this.show();
  }

  /** Runs the days of this execution; what is left for the next one. */
  async run(): Promise<BackfillState> {
    const { cycles, concurrency } = this.plan;
    const first = this.state.next;
    const days = cycles.slice(first, first + DAYS_A_RUN);
    let next = 0;
    const lane = async (): Promise<void> => {
      for (let index = next++; index < days.length; index = next++) {
        const cycle = days[index];
        if (cycle !== undefined) await this.day(cycle);
      }
    };
    await Promise.all(Array.from({ length: concurrency }, lane));
    return { ...this.state, next: first + days.length };
  }

  private async day(cycle: string): Promise<void> {
    this.running.push(cycle);
    this.show();
    // `from`, `to` and `concurrency` are not of a forecast
    const { schemaVersion, domain, configUri, overrides, outputFolder, reuse } = this.input;
    const given = { schemaVersion, domain, configUri, overrides, outputFolder, reuse, cycle };
    let day: BackfilledDay;
    try {
      const result = await executeChild<(given: object) => Promise<ForecastResult>>('forecast', {
        args: [given],
        workflowId: `${workflowInfo().workflowId}/${cycle}`,
        parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
        staticSummary: `Forecast of ${this.plan.title}, ${cycle}`,
      });
      const computed = result.stages.filter(({ reused }) => !reused).length;
      const words = computed === 0 ? 'nothing had changed' : `${computed} of ${result.stages.length} stages computed`;
      day = { cycle, state: result.quality === 'degraded' ? 'degraded' : 'done', words };
    } catch (error) {
      if (isCancellation(error)) throw error;
      day = { cycle, state: 'failed', words: plainLines(reasonOf(error)).slice(0, MAXIMUM_WORDS) };
    }
    this.running.splice(this.running.indexOf(cycle), 1);
    this.end(day);
  }

  private end(day: BackfilledDay): void {
    const { numDone, numDegraded, numFailed, failures } = this.state;
    const hasFailed = day.state === 'failed';
    const more = hasFailed && failures.length < MAXIMUM_FAILURES;
    this.state = {
      ...this.state,
      numDone: numDone + (hasFailed ? 0 : 1),
      numDegraded: numDegraded + (day.state === 'degraded' ? 1 : 0),
      numFailed: numFailed + (hasFailed ? 1 : 0),
      failures: more ? [...failures, { cycle: day.cycle, reason: day.words ?? '' }] : failures,
    };
    this.ended.unshift(day);
    this.show();
  }

  private progress(): BackfillProgress {
    const { domain, title, cycles } = this.plan;
    const { numDone, numFailed } = this.state;
    const running = this.running.map((cycle): BackfilledDay => ({ cycle, state: 'running' }));
    const days = [...running, ...this.ended].slice(0, MAXIMUM_LINES);
    return { schemaVersion: 1, domain, title, numDays: cycles.length, numDone, numFailed, days };
  }

  private show(): void {
    setCurrentDetails(backfillMarkdown(this.progress()));
  }
}
