// SPDX-License-Identifier: Apache-2.0
import { DAY_MS, isoDay, startOfDayMs } from '../../common/days.js';
import { TramontanaError } from '../../common/errors.js';
import { completeDaysWith, daysWith, type InputTimes } from './days-with.js';

/**
 * Whether what a cycle needs is there.
 *
 * `present`: a forecast of its own run covers its day, or no forecast does and analyses reach the day before. `late`: the forecast
 * that covers it is of an earlier run.
 */
export interface CycleInput {
  readonly state: 'present' | 'late';
  /** In words, of a late one. */
  readonly reason?: string;
}

/** A run that starts so long before a day or later is the day's own: runs of noon are published in the evening. */
const OWN_RUN_MS = DAY_MS / 2;

const isForecast = (origin: InputTimes['origins'][number] | undefined): boolean => origin === 'forecast';

/** True for a run of the day of a cycle or before, and for one that nobody knows. */
function isKnownAt(cycleMs: number, runMs: number): boolean {
  return !(runMs >= cycleMs + DAY_MS);
}

/**
 * Ends a run early whose files cannot hold what it needs, by their times alone; what is made of their values is judged by
 * {@link judgeCycleInput}.
 *
 * @param coverageThreshold - share of its hours that a day needs
 * @throws {TramontanaError} `Input.NoDataForCycle` when nothing covers the day and no analysis reaches the day before
 */
export function requireInputOf(fields: readonly InputTimes[], cycle: string, coverageThreshold: number): void {
  const cycleMs = startOfDayMs(cycle);
  // of an input without a whole day the daily values will say what they lack
  if (completeDaysWith(fields, coverageThreshold, () => true).length === 0) return;
  const analyses = completeDaysWith(
    fields,
    coverageThreshold,
    (origin, timeMs) => !isForecast(origin) && timeMs < cycleMs,
  );
  const forecasts = daysWith(
    fields,
    coverageThreshold,
    (origin, _, runMs) => isForecast(origin) && isKnownAt(cycleMs, runMs),
  );
  const lastAnalysisMs = analyses.at(-1) ?? -Infinity;
  if (lastAnalysisMs >= cycleMs - DAY_MS || forecasts.includes(cycleMs)) return;
  refuse(cycle, lastAnalysisMs, forecasts);
}

/**
 * Judges the daily field that a cycle is made of.
 *
 * @param daily - days known at the cycle, as they will be fitted
 * @param fields - what they were made of: a run whose first day is that of the cycle is its own
 * @param coverageThreshold - share of its hours that a day needs
 * @throws {TramontanaError} `Input.NoDataForCycle` when neither a forecast of the day nor an analysis of the day before is in the field:
 *   what could be published are days that are over
 */
export function judgeCycleInput(
  daily: InputTimes,
  fields: readonly InputTimes[],
  cycle: string,
  coverageThreshold: number,
): CycleInput {
  const cycleMs = startOfDayMs(cycle);
  const days = Array.from(daily.timesMs, (timeMs, index) => ({ timeMs, index }));
  const isOfForecast = ({ index }: { readonly index: number }): boolean => isForecast(daily.origins[index]);
  const day = days.find(({ timeMs }) => timeMs === cycleMs);
  if (day === undefined || !isOfForecast(day)) {
    const lastAnalysisMs = days.filter((one) => !isOfForecast(one)).at(-1)?.timeMs ?? -Infinity;
    if (lastAnalysisMs >= cycleMs - DAY_MS) return { state: 'present' };
    const forecasts = days.filter(isOfForecast).map(({ timeMs }) => timeMs);
    return refuse(cycle, lastAnalysisMs, forecasts);
  }
  const runMs = daily.runTimesMs?.[day.index] ?? NaN;
  // a forecast whose run nobody knows may be of this one
  if (!(runMs < cycleMs - OWN_RUN_MS)) return { state: 'present' };
  const [firstOfRunMs = NaN] = daysWith(
    fields,
    coverageThreshold,
    (origin, _, run) => isForecast(origin) && run === runMs,
  );
  if (firstOfRunMs >= cycleMs) return { state: 'present' };
  const run = new Date(runMs).toISOString().slice(0, 16);
  return {
    state: 'late',
    reason: `the forecast of the cycle ${cycle} is not there: the day is taken from the run of ${run} UTC`,
  };
}

function refuse(cycle: string, lastAnalysisMs: number, forecasts: readonly number[]): never {
  const cycleMs = startOfDayMs(cycle);
  const analyses = lastAnalysisMs === -Infinity ? 'no analysis' : `analyses to ${isoDay(lastAnalysisMs)}`;
  const [first, last] = [forecasts[0] ?? NaN, forecasts.at(-1) ?? NaN];
  const told = forecasts.length === 0 ? 'no forecast' : `forecasts of ${isoDay(first)} to ${isoDay(last)}`;
  const later = forecasts.find((dayMs) => dayMs > cycleMs);
  const remedy = later === undefined ? '' : `; ask for the cycle ${isoDay(later)} (\`--cycle ${isoDay(later)}\`)`;
  throw new TramontanaError(
    'Input.NoDataForCycle',
    `cycle ${cycle}: expected whole days of a forecast that covers the day, or of analyses to ${isoDay(cycleMs - DAY_MS)}; got ${analyses} and ${told}${remedy}`,
    {
      facts: {
        cycle,
        lastAnalysisDay: lastAnalysisMs === -Infinity ? null : isoDay(lastAnalysisMs),
        firstForecastDay: forecasts.length === 0 ? null : isoDay(first),
        lastForecastDay: forecasts.length === 0 ? null : isoDay(last),
      },
    },
  );
}
