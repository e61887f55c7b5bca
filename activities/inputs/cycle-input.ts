// SPDX-License-Identifier: Apache-2.0
import { DAY_MS, isoDay, startOfDayMs } from '../../common/days.js';
import { TramontanaError } from '../../common/errors.js';
import { completeDaysWith, daysWith, type InputTimes } from './days-with.js';

/**
 * Whether what a cycle needs is there.
 *
 * `present`: a forecast of its own run covers its day, or analyses reach the day before. `late`: neither, but the forecast of an
 * earlier run covers the day.
 */
export interface CycleInput {
  readonly state: 'present' | 'late';
  /** In words, of a late one. */
  readonly reason?: string;
}

/** A run that starts so long before a day or later is the day's own: runs of noon are published in the evening. */
const OWN_RUN_MS = DAY_MS / 2;

/**
 * Judges the input of a cycle by what was known on its day: analyses of earlier days, and forecasts of runs up to it.
 *
 * @param coverageThreshold - share of its hours that a day needs
 * @throws {TramontanaError} `Input.NoDataForCycle` when nothing covers the day and no analysis reaches the day before: what could be
 *   published are days that are over
 */
export function judgeCycleInput(fields: readonly InputTimes[], cycle: string, coverageThreshold: number): CycleInput {
  const cycleMs = startOfDayMs(cycle);
  // of an input without a whole day the daily values will say what they lack
  const hasDays = completeDaysWith(fields, coverageThreshold, () => true).length > 0;
  const pick = hasDays ? completeDaysWith : daysWith;
  const analyses = pick(fields, coverageThreshold, (origin, timeMs) => origin !== 'forecast' && timeMs < cycleMs);
  const isKnown = (runMs: number): boolean => !(runMs >= cycleMs + DAY_MS);
  // A forecast whose run nobody knows may be of this one.
  const own = pick(
    fields,
    coverageThreshold,
    (origin, _, runMs) => origin === 'forecast' && isKnown(runMs) && !(runMs < cycleMs - OWN_RUN_MS),
  );
  const lastAnalysisMs = analyses.at(-1) ?? -Infinity;
  if (lastAnalysisMs >= cycleMs - DAY_MS || own.includes(cycleMs)) return { state: 'present' };
  const known = pick(fields, coverageThreshold, (origin, _, runMs) => origin === 'forecast' && isKnown(runMs));
  const newestRunMs = fields
    .flatMap(({ runTimesMs = [] }) => [...runTimesMs])
    .reduce((newest, runMs) => (isKnown(runMs) && runMs > newest ? runMs : newest), -Infinity);
  const there =
    `${lastAnalysisMs === -Infinity ? 'no analysis' : `analyses to ${isoDay(lastAnalysisMs)}`} and ` +
    (newestRunMs === -Infinity
      ? known.length === 0
        ? 'no forecast'
        : 'forecasts of an unknown run'
      : `the run of ${new Date(newestRunMs).toISOString().slice(0, 16)} UTC`);
  const facts = {
    cycle,
    lastAnalysisDay: lastAnalysisMs === -Infinity ? null : isoDay(lastAnalysisMs),
    newestRun: newestRunMs === -Infinity ? null : new Date(newestRunMs).toISOString(),
    lastForecastDay: known.length === 0 ? null : isoDay(known.at(-1) ?? NaN),
  };
  if (known.includes(cycleMs)) {
    return {
      state: 'late',
      reason: `the input of the cycle ${cycle} is not there: ${there}; its days are those of an earlier forecast`,
    };
  }
  const last = facts.lastForecastDay === null ? '' : `, whose last day is ${facts.lastForecastDay}`;
  throw new TramontanaError(
    'Input.NoDataForCycle',
    `cycle ${cycle}: expected a forecast that covers the day, or analyses to ${isoDay(cycleMs - DAY_MS)}; got ${there}${last}`,
    { facts },
  );
}
