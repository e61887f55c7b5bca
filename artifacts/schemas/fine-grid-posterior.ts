// SPDX-License-Identifier: Apache-2.0
import type { DailyStatistic, PollutantId } from '../../common/pollutants.js';
import type { FieldOrigin } from './gridded-field.js';

/** Posterior of one pollutant's daily concentration on the fine grid; shape [time, latitude, longitude]. */
export interface FineGridVariable {
  readonly pollutant: PollutantId;
  readonly units: 'ug m-3';
  readonly statistic: DailyStatistic;
  /** Posterior mean, ug m-3. */
  readonly mean: Float64Array;
  /** Posterior standard deviation of the cell-mean concentration (measurement noise excluded), ug m-3. */
  readonly sd: Float64Array;
}

/** Posterior marginals (Gaussian) on the fine grid. */
export interface FineGridPosterior {
  readonly resolutionDegrees: number;
  /** Cell centres, north to south. */
  readonly latitudesDegrees: Float64Array;
  /** Cell centres, ascending, in [-180, 180). */
  readonly longitudesDegrees: Float64Array;
  /** Start of each UTC day, milliseconds since 1970. */
  readonly timesMs: Float64Array;
  /** 'analysis' or 'reanalysis' up to the cycle, 'forecast' from the cycle day on. */
  readonly origins: readonly FieldOrigin[];
  /** Cell-mean elevation in m, shape [latitude, longitude]; absent when the domain has no elevation covariate. */
  readonly elevationM?: Float64Array;
  readonly variables: readonly FineGridVariable[];
}
