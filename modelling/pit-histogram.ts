// SPDX-License-Identifier: Apache-2.0
import { entry } from '../common/entry.js';

/**
 * Histogram of leave-one-out probability integral transforms [Held2010].
 *
 * @module
 */

/** Bins of [0, 1]. */
export const PIT_BINS = 20;

/** 97.5 % quantile of the standard normal distribution. */
const NORMAL_97_5 = 1.959963984540054;

/** Counts over equal bins; 1 itself belongs to the last one, what is no probability to none. */
export function pitCounts(pit: Iterable<number>, numBins: number = PIT_BINS): number[] {
  const counts = new Array<number>(numBins).fill(0);
  for (const value of pit) {
    if (!(value >= 0 && value <= 1)) continue;
    const bin = Math.min(numBins - 1, Math.floor(value * numBins));
    counts[bin] = entry(counts, bin) + 1;
  }
  return counts;
}

/**
 * Central 95 % range of the count of one bin when `total` PITs are uniform and independent: normal approximation of the binomial
 * distribution, total p +- 1.96 sqrt(total p (1 - p)) with p = 1/numBins, cut at zero.
 */
export function uniformBand(total: number, numBins: number = PIT_BINS): readonly [low: number, high: number] {
  const p = 1 / numBins;
  const half = NORMAL_97_5 * Math.sqrt(total * p * (1 - p));
  return [Math.max(0, total * p - half), total * p + half];
}
