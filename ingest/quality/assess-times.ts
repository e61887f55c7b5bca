// SPDX-License-Identifier: Apache-2.0
import { DAY_MS, isoDay } from '../../common/days.js';
import { entry, float64At } from '../../common/entry.js';
import { issue, type QualityIssue } from './issue.js';

const HOUR_MS = 3_600_000;
/** A day with less than this share of the hours that the step promises is short. */
const SHORT_DAY_SHARE = 0.75;

/** The time axis in figures. */
export interface TimeSummary {
  /** ISO 8601; null for an empty axis. */
  readonly first: string | null;
  readonly last: string | null;
  readonly count: number;
  /** Median step, hours; null for a single time. */
  readonly stepHours: number | null;
  readonly isRegular: boolean;
}

/** ISO 8601 in UTC without idle milliseconds. */
export function isoTime(timeMs: number): string {
  return new Date(timeMs).toISOString().replace('.000Z', 'Z');
}

/** "1 day", "3 days". */
export function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** Step and regularity of a time axis, with issues for repeated, unordered, missing and irregular times and short days. */
export function assessTimes(
  timesMs: Float64Array,
  cadence: 'hourly' | 'daily',
): { readonly summary: TimeSummary; readonly issues: readonly QualityIssue[] } {
  const issues: QualityIssue[] = [];
  const steps = Array.from(timesMs.subarray(1), (time, index) => time - float64At(timesMs, index));
  const ordered = [...steps].sort((a, b) => a - b);
  const medianMs = ordered[Math.floor(ordered.length / 2)];
  const isRegular = steps.every((step) => step === medianMs);

  const repeated = steps.filter((step) => step === 0).length;
  if (repeated > 0)
    issues.push(
      issue('error', 'duplicate-times', `${countOf(repeated, 'time')} given more than once`, { duplicates: repeated }),
    );
  const backwards = steps.findIndex((step) => step < 0);
  if (backwards >= 0) {
    issues.push(
      issue(
        'error',
        'unordered-times',
        `time ${isoTime(float64At(timesMs, backwards + 1))} follows ${isoTime(float64At(timesMs, backwards))}; expected ascending times`,
        {
          index: backwards + 1,
        },
      ),
    );
  }
  if (cadence === 'daily') issues.push(...missingDays(timesMs));
  else {
    if (!isRegular && medianMs !== undefined) {
      const largest = entry(ordered, ordered.length - 1);
      issues.push(
        issue(
          'info',
          'irregular-times',
          `times are irregular: the usual step is ${medianMs / HOUR_MS} h, the largest ${largest / HOUR_MS} h`,
          { medianStepHours: medianMs / HOUR_MS, largestStepHours: largest / HOUR_MS },
        ),
      );
    }
    issues.push(...shortDays(timesMs, medianMs));
  }
  const summary: TimeSummary = {
    first: timesMs.length === 0 ? null : isoTime(float64At(timesMs, 0)),
    last: timesMs.length === 0 ? null : isoTime(float64At(timesMs, timesMs.length - 1)),
    count: timesMs.length,
    stepHours: medianMs === undefined ? null : medianMs / HOUR_MS,
    isRegular,
  };
  return { summary, issues };
}

function missingDays(timesMs: Float64Array): readonly QualityIssue[] {
  const dates: string[] = [];
  for (let index = 1; index < timesMs.length; index += 1) {
    for (let day = float64At(timesMs, index - 1) + DAY_MS; day < float64At(timesMs, index); day += DAY_MS)
      dates.push(isoDay(day));
  }
  if (dates.length === 0) return [];
  return [
    issue(
      'warning',
      'missing-days',
      `${countOf(dates.length, 'day')} within the period without data: ${dates.slice(0, 5).join(', ')}${dates.length > 5 ? ', ...' : ''}`,
      { dates },
    ),
  ];
}

function shortDays(timesMs: Float64Array, medianMs: number | undefined): readonly QualityIssue[] {
  const perDay = new Map<number, number>();
  for (const time of timesMs) {
    const day = Math.floor(time / DAY_MS);
    perDay.set(day, (perDay.get(day) ?? 0) + 1);
  }
  // With a step of a day or more, one time a day is all that can be expected.
  const expected = Math.max(1, DAY_MS / Math.max(HOUR_MS, Math.min(medianMs ?? HOUR_MS, DAY_MS)));
  const short = [...perDay].filter(([, count]) => count < SHORT_DAY_SHARE * expected);
  if (short.length === 0) return [];
  const days = short.map(([day, count]) => ({ date: isoDay(day * DAY_MS), times: count }));
  const listed = days.slice(0, 5).map(({ date, times }) => `${date} (${times})`);
  return [
    issue(
      'info',
      'short-days',
      `${countOf(days.length, 'day')} with fewer than ${Math.round(SHORT_DAY_SHARE * 100)} % of ${Math.round(expected)} times: ${listed.join(', ')}${days.length > 5 ? ', ...' : ''}`,
      { days, expectedTimes: Math.round(expected) },
    ),
  ];
}
