// SPDX-License-Identifier: Apache-2.0
import { DAY_MS } from '../../common/days.js';
import { completeDays, type CamsTimes } from '../../ingest/index.js';

/** What says which days an input has. */
export type InputTimes = Pick<CamsTimes, 'cadence' | 'timesMs' | 'origins' | 'runTimesMs'>;

type IsWanted = (origin: InputTimes['origins'][number] | undefined, timeMs: number, runMs: number) => boolean;

/**
 * Starts of the UTC days that have enough of the wanted times, ascending.
 *
 * @param coverageThreshold - share of its hours that a day needs
 * @param isWanted - told origin, time and run of each value; NaN where nobody knows the run
 */
export function completeDaysWith(
  fields: readonly InputTimes[],
  coverageThreshold: number,
  isWanted: IsWanted,
): number[] {
  const { hours, days } = wantedTimes(fields, isWanted);
  return ascending([...days, ...completeDays(hours, coverageThreshold)]);
}

/** As `completeDaysWith`; where no day has enough, every day with a wanted time: the daily values will say what they lack. */
export function daysWith(fields: readonly InputTimes[], coverageThreshold: number, isWanted: IsWanted): number[] {
  const found = completeDaysWith(fields, coverageThreshold, isWanted);
  if (found.length > 0) return found;
  const { hours } = wantedTimes(fields, isWanted);
  return ascending(hours.map((timeMs) => Math.floor(timeMs / DAY_MS) * DAY_MS));
}

function wantedTimes(fields: readonly InputTimes[], isWanted: IsWanted): { hours: number[]; days: number[] } {
  const hours: number[] = [];
  const days: number[] = [];
  for (const { cadence, timesMs, origins, runTimesMs } of fields) {
    timesMs.forEach((timeMs, index) => {
      if (!isWanted(origins[index], timeMs, runTimesMs?.[index] ?? NaN)) return;
      if (cadence === 'daily') days.push(Math.floor(timeMs / DAY_MS) * DAY_MS);
      else hours.push(timeMs);
    });
  }
  return { hours, days };
}

function ascending(days: readonly number[]): number[] {
  return [...new Set(days)].sort((a, b) => a - b);
}
