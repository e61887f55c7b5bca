// SPDX-License-Identifier: Apache-2.0
import { DAY_MS, isoDay, startOfDayMs } from '../../common/days.js';
import { entry } from '../../common/entry.js';
import { TramontanaError } from '../../common/errors.js';
import type { CamsTimes } from '../../ingest/index.js';
import { daysWith, type InputTimes } from './days-with.js';

/** What the input files say about time. A day counts when it has hours enough for a daily value. */
export interface InputScan {
  /** UTC days, YYYY-MM-DD. */
  readonly firstDay: string;
  readonly lastDay: string;
  /** First day, from that of the newest run on, that only forecasts cover; null when there are none. */
  readonly firstForecastDay: string | null;
  /** Last day with an analysis; null when there are none. */
  readonly lastAnalysisDay: string | null;
  /** Start of the newest run, ISO 8601; null when no file tells its run. */
  readonly newestRun: string | null;
  /** Times of all files that concern the domain: hours, or days of daily files. */
  readonly numTimes: number;
}

/** The files that hold what the domain wants; all of them where none does, which a later stage says. */
export function ofPollutants<Times extends Pick<CamsTimes, 'species'>>(
  fields: readonly Times[],
  pollutants: readonly string[],
): readonly Times[] {
  const wanted = fields.filter(({ species }) => species.some((name) => pollutants.includes(name)));
  return wanted.length > 0 ? wanted : fields;
}

/**
 * Looks at the times, origins and runs of the input.
 *
 * @param coverageThreshold - share of its hours that a day needs
 */
export function scanInput(fields: readonly InputTimes[], coverageThreshold: number): InputScan {
  const runs = fields.flatMap((field) => [...(field.runTimesMs ?? [])].filter((run) => !Number.isNaN(run)));
  const newestRunMs = runs.reduce((newest, run) => Math.max(newest, run), -Infinity);
  const newestDayMs = Math.floor(newestRunMs / DAY_MS) * DAY_MS;

  const days = daysWith(fields, coverageThreshold, () => true);
  const analysisDays = daysWith(fields, coverageThreshold, (origin) => origin !== 'forecast');
  const lastAnalysisMs = analysisDays.at(-1);
  // A run whose time nobody knows may be the newest one.
  const forecastDays = daysWith(
    fields,
    coverageThreshold,
    (origin, _, runMs) => origin === 'forecast' && !(runMs < newestDayMs),
  );
  const firstForecastMs = forecastDays.find((day) => day >= newestDayMs && !(day <= (lastAnalysisMs ?? -Infinity)));
  return {
    firstDay: isoDay(entry(days, 0)),
    lastDay: isoDay(days.at(-1) ?? NaN),
    firstForecastDay: firstForecastMs === undefined ? null : isoDay(firstForecastMs),
    lastAnalysisDay: lastAnalysisMs === undefined ? null : isoDay(lastAnalysisMs),
    newestRun: newestRunMs === -Infinity ? null : new Date(newestRunMs).toISOString(),
    numTimes: fields.reduce((sum, { timesMs }) => sum + timesMs.length, 0),
  };
}

/**
 * The day of the cycle: the requested one, else the first day that only forecasts of the newest run cover, else the day after
 * the last analysis, else the day after the last data.
 *
 * @throws {TramontanaError} `Input.NoDataForCycle` when the requested day is before the data or further than a day after them
 */
export function cycleDayOf(
  scan: Pick<InputScan, 'firstDay' | 'lastDay' | 'firstForecastDay' | 'lastAnalysisDay'>,
  requested: string | undefined,
): string {
  const dayAfter = (day: string): string => isoDay(startOfDayMs(day) + DAY_MS);
  const dayAfterLast = dayAfter(scan.lastDay);
  if (requested === undefined) return scan.firstForecastDay ?? dayAfter(scan.lastAnalysisDay ?? scan.lastDay);
  if (requested >= scan.firstDay && requested <= dayAfterLast) return requested;
  throw new TramontanaError(
    'Input.NoDataForCycle',
    `cycle: expected a day from ${scan.firstDay} to ${dayAfterLast} (the input covers ${scan.firstDay} to ${scan.lastDay}), got ${requested}`,
    { facts: { requested, ...scan } },
  );
}
