// SPDX-License-Identifier: Apache-2.0
/**
 * Whether the values of a variable are those of an instant or already daily statistics. One value a day may be either: a
 * request for one hour, or a mean that somebody took.
 *
 * @module
 */
import type { FieldVariable } from '../../artifacts/schemas/gridded-field.js';
import { DAY_MS } from '../../common/days.js';
import { entry, float64At } from '../../common/entry.js';
import { TramontanaError } from '../../common/errors.js';
import { dailyStatisticOf } from '../daily/daily-statistics.js';
import { readUnpacked } from '../netcdf/unpack.js';
import { textAttribute, type NetcdfFile, type NetcdfVariable } from '../netcdf/types.js';
import { issue, type QualityIssue } from '../quality/issue.js';
import { statedRequest } from './time-evidence.js';
import { parseTimeScale } from './time-units.js';
import type { TimeAxis } from './times.js';

const HOUR_MS = 3_600_000;
/** Hours between the bounds of a daily value: cdo gives the first and the last hour of a day, and a running mean reaches beyond it. */
const DAILY_BOUNDS_HOURS = [12, 32] as const;
/** Steps that are those of pentads, weeks or dekads, of three or more times; two times a month apart are months already. */
const LONG_STEP_DAYS = 5;
const MONTH_DAYS = 27;

/** What the values of a variable stand for. */
export interface ValueStatistic {
  readonly statistic: FieldVariable['statistic'];
  /** Start of the UTC day of each time; only of daily statistics. */
  readonly daysMs?: Float64Array;
  readonly issues: readonly QualityIssue[];
}

const INSTANTANEOUS: ValueStatistic = { statistic: 'instantaneous', issues: [] };

/**
 * The statistic of a variable: stated by `cell_methods` or the bounds of the times; a bare axis with one time a day at 00:00
 * is what resampling leaves and is taken as the daily statistic of the product, with a warning.
 *
 * @throws TramontanaError `Ingest.WrongStatistic` for a daily statistic of which the product's cannot be made
 */
export async function valueStatistic(
  file: NetcdfFile,
  variable: NetcdfVariable,
  species: string,
  times: TimeAxis,
): Promise<ValueStatistic> {
  const { timesMs } = times;
  const methods = textAttribute(variable.attributes, 'cell_methods') ?? '';
  const method = /\btime:\s*([a-z]+)/i.exec(methods)?.[1]?.toLowerCase();
  const isRegular = timesMs.every(
    (time, index) => index === 0 || (time - float64At(timesMs, index - 1)) % DAY_MS === 0,
  );
  // A maximum may carry the hour at which it occurred.
  const isOnceADay = isRegular || (method !== undefined && haveOwnDays(timesMs));
  const starts = isOnceADay ? await boundsOf(file, times) : undefined;
  if (!isOnceADay || (timesMs.length < 2 && starts?.isDaily !== true) || starts?.isDaily === false)
    return INSTANTANEOUS;
  const isHourly =
    method === 'point' ||
    statedRequest(file) !== undefined ||
    /hour/i.test(textAttribute(variable.attributes, 'value') ?? '') ||
    textAttribute(variable.attributes, 'GRIB_stepType') === 'instant';
  if (method === undefined && isHourly) return INSTANTANEOUS;
  const isAtMidnight = timesMs.every((time) => time % DAY_MS === 0);
  if (method === undefined && starts === undefined && !isAtMidnight) return INSTANTANEOUS;
  if (method === 'point') return INSTANTANEOUS;
  refuseLongerThanDays(file, variable, timesMs);

  const daysMs = Float64Array.from(starts?.startsMs ?? timesMs, (time) => Math.floor(time / DAY_MS) * DAY_MS);
  const needed = dailyStatisticOf(species);
  if (method === 'mean') return { statistic: 'daily_mean', daysMs, issues: [] };
  if (method !== undefined && !(method === 'maximum' && needed === 'daily_max_8h_mean')) {
    throw new TramontanaError(
      'Ingest.WrongStatistic',
      `${file.path}: variable "${variable.name}": expected hourly values or the daily statistic ${needed}, cell_methods says "${methods}"`,
      { facts: { file: file.path, variable: variable.name, species, needed, cellMethods: methods } },
    );
  }
  const reason =
    method === undefined
      ? 'one value a day, and the file does not say of what'
      : `cell_methods says "${methods}", not whether of 8-hour means`;
  const message = `${file.path}: variable "${variable.name}": ${reason}; taken as the daily statistic ${needed}`;
  const facts = { file: file.path, variable: variable.name, species, statistic: needed };
  return { statistic: needed, daysMs, issues: [issue('warning', 'assumed-statistic', message, facts)] };
}

function haveOwnDays(timesMs: Float64Array): boolean {
  return timesMs.every(
    (time, index) => index === 0 || Math.floor(time / DAY_MS) > Math.floor(float64At(timesMs, index - 1) / DAY_MS),
  );
}

/** Refuses values that stand for weeks, months or years. */
function refuseLongerThanDays(file: NetcdfFile, variable: NetcdfVariable, timesMs: Float64Array): void {
  const steps = Array.from(timesMs.subarray(1), (time, index) => (time - float64At(timesMs, index)) / DAY_MS);
  const shortest = Math.min(...steps);
  if (!(steps.length > 0 && shortest >= (steps.length > 1 ? LONG_STEP_DAYS : MONTH_DAYS))) return;
  throw new TramontanaError(
    'Ingest.WrongStatistic',
    `${file.path}: variable "${variable.name}": expected hourly or daily values, got ${timesMs.length} that are ${Math.round(shortest)} days apart or more: means of weeks, months or years are no days`,
    { facts: { file: file.path, variable: variable.name, shortestStepDays: shortest } },
  );
}

/** Start of the interval of each time, by the CF attribute `bounds`; undefined when there are none that fit. */
async function boundsOf(
  file: NetcdfFile,
  times: TimeAxis,
): Promise<{ readonly startsMs: Float64Array | undefined; readonly isDaily: boolean } | undefined> {
  const { variable, timesMs } = times;
  const name = textAttribute(variable.attributes, 'bounds');
  const bounds = file.variables.find((candidate) => candidate.name === name);
  const text = (key: string): string | undefined => textAttribute(variable.attributes, key);
  const scale = parseTimeScale(text('units'), text('long_name'), text('calendar'));
  if (bounds?.shape.at(-1) !== 2 || 'expectation' in scale || scale.referenceMs === undefined) return undefined;
  const values = await readUnpacked(file, bounds);
  if (values.length !== 2 * timesMs.length) return undefined;
  const referenceMs = scale.referenceMs;
  const edges = Array.from(values, (value) => Math.round((referenceMs + value * scale.unitMs) / HOUR_MS) * HOUR_MS);
  const startsMs = Float64Array.from(timesMs, (_, index) => entry(edges, 2 * index)).sort();
  const hours = Array.from(timesMs, (_, index) => (entry(edges, 2 * index + 1) - entry(edges, 2 * index)) / HOUR_MS);
  const isDaily = hours.every((length) => length >= DAILY_BOUNDS_HOURS[0] && length <= DAILY_BOUNDS_HOURS[1]);
  // What reaches beyond a day begins before it: the times tell the day.
  return { startsMs: hours.some((length) => length > 24) ? undefined : startsMs, isDaily };
}
