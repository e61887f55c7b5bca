// SPDX-License-Identifier: Apache-2.0
/**
 * The day's forecast of a domain with a schedule: waits for the input, falls back when the time is up, makes it good later.
 *
 * @module
 */
import { defineSearchAttributeKey } from '@temporalio/common';
import {
  ApplicationFailure,
  condition,
  executeChild,
  isCancellation,
  ParentClosePolicy,
  patched,
  setCurrentDetails,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';

import type { InputState } from '../activities/inputs/input-state.js';
import type { DailyInput, ScheduledCycle } from '../activities/schedule/schedule-contracts.js';
import { dailyMarkdown, type DailyProgress } from './daily-progress.js';
import type { ForecastResult } from './forecast.js';
import { nextWaitMs } from './look-times.js';
import { dailyProgressQuery } from './messages.js';
import { setAttributes } from './run-attributes.js';
import { reasonOf, scheduleActivities, tagOf, tell, type Told } from './schedule-activities.js';
import { timeOfIso, workflowNowMs } from './workflow-time.js';

/** How a day ended. */
export interface DailyResult {
  readonly schemaVersion: 1;
  readonly domain: string;
  /** YYYY-MM-DD. */
  readonly cycle: string;
  /** `expired`: it came too late to make sense, and nothing was done. */
  readonly state: 'published' | 'degraded' | 'expired';
  /** True when whole products were not there at the deadline. */
  readonly late: boolean;
  /** Of the products. */
  readonly folder?: string;
}

const SCHEDULED_START_TIME = defineSearchAttributeKey('TemporalScheduledStartTime', 'DATETIME');
/** Between the first two looks; each wait is half as long again as the one before. */
const FIRST_WAIT_MS = 30_000;
const BACK_OFF = 1.5;

/**
 * One day of a schedule.
 *
 * Input that is not there is awaited until the deadline, by timers. Then the forecast of the day before serves, marked as degraded;
 * when the input arrives before the run expires, the products are made anew.
 *
 * @throws ApplicationFailure `Run.Missed` when nothing could be published; the failure of a forecast
 */
export async function dailyForecast(input: DailyInput): Promise<DailyResult> {
  return new Day(input, await resolved(input)).run();
}

/** Ids that a schedule gives: `daily-DOMAIN-TIME`. */
const SCHEDULED_ID = /^daily-(.+)-\d{4}-\d{2}-\d{2}T[^/]*$/u;

/** Which cycle it is. A configuration that cannot be used, e.g. a file that is gone, is told of: nobody is awake to see the run fail. */
async function resolved(input: DailyInput): Promise<ScheduledCycle> {
  const { typedSearchAttributes, startTime, workflowId } = workflowInfo();
  const scheduled = typedSearchAttributes.get(SCHEDULED_START_TIME) ?? startTime;
  try {
    return await scheduleActivities().resolveSchedule({ input, scheduled: scheduled.toISOString() });
  } catch (error) {
    // histories of before end here
    if (isCancellation(error) || !patched('configuration-that-fails-is-told')) throw error;
    const domain = SCHEDULED_ID.exec(workflowId)?.[1] ?? workflowId;
    await tell({ domain, cycle: null, deadline: null }, { event: 'failed', reason: reasonOf(error) });
    throw error;
  }
}

/** What was published so far. */
interface Publication {
  readonly folder: string;
  readonly isWhole: boolean;
}

class Day {
  private readonly look = scheduleActivities().lookForInput;
  private readonly deadlineMs: number;
  private readonly expiresMs: number;
  private progress: DailyProgress;
  private published: Publication | undefined;
  private late = false;
  private attempts = 0;

  constructor(
    private readonly input: DailyInput,
    private readonly cycle: ScheduledCycle,
  ) {
    const { domain, title, deadline, expires } = cycle;
    this.deadlineMs = timeOfIso(deadline);
    this.expiresMs = timeOfIso(expires);
    this.progress = {
      ...{ schemaVersion: 1, domain, title, cycle: cycle.cycle, deadline, expires },
      ...{ state: 'looking', late: false, looks: 0 },
    };
    setHandler(dailyProgressQuery, () => this.progress);
    setAttributes(cycle, { domain, cycle: cycle.cycle, late: false, degraded: false });
    this.show({});
  }

  async run(): Promise<DailyResult> {
    if (workflowNowMs() >= this.expiresMs) return this.expired();
    let waitMs = FIRST_WAIT_MS;
    for (;;) {
      const found = await this.lookOnce();
      this.show({ looks: this.progress.looks + 1 });
      if (found.state === 'present') return this.whole();
      if (workflowNowMs() >= this.deadlineMs && !this.late) await this.fallBack(found);
      if (workflowNowMs() >= this.expiresMs || (this.published !== undefined && this.cycle.onLate === 'keep')) {
        return this.givenUp(found);
      }
      this.show({ state: 'waiting', reason: found.reason ?? found.state });
      setAttributes(this.cycle, { stage: 'waiting for input' });
      await sleep(
        nextWaitMs({
          ...{ nowMs: workflowNowMs(), deadlineMs: this.deadlineMs, expiresMs: this.expiresMs },
          ...{ waitMs: Math.min(waitMs, this.cycle.retryEveryMs), looks: this.progress.looks },
        }),
      );
      waitMs = Math.min(waitMs * BACK_OFF, this.cycle.retryEveryMs);
    }
  }

  /** What waiting cannot mend ends the day, and is told. */
  private async lookOnce(): Promise<InputState> {
    try {
      return await this.look({ input: this.input, cycle: this.cycle.cycle });
    } catch (error) {
      if (isCancellation(error)) throw error;
      throw await this.failed(error);
    }
  }

  /** Tells of a failure, and returns what to throw. */
  private async failed(error: unknown): Promise<ApplicationFailure> {
    const reason = reasonOf(error);
    this.show({ state: 'failed', reason });
    await this.tell({ event: 'failed', reason });
    return ApplicationFailure.create({ message: reason, type: tagOf(error), nonRetryable: true });
  }

  /** The input is there. */
  private async whole(): Promise<DailyResult> {
    const wasDegraded = this.published !== undefined;
    const { folder, isWhole } = await this.forecast();
    if (this.late && isWhole) {
      await this.tell({ event: 'recovered', reason: 'the input has arrived: whole products are there', folder });
    } else if (!isWhole && !wasDegraded) {
      await this.tell({ event: 'degraded', reason: 'the products say why', folder });
    }
    return this.ended(isWhole ? 'published' : 'degraded', folder);
  }

  /** The deadline is over: what there is serves. */
  private async fallBack({ state, reason = 'it is not there' }: InputState): Promise<void> {
    this.late = true;
    setAttributes(this.cycle, { late: true });
    this.show({ late: true });
    if (state === 'absent') {
      await this.tell({ event: 'deadline-missed', reason: `nothing to publish: ${reason}` });
      return;
    }
    try {
      const { folder } = await this.forecast();
      setAttributes(this.cycle, { degraded: true });
      await this.tell({ event: 'degraded', reason, folder });
    } catch (error) {
      // it has been told; the input may still come
      if (isCancellation(error)) throw error;
    }
  }

  /** Runs the forecast of the cycle as a workflow of its own, and says when the deadline passes meanwhile. */
  private async forecast(): Promise<Publication> {
    this.attempts += 1;
    this.show({ state: 'forecasting' });
    const child = executeChild<(given: object) => Promise<ForecastResult>>('forecast', {
      args: [{ ...this.input, cycle: this.cycle.cycle }],
      workflowId: `${workflowInfo().workflowId}/forecast-${this.attempts}`,
      // a fit that is cancelled writes its checkpoint
      parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
      staticSummary: `Forecast of ${this.cycle.title}, ${this.cycle.cycle}`,
    });
    let ended = false;
    const watched = child.then(
      (result) => ({ result }),
      (error: unknown) => ({ error }),
    );
    void watched.then(() => (ended = true));
    const untilDeadlineMs = this.deadlineMs - workflowNowMs();
    if (untilDeadlineMs > 0 && !(await condition(() => ended, untilDeadlineMs))) {
      this.late = true;
      setAttributes(this.cycle, { late: true });
      this.show({ late: true });
      await this.tell({ event: 'deadline-missed', reason: 'the forecast is still being made' });
    }
    const outcome = await watched;
    if ('error' in outcome) {
      if (isCancellation(outcome.error)) throw outcome.error;
      throw await this.failed(outcome.error);
    }
    const { folder, quality } = outcome.result;
    this.published = { folder, isWhole: quality !== 'degraded' };
    return this.published;
  }

  private expired(): DailyResult {
    this.show({ state: 'expired', reason: 'it was started too late to make sense' });
    const { domain, cycle } = this.cycle;
    return { schemaVersion: 1, domain, cycle, state: 'expired', late: true };
  }

  /** Nothing more will be awaited. */
  private async givenUp({ reason = 'it is not there' }: InputState): Promise<DailyResult> {
    if (this.published !== undefined) return this.ended('degraded', this.published.folder);
    this.show({ state: 'failed', reason });
    await this.tell({ event: 'missed', reason });
    throw ApplicationFailure.create({
      message: `${this.cycle.title}, ${this.cycle.cycle}: the input did not arrive until ${this.cycle.expires}: ${reason}`,
      type: 'Run.Missed',
      nonRetryable: true,
    });
  }

  private ended(state: 'published' | 'degraded', folder: string): DailyResult {
    const degraded = state === 'degraded';
    setAttributes(this.cycle, { degraded, quality: degraded ? 'degraded' : 'ok' });
    this.show({ state, folder });
    const { domain, cycle } = this.cycle;
    return { schemaVersion: 1, domain, cycle, state, late: this.late, folder };
  }

  private tell(told: Told): Promise<void> {
    return tell(this.cycle, told);
  }

  private show(change: Partial<DailyProgress>): void {
    this.progress = { ...this.progress, ...change };
    setCurrentDetails(dailyMarkdown(this.progress));
  }
}
