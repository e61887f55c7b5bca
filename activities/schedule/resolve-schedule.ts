// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';

import { DAY_MS, startOfDayMs } from '../../common/days.js';
import { TramontanaError } from '../../common/errors.js';
import { durationMs } from '../../config/index.js';
import { dayAfter } from '../../common/time-zone.js';
import type { ActivityDependencies } from '../dependencies.js';
import { parseForecastInput } from '../inputs/forecast-input.js';
import { configOf } from '../inputs/run-configuration.js';
import { cycleTimes, scheduleOf } from './scheduled-cycle.js';
import type { BackfillInput, ResolvedBackfill, ScheduleArgs, ScheduledCycle } from './schedule-contracts.js';

/**
 * Reads which cycle a scheduled run is for, and how long it may wait.
 *
 * @throws {TramontanaError} `Input.*`, `Config.*`
 */
export async function resolveSchedule(
  deps: Pick<ActivityDependencies, 'roots' | 'searchAttributes'>,
  { input, scheduled }: ScheduleArgs,
): Promise<ScheduledCycle> {
  const config = await configOf(deps, parseForecastInput(input));
  const schedule = scheduleOf(config);
  return {
    ...{ domain: config.name, title: config.title ?? config.name },
    ...cycleTimes(schedule, Date.parse(scheduled)),
    retryEveryMs: durationMs(schedule.retryEvery),
    onLate: schedule.onLate,
    searchAttributes: deps.searchAttributes,
  };
}

/** Longer than any archive that is worth one command; a typing error in a year is. */
const MAXIMUM_DAYS = 3700;
const MAXIMUM_CONCURRENCY = 64;
const day = z.iso.date();

/**
 * Validates a backfill and lists its cycles.
 *
 * @throws {TramontanaError} `Input.Invalid`, `Input.OutsideRoots`, `Config.*`
 */
export async function resolveBackfill(
  deps: Pick<ActivityDependencies, 'roots' | 'searchAttributes'>,
  { from, to, concurrency = 1, ...input }: BackfillInput,
): Promise<ResolvedBackfill> {
  const refuse = (message: string): never => {
    throw new TramontanaError('Input.Invalid', message, { facts: { from, to, concurrency } });
  };
  for (const [name, value] of Object.entries({ from, to })) {
    if (!day.safeParse(value).success)
      refuse(`input.${name}: expected a day, YYYY-MM-DD, got ${JSON.stringify(value)}`);
  }
  if (to < from) refuse(`input.to: expected ${from} or later, got ${to}`);
  const count = (startOfDayMs(to) - startOfDayMs(from)) / DAY_MS + 1;
  if (count > MAXIMUM_DAYS) refuse(`input.to: expected at most ${MAXIMUM_DAYS} days from ${from}, got ${count}`);
  if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > MAXIMUM_CONCURRENCY) {
    refuse(
      `input.concurrency: expected a whole number from 1 to ${MAXIMUM_CONCURRENCY}, got ${JSON.stringify(concurrency)}`,
    );
  }
  const config = await configOf(deps, parseForecastInput(input));
  return {
    ...{ domain: config.name, title: config.title ?? config.name, concurrency },
    cycles: Array.from({ length: count }, (_, index) => dayAfter(from, index)),
    searchAttributes: deps.searchAttributes,
  };
}
