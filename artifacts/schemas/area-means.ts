// SPDX-License-Identifier: Apache-2.0
import type { DailyStatistic, PollutantId } from '../../common/pollutants.js';

/** Posterior of the mean of one pollutant over each area; arrays of shape [day, area]. */
export interface AreaMeansVariable {
  readonly pollutant: PollutantId;
  readonly statistic: DailyStatistic;
  /** Posterior mean, ug m-3: that of the maps, weighed by surface. */
  readonly mean: Float64Array;
  /** Of the draws, ug m-3. */
  readonly sd: Float64Array;
  /** Quantiles of the draws, ug m-3, at least 0. */
  readonly q025: Float64Array;
  readonly q975: Float64Array;
  /** Shares of the draws above a threshold. */
  readonly exceedance: readonly { readonly value_ug_m3: number; readonly probability: Float64Array }[];
}

/** Means over areas by day, from joint draws of the maps; the days are those of the maps. */
export interface AreaMeans {
  readonly areas: readonly {
    readonly name: string;
    /** Of its surface within the cells of the maps, in (0, 1]. */
    readonly shareInside: number;
  }[];
  /** Areas that touch the domain and of which no mean is told. */
  readonly leftOut: readonly { readonly name: string; readonly reason: string }[];
  /** Areas of the file that lie beyond the domain. */
  readonly numBeyond: number;
  readonly numSamples: number;
  readonly variables: readonly AreaMeansVariable[];
}

/** Probability that a threshold is exceeded on some days in a row, cell by cell. */
export interface ExceedanceRun {
  readonly pollutant: PollutantId;
  readonly value_ug_m3: number;
  readonly days: number;
  readonly numSamples: number;
  /** By the last of the days, [time, latitude, longitude]; NaN on days before which there are too few, and in cells left out. */
  readonly probability: Float64Array;
}
