// SPDX-License-Identifier: Apache-2.0
import type { ArtifactRef } from '../artifacts/index.js';
import { TramontanaError } from '../common/errors.js';
import { readCamsFile } from '../ingest/index.js';
import { readVerified } from './verified-read.js';

const DAY_MS = 86_400_000;

/** What the input files say about time. */
export interface InputScan {
  /** UTC days, YYYY-MM-DD. */
  readonly firstDay: string;
  readonly lastDay: string;
  /** First day that only forecasts cover; null when there are none. */
  readonly firstForecastDay: string | null;
}

/** UTC day of a time. */
export function dayOf(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10);
}

/** Reads the times of all files. */
export async function scanInput(
  sources: readonly ArtifactRef[],
  options: { readonly signal: AbortSignal; readonly onFile?: (fraction: number, phase: string) => void },
): Promise<InputScan> {
  let firstMs = Infinity;
  let lastMs = -Infinity;
  let lastAnalysisMs = -Infinity;
  let firstForecastMs = Infinity;
  for (const [index, ref] of sources.entries()) {
    options.onFile?.(index / sources.length, 'looking at times');
    const field = await readVerified(ref, (path) => readCamsFile(path, { signal: options.signal }));
    for (const [timeIndex, timeMs] of field.timesMs.entries()) {
      firstMs = Math.min(firstMs, timeMs);
      lastMs = Math.max(lastMs, timeMs);
      if (field.origins[timeIndex] === 'forecast') firstForecastMs = Math.min(firstForecastMs, timeMs);
      else lastAnalysisMs = Math.max(lastAnalysisMs, timeMs);
    }
  }
  // a forecast issued before the end of the analyses still leads them from the first day without one
  const onlyForecastMs = Math.max(firstForecastMs, Math.floor(lastAnalysisMs / DAY_MS) * DAY_MS + DAY_MS);
  return {
    firstDay: dayOf(firstMs),
    lastDay: dayOf(lastMs),
    firstForecastDay: Number.isFinite(firstForecastMs) && onlyForecastMs <= lastMs ? dayOf(onlyForecastMs) : null,
  };
}

/**
 * The day of the cycle: the requested one, else the first day that only forecasts cover, else the day after the last data.
 *
 * @throws {TramontanaError} `Input.NoDataForCycle` when the requested day is before the data or further than a day after them
 */
export function cycleDayOf(scan: InputScan, requested: string | undefined): string {
  const dayAfterLast = dayOf(Date.parse(`${scan.lastDay}T00:00:00Z`) + DAY_MS);
  if (requested === undefined) return scan.firstForecastDay ?? dayAfterLast;
  if (requested >= scan.firstDay && requested <= dayAfterLast) return requested;
  throw new TramontanaError(
    'Input.NoDataForCycle',
    `cycle: expected a day from ${scan.firstDay} to ${dayAfterLast} (the input covers ${scan.firstDay} to ${scan.lastDay}), got ${requested}`,
    { facts: { requested, ...scan } },
  );
}
