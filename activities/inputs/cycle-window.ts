// SPDX-License-Identifier: Apache-2.0
import type { GriddedField } from '../../artifacts/schemas/gridded-field.js';
import { DAY_MS, isoDay, startOfDayMs } from '../../common/days.js';
import { float64At } from '../../common/entry.js';
import { TramontanaError } from '../../common/errors.js';
import { sourceNames } from '../../ingest/index.js';

/**
 * Times whose values were known on the day of the cycle: analyses of earlier days, and forecasts of runs up to that day.
 * A rerun of a past cycle must not look into what came later.
 */
export function knownAtCycle(field: GriddedField, cycle: string): number[] {
  const cycleMs = startOfDayMs(cycle);
  return indicesWhere(field, (timeMs, index) => {
    if (field.origins[index] !== 'forecast') return timeMs < cycleMs;
    const runMs = field.runTimesMs?.[index];
    return runMs === undefined || Number.isNaN(runMs) || runMs < cycleMs + DAY_MS;
  });
}

/**
 * Days of the window around the cycle.
 *
 * @throws {TramontanaError} `Input.NoDataForCycle` when none is left
 */
export function withinWindow(
  field: GriddedField,
  cycle: string,
  window: { readonly maximumHistoryDays: number; readonly maximumHorizonDays: number },
): number[] {
  const cycleMs = startOfDayMs(cycle);
  const fromMs = cycleMs - window.maximumHistoryDays * DAY_MS;
  const toMs = cycleMs + window.maximumHorizonDays * DAY_MS;
  const kept = indicesWhere(field, (timeMs) => timeMs >= fromMs && timeMs < toMs);
  if (kept.length === 0) {
    throw new TramontanaError(
      'Input.NoDataForCycle',
      `${sourceNames(field)}: expected days from ${isoDay(fromMs)} to ${isoDay(toMs - DAY_MS)} for the cycle ${cycle}, got none in ${isoDay(float64At(field.timesMs, 0))} to ${isoDay(field.timesMs.at(-1) ?? NaN)}`,
      { facts: { cycle, from: isoDay(fromMs), to: isoDay(toMs - DAY_MS) } },
    );
  }
  return kept;
}

/** True when some time of a field lies in the days of the window before the cycle, or later. */
export function reachesWindow(
  field: GriddedField,
  cycle: string,
  window: { readonly maximumHistoryDays: number },
): boolean {
  const fromMs = startOfDayMs(cycle) - window.maximumHistoryDays * DAY_MS;
  return field.timesMs.some((timeMs) => timeMs >= fromMs);
}

function indicesWhere(field: GriddedField, keep: (timeMs: number, index: number) => boolean): number[] {
  return Array.from(field.timesMs.keys()).filter((index) => keep(float64At(field.timesMs, index), index));
}
