// SPDX-License-Identifier: Apache-2.0
/**
 * Schedules of domains: one a domain, that starts the workflow `dailyForecast`.
 *
 * @module
 */
import {
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  type Client,
  type ScheduleDescription,
} from '@temporalio/client';

import type { DailyInput } from '../activities/schedule/schedule-contracts.js';
import { TramontanaError } from '../common/errors.js';
import { durationMs, type DomainConfig, type ScheduleConfig } from '../config/index.js';
import { calendarOfServer, calendarsOf, timesInWords } from './schedule-calendars.js';
import { asked } from './server-errors.js';

/** What a schedule is made of. */
export interface ScheduleRequest {
  readonly config: Pick<DomainConfig, 'name' | 'title' | 'schedule'>;
  /** As the run is given it: the address of the configuration as its workers see it, or the configuration itself. */
  readonly input: DailyInput;
}

/** One setting that `apply` changed. */
export interface ScheduleChange {
  readonly setting: string;
  readonly from: string;
  readonly to: string;
}

export interface AppliedSchedule {
  readonly name: string;
  readonly action: 'created' | 'updated' | 'unchanged';
  readonly changes: readonly ScheduleChange[];
  /** ISO 8601; the first few. */
  readonly nextRuns: readonly string[];
}

/** A schedule as the server knows it. */
export interface ScheduleStatus {
  /** That of the domain. */
  readonly name: string;
  readonly paused: boolean;
  readonly note?: string;
  readonly settings: Readonly<Record<string, string>>;
  /** ISO 8601. */
  readonly nextRuns: readonly string[];
  readonly recentRuns: readonly { readonly scheduled: string; readonly workflowId: string; readonly runId: string }[];
  readonly running: readonly { readonly workflowId: string; readonly runId: string }[];
}

const PREFIX = 'forecast-';
const WORKFLOW_TYPE = 'dailyForecast';
const SHOWN_RUNS = 5;

/** Id of the schedule of a domain. */
export function scheduleId(domain: string): string {
  return `${PREFIX}${domain}`;
}

/** Everything that a person may do to schedules. */
export class TramontanaSchedules {
  constructor(
    private readonly temporal: Client,
    private readonly taskQueue: string,
  ) {}

  /**
   * Puts the schedule of a domain in force: creates it, or brings it in line with its configuration. A paused one stays paused.
   *
   * @throws {TramontanaError} `Config.NoSchedule`; `Temporal.Refused`, `Temporal.Unreachable`
   */
  async apply(request: ScheduleRequest): Promise<AppliedSchedule> {
    const { name, schedule } = request.config;
    if (schedule === undefined) {
      throw new TramontanaError(
        'Config.NoSchedule',
        `${name}: expected a schedule in the configuration, e.g. schedule: { at: "06:50", timezone: Europe/Rome, deadline: "08:30" }, got none`,
        { facts: { domain: name } },
      );
    }
    const wanted = this.optionsOf(request, schedule);
    const before = await this.describe(name);
    if (before === undefined && (await this.created(name, wanted))) {
      return { name, action: 'created', changes: [], nextRuns: await this.nextRuns(name) };
    }
    // somebody else may have made it in between
    return this.aligned(name, wanted, before ?? (await this.describe(name)));
  }

  /** False where there is one already. */
  private async created(name: string, wanted: WantedOptions): Promise<boolean> {
    try {
      await asked(() => this.temporal.schedule.create({ scheduleId: scheduleId(name), ...wanted }));
      return true;
    } catch (error) {
      if (error instanceof ScheduleAlreadyRunning) return false;
      throw error;
    }
  }

  private async aligned(
    name: string,
    wanted: WantedOptions,
    before: ScheduleDescription | undefined,
  ): Promise<AppliedSchedule> {
    if (before === undefined) return this.unknown(name);
    const changes = changesBetween(settingsOf(before), settingsOfOptions(wanted));
    if (changes.length > 0) {
      await this.known(name, () =>
        this.temporal.schedule.getHandle(scheduleId(name)).update(({ state }) => ({ ...wanted, state })),
      );
    }
    return { name, action: changes.length > 0 ? 'updated' : 'unchanged', changes, nextRuns: await this.nextRuns(name) };
  }

  /** Every schedule of ours on the server, by name. */
  async list(): Promise<readonly ScheduleStatus[]> {
    const names: string[] = [];
    await asked(async () => {
      for await (const { scheduleId: id, action } of this.temporal.schedule.list()) {
        if (id.startsWith(PREFIX) && action?.workflowType === WORKFLOW_TYPE) names.push(id.slice(PREFIX.length));
      }
    });
    const found = await Promise.all(names.sort().map((name) => this.describe(name)));
    // one may have been deleted meanwhile
    return found.flatMap((description) => (description === undefined ? [] : [statusOf(description)]));
  }

  /** @throws {TramontanaError} `Schedule.Unknown` */
  async show(name: string): Promise<ScheduleStatus> {
    const description = await this.describe(name);
    return description === undefined ? this.unknown(name) : statusOf(description);
  }

  /**
   * Nothing starts until it is resumed.
   *
   * @param note - why, for whoever looks next; the server takes no empty one
   */
  async pause(name: string, note = 'no reason given'): Promise<void> {
    await this.known(name, () => this.temporal.schedule.getHandle(scheduleId(name)).pause(note));
  }

