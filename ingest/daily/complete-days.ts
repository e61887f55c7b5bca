// SPDX-License-Identifier: Apache-2.0
import { DAY_MS } from '../../common/days.js';
import { float64At } from '../../common/entry.js';
import { dailyMean, fillHours, HOURS_PER_DAY } from './daily-statistics.js';
import { DEFAULT_COVERAGE_THRESHOLD, DEFAULT_MAXIMUM_GAP_HOURS } from './to-daily.js';

const HOUR_MS = 3_600_000;

/**
 * The UTC days of which these times of hourly values make a daily value, by the rule of toDaily.
 *
 * @param timesMs - in any order
 * @returns starts of the days, ascending, milliseconds since 1970
 */
export function completeDays(
  timesMs: Iterable<number>,
  coverageThreshold: number = DEFAULT_COVERAGE_THRESHOLD,
): readonly number[] {
  const sorted = Float64Array.from(new Set(timesMs)).sort();
  if (sorted.length === 0) return [];
  const firstDayMs = Math.floor(float64At(sorted, 0) / DAY_MS) * DAY_MS;
  const dayCount = Math.floor((float64At(sorted, sorted.length - 1) - firstDayMs) / DAY_MS) + 1;
  const hourly = new Float64Array(dayCount * HOURS_PER_DAY);
  const hoursOf = Float64Array.from(sorted, (time) => (time - firstDayMs) / HOUR_MS);
  fillHours(hoursOf, () => 1, DEFAULT_MAXIMUM_GAP_HOURS, hourly);
  return Array.from({ length: dayCount }, (_, day) => day)
    .filter((day) => dailyMean(hourly, day).coverage >= coverageThreshold - 1e-9)
    .map((day) => firstDayMs + day * DAY_MS);
}
