// SPDX-License-Identifier: Apache-2.0
import type { FieldOrigin, GriddedField } from '../artifacts/schemas/gridded-field.js';
import { DAY_MS, isoDay } from '../common/days.js';
import { entry } from '../common/entry.js';
import { TramontanaError } from '../common/errors.js';

/** A longer series is almost certainly two files that do not belong together. */
const MAXIMUM_DAYS = 1000;

/** A day of the model before its observations are counted. */
export interface DayStep {
  readonly timeIndex: number;
  readonly timeMs: number;
  readonly date: string;
  readonly origin: FieldOrigin;
  readonly leadDay?: number;
  /** Sd of the errors of this day's field, standardised units; only for forecast days with data. */
  readonly forecastErrorSd?: number;
  /** Position in the field's times; absent for a day without data. */
  readonly fieldTime?: number;
}

export interface DayTableOptions {
  /** Sd of the errors of a forecast by lead day, standardised units; the last one goes on. */
  readonly forecastErrorSds: readonly number[];
  /** Days to add after the last one when the field has no forecast day. */
  readonly horizonDaysWithoutForecast: number;
}

/**
 * One entry for each day from the first to the last of a daily field. Missing days in between become steps without
 * observations; a field without forecast days is followed by days to forecast.
 *
 * @throws {TramontanaError} `Modelling.InvalidDays` when the times are not ascending starts of days, or too far apart;
 *         `Modelling.InvalidForecastErrors` when a standard deviation is not positive
 */
export function buildDayTable(field: GriddedField, options: DayTableOptions): DayStep[] {
  const { forecastErrorSds, horizonDaysWithoutForecast } = options;
  if (forecastErrorSds.length === 0 || !forecastErrorSds.every((sd) => sd > 0 && Number.isFinite(sd))) {
    throw new TramontanaError(
      'Modelling.InvalidForecastErrors',
      `forecastErrorSds: expected at least one positive number, got [${forecastErrorSds.join(', ')}]`,
      { facts: { forecastErrorSds } },
    );
  }
  const days = fieldDays(field);
  const first = entry(days, 0);
  const last = entry(days, days.length - 1);
  const firstForecast = days.find((_, i) => field.origins[i] === 'forecast');
  const horizon = firstForecast === undefined ? horizonDaysWithoutForecast : 0;
  const numSteps = last - first + 1 + horizon;
  if (numSteps > MAXIMUM_DAYS) {
    throw new TramontanaError(
      'Modelling.InvalidDays',
      `Daily field: expected at most ${MAXIMUM_DAYS} days from first to last, got ${numSteps} (${isoDay(first * DAY_MS)} to ${isoDay(last * DAY_MS)})`,
      { facts: { numSteps, maximumDays: MAXIMUM_DAYS } },
    );
  }
  const fieldTimeOf = new Map(days.map((day, i) => [day, i] as const));
  let origin: FieldOrigin = entry(field.origins, 0);
  return Array.from({ length: numSteps }, (_, timeIndex) => {
    const day = first + timeIndex;
    const fieldTime = fieldTimeOf.get(day);
    if (fieldTime !== undefined) origin = entry(field.origins, fieldTime);
    else if (day > last) origin = 'forecast';
    const runMs = (fieldTime === undefined ? undefined : field.runTimesMs?.[fieldTime]) ?? NaN;
    const leadDay = origin === 'forecast' ? leadOf(day, runMs, firstForecast ?? last + 1) : undefined;
    const forecastErrorSd =
      leadDay === undefined || fieldTime === undefined
        ? undefined
        : forecastErrorSds[Math.min(leadDay, forecastErrorSds.length - 1)];
    const step = { timeIndex, timeMs: day * DAY_MS, date: isoDay(day * DAY_MS), origin };
    return {
      ...step,
      ...(leadDay === undefined ? {} : { leadDay }),
      ...(forecastErrorSd === undefined ? {} : { forecastErrorSd }),
      ...(fieldTime === undefined ? {} : { fieldTime }),
    };
  });
}

/** Whole days from a run to a day; where nobody knows the run, from the first day that only forecasts cover. */
function leadOf(day: number, runMs: number, firstForecast: number): number {
  return Number.isNaN(runMs) ? day - firstForecast : Math.max(0, Math.floor(day - runMs / DAY_MS));
}

function fieldDays(field: GriddedField): number[] {
  const days = Array.from(field.timesMs, (timeMs) => timeMs / DAY_MS);
  const invalid = days.findIndex((day, i) => !Number.isInteger(day) || (i > 0 && day <= entry(days, i - 1)));
  if (days.length === 0 || invalid >= 0 || field.cadence !== 'daily') {
    const found =
      days.length === 0
        ? 'no times'
        : field.cadence !== 'daily'
          ? `cadence ${field.cadence}`
          : `${field.timesMs[invalid]} ms at time ${invalid}`;
    throw new TramontanaError(
      'Modelling.InvalidDays',
      `Daily field: expected ascending starts of UTC days, got ${found}`,
      { facts: { found } },
    );
  }
  return days;
}
