// SPDX-License-Identifier: Apache-2.0
/**
 * The times of a schedule as the server takes them. It matches the clock literally: on a day whose clocks skip a time it starts nothing, so
 * that day has a calendar of its own.
 *
 * @module
 */
import type { CalendarSpec, CalendarSpecDescription } from '@temporalio/client';

import { skippedTimes } from '../common/time-zone.js';
import type { ScheduleConfig } from '../config/index.js';

/** For so long an applied schedule knows the days when clocks change; `apply` looks again. */
const YEARS_AHEAD = 10;

const MONTHS = [
  ...(['JANUARY', 'FEBRUARY', 'MARCH', 'APRIL', 'MAY', 'JUNE'] as const),
  ...(['JULY', 'AUGUST', 'SEPTEMBER', 'OCTOBER', 'NOVEMBER', 'DECEMBER'] as const),
];

/** Every day, or one day, at a time. */
export interface Calendar extends CalendarSpec {
  readonly hour: number;
  readonly minute: number;
  /** Of one day; absent for every day. */
  readonly year?: number;
  readonly month?: (typeof MONTHS)[number];
  readonly dayOfMonth?: number;
}

/** When a schedule starts its runs. */
export function calendarsOf({ at, timezone }: Pick<ScheduleConfig, 'at' | 'timezone'>, now = new Date()): Calendar[] {
  const year = now.getUTCFullYear();
  const clock = (shown: string) => ({ hour: Number(shown.slice(0, 2)), minute: Number(shown.slice(3)) });
  const skipped = skippedTimes(at, timezone, `${year}-01-01`, `${year + YEARS_AHEAD}-12-31`);
  return [
    clock(at),
    ...skipped.map(({ day, shown }) => {
      const [ofYear = 0, month = 1, dayOfMonth = 1] = day.split('-').map(Number);
      return { ...clock(shown), year: ofYear, month: MONTHS[month - 1] ?? 'JANUARY', dayOfMonth };
    }),
  ];
}

/** A calendar as the server tells it. */
export function calendarOfServer({ hour, minute, year, month, dayOfMonth }: CalendarSpecDescription): Calendar {
  const clock = { hour: hour[0]?.start ?? 0, minute: minute[0]?.start ?? 0 };
  const [ofYear, ofMonth, day] = [year[0]?.start, month[0]?.start, dayOfMonth[0]?.start];
  if (ofYear === undefined || ofMonth === undefined || day === undefined) return clock;
  return { ...clock, year: ofYear, month: ofMonth, dayOfMonth: day };
}

const two = (number: number): string => String(number).padStart(2, '0');

/** `at`, and where clocks skip it what serves in its place. */
export function timesInWords(calendars: readonly Calendar[]): { readonly at: string; readonly onClockChange?: string } {
  const time = ({ hour, minute }: Calendar): string => `${two(hour)}:${two(minute)}`;
  const daily = calendars.filter(({ year }) => year === undefined).map(time);
  const single = calendars.flatMap((calendar) => {
    const { year, month, dayOfMonth = 1 } = calendar;
    if (year === undefined || month === undefined) return [];
    return [`${year}-${two(MONTHS.indexOf(month) + 1)}-${two(dayOfMonth)} ${time(calendar)}`];
  });
  return { at: daily.join(', '), ...(single.length === 0 ? {} : { onClockChange: single.sort().join(', ') }) };
}
