// SPDX-License-Identifier: Apache-2.0
import type { FieldOrigin, FieldVariable, GriddedField } from '../../artifacts/schemas/gridded-field.js';
import { DAY_MS, isoDay } from '../../common/days.js';
import { entry, float64At } from '../../common/entry.js';
import { TramontanaError } from '../../common/errors.js';
import { sourceNames, type LabelledField } from '../labelled-field.js';
import { countOf } from '../quality/assess-times.js';
import { issue, type QualityIssue } from '../quality/issue.js';
import {
  dailyMaximumEightHourMean,
  dailyMean,
  dailyStatisticOf,
  fillHours,
  HOURS_PER_DAY,
} from './daily-statistics.js';

const HOUR_MS = 3_600_000;

export const DEFAULT_COVERAGE_THRESHOLD = 0.75;
export const DEFAULT_MAXIMUM_GAP_HOURS = 6;

export interface DailyOptions {
  /** Share of a day's hours (and of the windows and their hours for ozone) that a daily value needs. Default 0.75, as the EU asks. */
  readonly coverageThreshold?: number;
  /**
   * Hours between two valid values, at most so far apart, are interpolated linearly. Default 6: the 3-hourly products and the
   * requests that leave out night hours become complete days. 1 interpolates nothing.
   */
  readonly maximumGapHours?: number;
  readonly signal?: AbortSignal;
}

/**
 * Daily values (UTC days) of an hourly field: the mean, and for ozone the daily maximum 8-hour mean.
 *
 * A field that is daily already is taken as it is. Days with less than their share of hours are missing, and days without a
 * value of any species are left out. The origin of a day is that of most of its hours (of the lesser when equal),
 * its run the latest of these.
 *
 * @returns cadence 'daily', times at 00:00 UTC, units ug m-3, shape [day, latitude, longitude]
 * @throws TramontanaError `Ingest.NoDailyValues` when no day of any species has enough hours; `Ingest.WrongStatistic` when a
 *   daily field holds another statistic
 */
export function toDaily(field: GriddedField, options: DailyOptions = {}): LabelledField {
  if (field.cadence === 'daily') return alreadyDaily(field);
  const threshold = options.coverageThreshold ?? DEFAULT_COVERAGE_THRESHOLD;
  const firstDayMs = Math.floor(float64At(field.timesMs, 0) / DAY_MS) * DAY_MS;
  const dayCount = Math.floor((float64At(field.timesMs, field.timesMs.length - 1) - firstDayMs) / DAY_MS) + 1;
  const issues: QualityIssue[] = 'issues' in field ? [...(field as LabelledField).issues] : [];

  const results = field.variables.map((variable) => {
    options.signal?.throwIfAborted();
    return aggregate(field, variable, firstDayMs, dayCount, threshold, options, issues);
  });
  const cells = field.latitudesDegrees.length * field.longitudesDegrees.length;
  const hasValue = (day: number): boolean =>
    results.some(({ values }) => values.subarray(day * cells, (day + 1) * cells).some((value) => !Number.isNaN(value)));
  const days = Array.from({ length: dayCount }, (_, day) => day).filter(hasValue);
  if (days.length === 0) {
    throw new TramontanaError(
      'Ingest.NoDailyValues',
      `${sourceNames(field)}: expected at least one day with ${Math.round(threshold * 100)} % of its hours; the ${field.timesMs.length} times from ${iso(float64At(field.timesMs, 0))} to ${iso(float64At(field.timesMs, field.timesMs.length - 1))} give none; window.minimumDailyCoverage may ask for less${onceADayAdvice(field.timesMs)}`,
      { facts: { files: sourceNames(field), coverageThreshold: threshold, times: field.timesMs.length } },
    );
  }
  const dropped = Array.from({ length: dayCount }, (_, day) => day).filter((day) => !days.includes(day));
  if (dropped.length > 0) {
    const dates = dropped.map((day) => isoDay(firstDayMs + day * DAY_MS));
    issues.push(
      issue(
        'info',
        'dropped-days',
        `${countOf(dates.length, 'day')} left out, with too few hours for a daily value: ${listDates(dates)}`,
        { dates },
      ),
    );
  }

  const stamps = days.map((day) => describeDay(field, firstDayMs + day * DAY_MS));
  const runTimesMs = Float64Array.from(stamps, (stamp) => stamp.runMs);
  return {
    cadence: 'daily',
    latitudesDegrees: field.latitudesDegrees,
    longitudesDegrees: field.longitudesDegrees,
    timesMs: Float64Array.from(days, (day) => firstDayMs + day * DAY_MS),
    origins: stamps.map((stamp) => stamp.origin),
    ...(runTimesMs.some((run) => !Number.isNaN(run)) ? { runTimesMs } : {}),
    variables: results.map((variable) => ({ ...variable, values: pickDays(variable.values, days, cells) })),
    sources: 'sources' in field ? (field as LabelledField).sources : [],
    issues,
  };
}

/** One value a day may be a daily value whose file still calls it hourly, as tools that keep attributes leave it. */
function onceADayAdvice(timesMs: Float64Array): string {
  const isOnceADay = timesMs.every((time, index) => index === 0 || time - float64At(timesMs, index - 1) >= DAY_MS);
  return timesMs.length > 1 && isOnceADay
    ? '; there is one value a day: if that is a daily mean although the file calls it hourly, say so: `ncatted -O -a cell_methods,VARIABLE,o,c,"time: mean" FILE.nc`'
    : '';
}

