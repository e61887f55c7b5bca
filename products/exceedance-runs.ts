// SPDX-License-Identifier: Apache-2.0
import type { ExceedanceRun } from '../artifacts/schemas/area-means.js';
import { thresholdToken } from './exceedance.js';

/** Name of the variable of days in a row. */
export function runName({ pollutant, value_ug_m3, days }: Omit<ExceedanceRun, 'probability' | 'numSamples'>): string {
  return `${pollutant}_p_exceed_${thresholdToken(value_ug_m3)}_${days}_days`;
}

/** Of the cells that have a probability on a day; null where none has. */
export function highestProbability(
  { probability }: Pick<ExceedanceRun, 'probability'>,
  numDays: number,
  day: number,
): number | null {
  const numCells = probability.length / numDays;
  let highest = Number.NEGATIVE_INFINITY;
  for (const value of probability.subarray(day * numCells, (day + 1) * numCells)) {
    if (value > highest) highest = value;
  }
  return highest === Number.NEGATIVE_INFINITY ? null : highest;
}
