// SPDX-License-Identifier: Apache-2.0
/**
 * Daily statistics of one cell, from hourly values. Pure arrays: slot h of `hourly` is hour h since the start
 * of the first UTC day; NaN where missing.
 *
 * @module
 */
import { float64At } from '../../common/entry.js';
import { DAILY_STATISTIC, POLLUTANTS, type DailyStatistic } from '../../common/pollutants.js';

export const HOURS_PER_DAY = 24;
const WINDOW_HOURS = 8;

/** Ozone by its maximum 8-hour mean; every other species, modelled or not, by its mean. */
export function dailyStatisticOf(species: string): DailyStatistic {
  const pollutant = POLLUTANTS.find((id) => id === species);
  return pollutant === undefined ? 'daily_mean' : DAILY_STATISTIC[pollutant];
}

/** A daily value and how much of the day it rests on. */
export interface DailyValue {
  /** NaN when nothing can be said. */
  readonly value: number;
  /** Share of the day in [0, 1]: hours for a mean, 8-hour windows for the maximum. */
  readonly coverage: number;
}

/**
 * Puts the values of one cell on the hours of the day. A value stamped h stands for the hour that starts at h, one stamped in the
 * middle of an hour is its mean and counts where the full hour has none. Between two valid values at most
 * `maximumGapHours` apart the hours are interpolated linearly; longer gaps stay missing.
 *
 * @param hoursOf - hours since the start of the first day, ascending, one a time
 * @param valueAt - value of a time; NaN where missing
 * @param hourly - filled from scratch
 */
export function fillHours(
  hoursOf: Float64Array,
  valueAt: (time: number) => number,
  maximumGapHours: number,
  hourly: Float64Array,
): void {
  hourly.fill(NaN);
  let previousHour = NaN;
  let previousValue = NaN;
  for (let time = 0; time < hoursOf.length; time += 1) {
    const value = valueAt(time);
    if (Number.isNaN(value)) continue;
    const hour = hourOfStamp(float64At(hoursOf, time));
    if (hour === previousHour) continue;
    const gap = hour - previousHour;
    if (gap <= maximumGapHours) {
      for (let slot = Math.floor(previousHour) + 1; slot < hour; slot += 1) {
        hourly[slot] = previousValue + ((value - previousValue) * (slot - previousHour)) / gap;
      }
    }
    if (Number.isInteger(hour)) hourly[hour] = value;
    previousHour = hour;
    previousValue = value;
  }
}

/** The slot of a stamp: itself, and of the middle of an hour the hour. Other fractions lie between the slots. */
function hourOfStamp(stamp: number): number {
  const start = stamp - 0.5;
  return Number.isInteger(start) ? start : stamp;
}

/** Mean of the hours of a UTC day. */
export function dailyMean(hourly: Float64Array, day: number): DailyValue {
  let sum = 0;
  let count = 0;
  for (let hour = day * HOURS_PER_DAY; hour < (day + 1) * HOURS_PER_DAY; hour += 1) {
    const value = float64At(hourly, hour);
    if (Number.isNaN(value)) continue;
    sum += value;
    count += 1;
  }
  return { value: count === 0 ? NaN : sum / count, coverage: count / HOURS_PER_DAY };
}

/**
 * Daily maximum of 8-hour running means [Directive 2008/50/EC, annexes VII and XI]: a window belongs to the day in which it
 * ends, so the first one of a day reaches back to 17:00 of the day before. A value stamped h stands for the hour that starts at h.
 *
 * @param windowCoverage - share of the eight hours that a window needs (the directive: 0.75)
 */
export function dailyMaximumEightHourMean(hourly: Float64Array, day: number, windowCoverage: number): DailyValue {
  let maximum = NaN;
  let windows = 0;
  // The small allowance keeps 0.75 * 8 = 6 from becoming 7 by rounding.
  const needed = Math.max(1, Math.ceil(windowCoverage * WINDOW_HOURS - 1e-9));
  for (let last = day * HOURS_PER_DAY; last < (day + 1) * HOURS_PER_DAY; last += 1) {
    let sum = 0;
    let count = 0;
    for (let hour = Math.max(0, last - WINDOW_HOURS + 1); hour <= last; hour += 1) {
      const value = float64At(hourly, hour);
      if (Number.isNaN(value)) continue;
      sum += value;
      count += 1;
    }
    if (count < needed) continue;
    windows += 1;
    const mean = sum / count;
    if (!(maximum >= mean)) maximum = mean;
  }
  return { value: maximum, coverage: windows / HOURS_PER_DAY };
}
