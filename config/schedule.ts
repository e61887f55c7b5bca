// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';

import { isTimeZone } from '../common/time-zone.js';

const TIME_OF_DAY = /^([01]\d|2[0-3]):[0-5]\d$/u;
const DURATION = /^(\d{1,5})\s*(s|sec|seconds?|m|min|minutes?|h|hours?)$/u;
const MS_OF = { s: 1000, m: 60_000, h: 3_600_000 } as const;

/** The milliseconds of "90 s", "10 minutes", "6h"; NaN for what is no duration. */
export function durationMs(text: string): number {
  const [, count, unit = ''] = DURATION.exec(text.trim()) ?? [];
  return count === undefined ? NaN : Number(count) * MS_OF[unit.charAt(0) as keyof typeof MS_OF];
}

const timeOfDay = z
  .string()
  .regex(TIME_OF_DAY, 'must be a time of day in quotes, HH:MM, e.g. "06:50"')
  .describe('Time of day in the time zone, HH:MM.');

/** Milliseconds once parsed. */
function duration(least: string, most: string) {
  const [leastMs, mostMs] = [durationMs(least), durationMs(most)];
  return z
    .string()
    .refine((text) => !Number.isNaN(durationMs(text)), 'must be a number with s, minutes or hours, e.g. "10 minutes"')
    .refine((text) => !(durationMs(text) < leastMs || durationMs(text) > mostMs), `must be from ${least} to ${most}`);
}

/** `schedule`: when a domain is forecast by itself. */
export const scheduleSetting = z
  .strictObject({
    at: timeOfDay.describe('When the run starts, HH:MM.'),
    timezone: z
      .string()
      .refine(isTimeZone, 'must be a time zone of the IANA list, e.g. Europe/Rome')
      .default('UTC')
      .describe('Of every time here; the cycle is the day that its calendar shows.'),
    deadline: timeOfDay
      .optional()
      .describe(
        'When products must be there, HH:MM, at `at` or before: of the day after. Default: two hours after `at`. Until then, at most until it expires, a run waits for late input.',
      ),
    expiresAfter: duration('1 minute', '72 hours')
      .default('12 hours')
      .describe('How long after `at` a run makes sense: a missed one is caught up until then, late input awaited.'),
    retryEvery: duration('1 s', '1 hour')
      .default('10 minutes')
      .describe('Longest wait between two looks for late input; the first ones come sooner.'),
    onLate: z
      .enum(['rerun', 'keep'])
      .default('rerun')
      .describe('Whether degraded products are made anew once the input arrives.'),
    cycleOffsetDays: z
      .int()
      .min(-3)
      .max(3)
      .default(0)
      .describe('Days from the day of the run to the cycle; 1 for an evening run for tomorrow.'),
    jitter: duration('0 s', '1 hour').default('0 s').describe('The start is delayed at random by up to so much.'),
  })
  .describe('When the domain is forecast by itself; `tramontana schedule apply` puts it in force.');

/** A validated `schedule`. */
export type ScheduleConfig = z.output<typeof scheduleSetting>;
