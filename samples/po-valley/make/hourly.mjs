// SPDX-License-Identifier: Apache-2.0
/**
 * Hourly values whose daily statistic is a given daily value: the daily mean for particles, the daily maximum of the
 * 8-hour running mean for ozone (windows that END in the UTC day, so the first seven reach into the day before).
 * Diurnal shapes follow the March means of the CAMS reanalysis at Milan (README.md).
 *
 * @module
 */
import { cosineAndSineOfTurns } from './elementary.mjs';

const HOURS = 24;

const cosineOfHour = (hour, periodHours) => cosineAndSineOfTurns(hour / periodHours)[0];

/**
 * Hourly particle concentrations: high at night under a shallow mixing layer, low in the afternoon; the cycle is weaker
 * above the valley.
 *
 * @param {ArrayLike<number>} daily - daily means, ug m-3, positive
 * @param {number} elevationM - of the cell
 * @param {number} amplitude - relative diurnal amplitude at sea level
 * @returns {Float32Array} shape [days * 24], ug m-3; hour h stands at [24 d + h]
 */
export function hourlyParticles(daily, elevationM, amplitude) {
  const strength = amplitude / (1 + elevationM / 900);
  const hourly = new Float32Array(daily.length * HOURS);
  const day = new Float64Array(HOURS);
  for (let d = 0; d < daily.length; d++) {
    const value = daily[d];
    const atStart = (value + daily[Math.max(0, d - 1)]) / 2;
    const atEnd = (value + daily[Math.min(daily.length - 1, d + 1)]) / 2;
    // a parabola through the midnight values with the right mean keeps the series continuous between days
    const curvature = 6 * (value - (atStart + atEnd) / 2);
    let sum = 0;
    for (let hour = 0; hour < HOURS; hour++) {
      const s = (hour + 0.5) / HOURS;
      const trend = Math.max(0.3 * value, atStart * (1 - s) + atEnd * s + curvature * s * (1 - s));
      const cycle = 1 + strength * (cosineOfHour(hour - 2.5, HOURS) + 0.3 * cosineOfHour(hour - 8, HOURS / 2));
      day[hour] = trend * cycle;
      sum += day[hour];
    }
    for (let hour = 0; hour < HOURS; hour++) hourly[d * HOURS + hour] = (day[hour] * value * HOURS) / sum;
  }
  return hourly;
}

/** First hour of the 8-hour window with the highest mean; it lies within the day. */
const PEAK_START = 10;
const PEAK_HOURS = 8;
const PEAK_CENTRE = PEAK_START + (PEAK_HOURS - 1) / 2;
/** Half length of the daylight bell, hours. */
const BELL_HOURS = 9;

/**
 * Hourly ozone: destroyed at night in the valley, hardly at all on the ridges, highest in the afternoon.
 *
 * @param {ArrayLike<number>} daily - daily maximum 8-hour means, ug m-3, positive
 * @param {number} elevationM - of the cell
 * @returns {Float32Array} shape [days * 24], ug m-3
 */
export function hourlyOzone(daily, elevationM) {
  const nightShare = 0.33 + (0.5 * elevationM) / (elevationM + 700);
  const bell = Float64Array.from({ length: HOURS }, (_, hour) =>
    Math.abs(hour - PEAK_CENTRE) >= BELL_HOURS ? 0 : cosineOfHour(hour - PEAK_CENTRE, 4 * BELL_HOURS),
  );
  const dailyOr = (d) => daily[Math.min(daily.length - 1, Math.max(0, d))];
  const lower = (d) => Math.min(dailyOr(d - 1), dailyOr(d));
  const hourly = new Float32Array(daily.length * HOURS);
  for (let d = 0; d < daily.length; d++) {
    const night = (hour) => nightShare * (lower(d) * (1 - hour / HOURS) + lower(d + 1) * (hour / HOURS));
    const inPeak = (hour) => hour >= PEAK_START && hour < PEAK_START + PEAK_HOURS;
    let missing = PEAK_HOURS * daily[d];
    let bellSum = 0;
    for (let hour = PEAK_START; hour < PEAK_START + PEAK_HOURS; hour++) {
      missing -= night(hour) * (1 - bell[hour]);
      bellSum += bell[hour];
    }
    const top = missing / bellSum;
    const at = (hour) => night(hour) * (1 - bell[hour]) + top * bell[hour];
    const last = at(PEAK_START + PEAK_HOURS - 1);
    const edge = Math.min(at(PEAK_START), last);
    for (let hour = 0; hour < HOURS; hour++) {
      let value = at(hour);
      if (!inPeak(hour)) {
        // no other window may win: not within the day (edge), not across midnight (limit of the two days)
        const before = hour < PEAK_START;
        const limit = before ? 0.97 * lower(d) : eveningLimit(dailyOr(d), dailyOr(d + 1), last);
        value = Math.min(value, 0.999 * edge, limit);
      }
      hourly[d * HOURS + hour] = value;
    }
  }
  return hourly;
}

/**
 * Highest evening value for which no window across midnight exceeds either day: the window that ends at the next
 * day's hour 0 still holds the last hour of the peak, six evening hours, and that hour 0.
 */
function eveningLimit(today, tomorrow, lastPeakHour) {
  const smaller = Math.min(today, tomorrow);
  const hourZero = 0.97 * smaller;
  return Math.min(0.97 * smaller, (0.99 * PEAK_HOURS * smaller - lastPeakHour - hourZero) / 6);
}
