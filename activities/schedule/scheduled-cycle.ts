// SPDX-License-Identifier: Apache-2.0
import { TramontanaError } from '../../common/errors.js';
import { dayAfter, instantOf, localDay } from '../../common/time-zone.js';
import { durationMs, type DomainConfig, type ScheduleConfig } from '../../config/index.js';

/** When one scheduled run has to do what. */
export interface CycleTimes {
  /** Day of the forecast, YYYY-MM-DD. */
  readonly cycle: string;
  /** ISO 8601: products must be there, and late input is not awaited any longer before the fallback. */
  readonly deadline: string;
  /** ISO 8601: the run makes no sense any more. */
  readonly expires: string;
}

/** Where the deadline is not told. */
const DEFAULT_DEADLINE_MS = 2 * 3_600_000;

/**
 * The schedule of a domain.
 *
 * @throws {TramontanaError} `Config.NoSchedule`
 */
export function scheduleOf(config: Pick<DomainConfig, 'name' | 'schedule'>): ScheduleConfig {
  if (config.schedule !== undefined) return config.schedule;
  throw new TramontanaError(
    'Config.NoSchedule',
    `${config.name}: expected a schedule in the configuration, e.g. schedule: { at: "06:50", timezone: Europe/Rome, deadline: "08:30" }, got none`,
    { facts: { domain: config.name } },
  );
}

/** The day that the calendar of the schedule's zone shows, moved as the schedule says. */
export function cycleOfSchedule(schedule: ScheduleConfig, scheduledMs: number): string {
  return dayAfter(localDay(scheduledMs, schedule.timezone), schedule.cycleOffsetDays);
}

/** Deadline and end of the run that a schedule starts for a cycle. */
export function timesOfCycle(schedule: ScheduleConfig, cycle: string): CycleTimes {
  const day = dayAfter(cycle, -schedule.cycleOffsetDays);
  return cycleTimes(schedule, instantOf(day, schedule.at, schedule.timezone));
}

/** Cycle, deadline and end of the run that a schedule starts at a time. */
export function cycleTimes(schedule: ScheduleConfig, scheduledMs: number): CycleTimes {
  const { at, deadline, timezone, expiresAfter } = schedule;
  const day = localDay(scheduledMs, timezone);
  const deadlineMs =
    deadline === undefined
      ? scheduledMs + DEFAULT_DEADLINE_MS
      : instantOf(deadline > at ? day : dayAfter(day), deadline, timezone);
  const expiresMs = scheduledMs + durationMs(expiresAfter);
  return {
    cycle: cycleOfSchedule(schedule, scheduledMs),
    // a run falls back before it ends
    deadline: new Date(Math.min(deadlineMs, expiresMs)).toISOString(),
    expires: new Date(expiresMs).toISOString(),
  };
}
