// SPDX-License-Identifier: Apache-2.0
import type { DailyStatistic } from '../../common/pollutants.js';

/** Where the values of one time come from. */
export type FieldOrigin = 'analysis' | 'forecast' | 'reanalysis';

/** One variable of a gridded field. `species` is a PollutantId for the pollutants that the product models. */
export interface FieldVariable {
  readonly species: string;
  readonly units: 'ug m-3';
  readonly statistic: 'instantaneous' | DailyStatistic;
  /** Shape [time, latitude, longitude], row-major; NaN where missing. */
  readonly values: Float64Array;
}

/**
 * Labelled values on a regular latitude-longitude grid; the shape of every variable is
 * [timesMs.length, latitudesDegrees.length, longitudesDegrees.length].
 */
export interface GriddedField {
  readonly cadence: 'hourly' | 'daily';
  /** Cell centres, north to south. */
  readonly latitudesDegrees: Float64Array;
  /** Cell centres, ascending, in [-180, 180). */
  readonly longitudesDegrees: Float64Array;
  /** Milliseconds since 1970-01-01T00:00Z, ascending; for daily fields the start of the UTC day. */
  readonly timesMs: Float64Array;
  /** One entry a time. */
  readonly origins: readonly FieldOrigin[];
  /**
   * Start of the model run that gave each time, milliseconds since 1970, NaN where unknown; absent when unknown throughout.
   * The lead day of a forecast is the day of its time minus the day of its run.
   */
  readonly runTimesMs?: Float64Array;
  readonly variables: readonly FieldVariable[];
}