  async resume(name: string, note = 'resumed'): Promise<void> {
    await this.known(name, () => this.temporal.schedule.getHandle(scheduleId(name)).unpause(note));
  }

  /** Starts the run of today now; while one is under way, after it. */
  async trigger(name: string): Promise<void> {
    await this.known(name, () =>
      this.temporal.schedule.getHandle(scheduleId(name)).trigger(ScheduleOverlapPolicy.BUFFER_ONE),
    );
  }

  /** Removes it; runs under way go on. */
  async delete(name: string): Promise<void> {
    await this.known(name, () => this.temporal.schedule.getHandle(scheduleId(name)).delete());
  }

  /** What the runs of a schedule are given, e.g. for a backfill. */
  async inputOf(name: string): Promise<DailyInput> {
    const description = await this.describe(name);
    if (description === undefined) return this.unknown(name);
    return description.action.args?.[0] as DailyInput;
  }

  private optionsOf({ config, input }: ScheduleRequest, schedule: ScheduleConfig) {
    return {
      spec: {
        calendars: calendarsOf(schedule),
        timezone: schedule.timezone,
        jitter: durationMs(schedule.jitter),
      },
      action: {
        type: 'startWorkflow' as const,
        workflowType: WORKFLOW_TYPE,
        workflowId: `daily-${config.name}`,
        taskQueue: this.taskQueue,
        args: [input],
        staticSummary: `The day's forecast of ${config.title ?? config.name}`,
      },
      policies: {
        // a run that takes longer than a day is followed by one more, not by all that were due
        overlap: ScheduleOverlapPolicy.BUFFER_ONE,
        // the server's own is a year: a machine that was off for a month would make thirty forecasts that nobody wants
        catchupWindow: durationMs(schedule.expiresAfter),
        pauseOnFailure: false,
      },
      state: {},
    };
  }

  private async describe(name: string): Promise<ScheduleDescription | undefined> {
    try {
      return await asked(() => this.temporal.schedule.getHandle(scheduleId(name)).describe());
    } catch (error) {
      if (error instanceof ScheduleNotFoundError) return undefined;
      throw error;
    }
  }

  private async nextRuns(name: string): Promise<readonly string[]> {
    const description = await this.describe(name);
    return description === undefined ? [] : statusOf(description).nextRuns;
  }

  private async known(name: string, act: () => Promise<void>): Promise<void> {
    try {
      await asked(act);
    } catch (error) {
      if (error instanceof ScheduleNotFoundError) return this.unknown(name);
      throw error;
    }
  }

  private async unknown(name: string): Promise<never> {
    const names = (await this.list()).map((schedule) => schedule.name);
    throw new TramontanaError(
      'Schedule.Unknown',
      `schedule: expected the name of one (${names.length === 0 ? 'there is none' : names.join(', ')}), got "${name}"`,
      { facts: { name, names } },
    );
  }
}

type WantedOptions = ReturnType<TramontanaSchedules['optionsOf']>;

const seconds = (ms: unknown): string => `${Number(ms) / 1000} s`;

/** Everything that `apply` sets, in words, so that both sides compare. */
function settingsOfOptions({ spec, action, policies }: WantedOptions): Record<string, string> {
  return {
    ...timesInWords(spec.calendars),
    timezone: spec.timezone,
    jitter: seconds(spec.jitter),
    catchupWindow: seconds(policies.catchupWindow),
    overlap: ScheduleOverlapPolicy.BUFFER_ONE,
    taskQueue: action.taskQueue,
    input: JSON.stringify(action.args[0]),
  };
}

function settingsOf({ spec, action, policies }: ScheduleDescription): Record<string, string> {
  return {
    ...timesInWords((spec.calendars ?? []).map(calendarOfServer)),
    timezone: spec.timezone ?? 'UTC',
    jitter: seconds(spec.jitter ?? 0),
    catchupWindow: seconds(policies.catchupWindow),
    overlap: String(policies.overlap),
    taskQueue: action.taskQueue,
    input: JSON.stringify(action.args?.[0]),
  };
}

function changesBetween(
  before: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>>,
): ScheduleChange[] {
  return Object.entries(wanted).flatMap(([setting, to]) => {
    const from = before[setting] ?? '';
    return from === to ? [] : [{ setting, from, to }];
  });
}

function statusOf(description: ScheduleDescription): ScheduleStatus {
  const { scheduleId: id, state, info } = description;
  return {
    name: id.slice(PREFIX.length),
    paused: state.paused,
    ...(state.note === undefined || state.note === '' ? {} : { note: state.note }),
    settings: settingsOf(description),
    nextRuns: info.nextActionTimes.slice(0, SHOWN_RUNS).map((at) => at.toISOString()),
    recentRuns: info.recentActions.slice(-SHOWN_RUNS).flatMap(({ scheduledAt, action }) => {
      const { workflowId, firstExecutionRunId: runId } = action.workflow;
      return [{ scheduled: scheduledAt.toISOString(), workflowId, runId }];
    }),
    running: info.runningActions.map(({ workflow }) => ({
      workflowId: workflow.workflowId,
      runId: workflow.firstExecutionRunId,
    })),
  };
}
