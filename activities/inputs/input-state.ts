// SPDX-License-Identifier: Apache-2.0
/**
 * Whether the files that a cycle waits for have arrived, by their times alone: what a waiting run asks again and again. The values
 * are judged when the run reads them (`cycle-input.ts`).
 *
 * @module
 */
import { DAY_MS, isoDay, startOfDayMs } from '../../common/days.js';
import type { CamsTimes } from '../../ingest/index.js';
import { completeDaysWith, type InputTimes } from './days-with.js';
import { judgeCycleInput } from './cycle-input.js';

/**
 * `present`: all that the cycle wants. `late`: a forecast of an earlier run, or analyses alone where forecasts are wont to come, serve
 * meanwhile. `absent`: nothing that a forecast could be made of.
 */
export interface InputState {
  readonly state: 'present' | 'late' | 'absent';
  /** In words, of what is not present. */
  readonly reason?: string;
}

const RANK = { present: 0, late: 1, absent: 2 } as const;

/**
 * The worst state among the pollutants.
 *
 * @param coverageThreshold - share of its hours that a day needs
 */
export function inputStateOf(
  fields: readonly Pick<CamsTimes, 'species' | keyof InputTimes>[],
  pollutants: readonly string[],
  cycle: string,
  coverageThreshold: number,
): InputState {
  const states = pollutants.map((pollutant): InputState => {
    const own = fields.filter(({ species }) => species.includes(pollutant));
    const found = stateOf(own, cycle, coverageThreshold);
    return found.reason === undefined ? found : { ...found, reason: `${pollutant}: ${found.reason}` };
  });
  return states.reduce((worst, state) => (RANK[state.state] > RANK[worst.state] ? state : worst), { state: 'present' });
}

function stateOf(fields: readonly InputTimes[], cycle: string, coverageThreshold: number): InputState {
  const cycleMs = startOfDayMs(cycle);
  const isForecast = (origin: InputTimes['origins'][number] | undefined): boolean => origin === 'forecast';
  const analyses = completeDaysWith(
    fields,
    coverageThreshold,
    (origin, timeMs) => !isForecast(origin) && timeMs < cycleMs,
  );
  // a run after the day of the cycle is not known in it
  const runs = [...new Set(fields.flatMap(runsOf))].filter((runMs) => !(runMs >= cycleMs + DAY_MS)).sort(byNewest);
  const covering = runs.find((runMs) =>
    completeDaysWith(
      fields,
      coverageThreshold,
      (origin, _, run) => isForecast(origin) && Object.is(run, runMs),
    ).includes(cycleMs),
  );
  if (covering === undefined) {
    const lastMs = analyses.at(-1);
    if (lastMs === undefined || lastMs < cycleMs - DAY_MS) {
      const last = lastMs === undefined ? 'no analysis' : `analyses to ${isoDay(lastMs)}`;
      return { state: 'absent', reason: `${last}, and no forecast that covers ${cycle}` };
    }
    // of a source that never has forecasts nothing else will come
    if (runs.length === 0) return { state: 'present' };
    return { state: 'late', reason: `analyses to ${isoDay(lastMs)}, but no forecast that covers ${cycle} yet` };
  }
  const daily: InputTimes = {
    cadence: 'daily',
    timesMs: Float64Array.of(cycleMs),
    origins: ['forecast'],
    runTimesMs: Float64Array.of(covering),
  };
  return judgeCycleInput(daily, fields, cycle, coverageThreshold);
}

/** Runs of the forecasts of a field; NaN where nobody knows it. */
function runsOf({ origins, runTimesMs }: InputTimes): number[] {
  return origins.flatMap((origin, index) => (origin === 'forecast' ? [runTimesMs?.[index] ?? NaN] : []));
}

/** One that nobody knows may be the newest. */
function byNewest(a: number, b: number): number {
  return (Number.isNaN(b) ? Infinity : b) - (Number.isNaN(a) ? Infinity : a) || 0;
}
