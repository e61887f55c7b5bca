// SPDX-License-Identifier: Apache-2.0
import { entry } from '../../common/entry.js';
import type { DailyStatistic, PollutantId } from '../../common/pollutants.js';
import type { FieldOrigin } from './gridded-field.js';

/** Posterior of one pollutant's daily concentration on the fine grid; shape [time, latitude, longitude]. */
export interface FineGridVariable {
  readonly pollutant: PollutantId;
  readonly units: 'ug m-3';
  readonly statistic: DailyStatistic;
  /** One entry a day: whether the model had values of this pollutant of that day; if not, the days around it speak. */
  readonly hasData: readonly boolean[];
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

/** What a day was made from; `none`: it has no data of its own, the days around it speak. */
export type DayOrigin = FieldOrigin | 'none';

/** Origin of a day for one pollutant, or, without one, for all: `none` when no pollutant has data. */
export function dayOrigin(
  posterior: Pick<FineGridPosterior, 'origins'> & { readonly variables: readonly Pick<FineGridVariable, 'hasData'>[] },
  t: number,
  variable?: Pick<FineGridVariable, 'hasData'>,
): DayOrigin {
  const heard = variable === undefined ? posterior.variables : [variable];
  return heard.some(({ hasData }) => hasData[t] === true) ? entry(posterior.origins, t) : 'none';
}