/** A daily field as it is, if its statistics are those of the product. */
function alreadyDaily(field: GriddedField): LabelledField {
  const wrong = field.variables.find(({ species, statistic }) => statistic !== dailyStatisticOf(species));
  if (wrong !== undefined) {
    const { species, statistic } = wrong;
    throw new TramontanaError(
      'Ingest.WrongStatistic',
      `${sourceNames(field)}: ${species}: expected hourly values or the daily statistic ${dailyStatisticOf(species)}, the file holds ${statistic}, of which it cannot be made`,
      { facts: { files: sourceNames(field), species, statistic } },
    );
  }
  return { sources: [], issues: [], ...field };
}

function aggregate(
  field: GriddedField,
  variable: FieldVariable,
  firstDayMs: number,
  dayCount: number,
  threshold: number,
  options: DailyOptions,
  issues: QualityIssue[],
): FieldVariable {
  const statistic = dailyStatisticOf(variable.species);
  const cells = field.latitudesDegrees.length * field.longitudesDegrees.length;
  const hoursOf = Float64Array.from(field.timesMs, (time) => (time - firstDayMs) / HOUR_MS);
  const hourly = new Float64Array(dayCount * HOURS_PER_DAY);
  const values = new Float64Array(dayCount * cells);
  const coverages = new Float64Array(dayCount * cells);
  for (let cell = 0; cell < cells; cell += 1) {
    fillHours(
      hoursOf,
      (time) => float64At(variable.values, time * cells + cell),
      options.maximumGapHours ?? DEFAULT_MAXIMUM_GAP_HOURS,
      hourly,
    );
    for (let day = 0; day < dayCount; day += 1) {
      const result =
        statistic === 'daily_mean' ? dailyMean(hourly, day) : dailyMaximumEightHourMean(hourly, day, threshold);
      values[day * cells + cell] = result.value;
      coverages[day * cells + cell] = result.coverage;
    }
  }
  applyThreshold(variable.species, values, coverages, { firstDayMs, dayCount, cells, threshold }, issues);
  return { species: variable.species, units: 'ug m-3', statistic, values };
}

function applyThreshold(
  species: string,
  values: Float64Array,
  coverages: Float64Array,
  shape: { readonly firstDayMs: number; readonly dayCount: number; readonly cells: number; readonly threshold: number },
  issues: QualityIssue[],
): void {
  const isComplete = (index: number): boolean => float64At(coverages, index) >= shape.threshold - 1e-9;
  const shortDays: { date: string; coverage: number }[] = [];
  for (let day = 0; day < shape.dayCount; day += 1) {
    let best = 0;
    for (let cell = 0; cell < shape.cells; cell += 1) {
      const index = day * shape.cells + cell;
      best = Math.max(best, float64At(coverages, index));
      if (!isComplete(index)) values[index] = NaN;
    }
    if (best > 0 && best < shape.threshold - 1e-9) {
      shortDays.push({
        date: isoDay(shape.firstDayMs + day * DAY_MS),
        coverage: Math.round(best * 1000) / 1000,
      });
    }
  }
  if (shortDays.length === 0) return;
  const dates = shortDays.map(({ date }) => date);
  issues.push(
    issue(
      'info',
      'short-days-dropped',
      `${species}: ${countOf(shortDays.length, 'day')} with less than ${Math.round(shape.threshold * 100)} % of its hours (${listDates(dates)}): taken as missing`,
      { species, days: shortDays, coverageThreshold: shape.threshold },
    ),
  );
}

/** Origin and run of a day, from the times of the field that lie in it. */
function describeDay(field: GriddedField, dayMs: number): { readonly origin: FieldOrigin; readonly runMs: number } {
  const counts = new Map<FieldOrigin, number>();
  const runs = new Map<FieldOrigin, number>();
  field.timesMs.forEach((time, index) => {
    if (time < dayMs || time >= dayMs + DAY_MS) return;
    const origin = entry(field.origins, index);
    counts.set(origin, (counts.get(origin) ?? 0) + 1);
    const run = field.runTimesMs?.[index] ?? NaN;
    if (!((runs.get(origin) ?? NaN) >= run)) runs.set(origin, run);
  });
  // From the least to the most certain, so that an equal count keeps the lesser.
  const order: readonly FieldOrigin[] = ['forecast', 'analysis', 'reanalysis'];
  const origin = order.reduce((best, candidate) =>
    (counts.get(candidate) ?? 0) > (counts.get(best) ?? 0) ? candidate : best,
  );
  return { origin, runMs: runs.get(origin) ?? NaN };
}

function pickDays(values: Float64Array, days: readonly number[], cells: number): Float64Array {
  const result = new Float64Array(days.length * cells);
  days.forEach((day, index) => result.set(values.subarray(day * cells, (day + 1) * cells), index * cells));
  return result;
}

function iso(timeMs: number): string {
  return new Date(timeMs).toISOString().replace('.000Z', 'Z');
}

function listDates(dates: readonly string[]): string {
  return dates.length <= 4 ? dates.join(', ') : `${dates.slice(0, 3).join(', ')} ... ${entry(dates, dates.length - 1)}`;
}
