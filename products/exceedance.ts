// SPDX-License-Identifier: Apache-2.0
/**
 * Quantiles and exceedance probabilities of Gaussian marginals, cell by cell.
 *
 * @module
 */
import { float64At } from '../common/entry.js';
import { TramontanaError } from '../common/errors.js';
import { normalQuantile, normalSurvival } from './normal-distribution.js';

/** Orders of the published quantiles: median and the central 95 % interval. */
export const QUANTILE_ORDERS = [0.025, 0.5, 0.975] as const;

/**
 * Quantile of a concentration whose posterior is Gaussian: max(0, mean + z_p sd).
 *
 * The Gaussian gives mass to negative concentrations, which do not exist. Taking max(0, X) is monotone, so its
 * quantiles are those of X clipped at 0; every order is clipped, though only the lower ones ever need it.
 *
 * @param mean - Posterior mean, ug m-3, any shape.
 * @param sd - Posterior standard deviation, ug m-3, same shape; 0 gives the mean.
 * @param order - In (0, 1).
 * @returns Same shape, ug m-3; NaN where mean or sd is.
 * @throws {TramontanaError} `Products.ShapeMismatch`, `Products.ProbabilityOutOfRange`.
 */
export function quantileField(mean: Float64Array, sd: Float64Array, order: number): Float64Array {
  requireSameLength(mean, sd);
  const z = normalQuantile(order);
  return mean.map((value, index) => {
    const quantile = value + z * float64At(sd, index);
    return Number.isNaN(quantile) ? Number.NaN : Math.max(0, quantile);
  });
}

/**
 * Probability that a concentration with Gaussian posterior exceeds a threshold: P(X > c) = 1 - Phi((c - mean) / sd).
 * For c >= 0 clipping at 0 changes nothing. With sd = 0 it is 1 above the threshold and 0 at or below it.
 *
 * @param mean - Posterior mean, ug m-3, any shape.
 * @param sd - Posterior standard deviation, ug m-3, same shape.
 * @param thresholdUgM3 - Non-negative concentration.
 * @returns Same shape, in [0, 1]; NaN where mean or sd is.
 * @throws {TramontanaError} `Products.ShapeMismatch`, `Products.InvalidThreshold`.
 */
export function exceedanceField(mean: Float64Array, sd: Float64Array, thresholdUgM3: number): Float64Array {
  requireSameLength(mean, sd);
  if (!Number.isFinite(thresholdUgM3) || thresholdUgM3 < 0) {
    throw new TramontanaError(
      'Products.InvalidThreshold',
      `Threshold: a finite concentration of at least 0 ug m-3 is expected, got ${thresholdUgM3}`,
      { facts: { thresholdUgM3 } },
    );
  }
  return mean.map((value, index) => {
    const spread = float64At(sd, index);
    if (spread === 0) return Number.isNaN(value) ? Number.NaN : Number(value > thresholdUgM3);
    return normalSurvival((thresholdUgM3 - value) / spread);
  });
}

/** Part of a name that stands for a threshold: 15 -> "15", 12.5 -> "12p5". */
export function thresholdToken(valueUgM3: number): string {
  return String(valueUgM3).replace('.', 'p').replace('+', '');
}

function requireSameLength(mean: Float64Array, sd: Float64Array): void {
  if (mean.length !== sd.length) {
    throw new TramontanaError(
      'Products.ShapeMismatch',
      `Posterior: mean and sd must have the same number of values, got ${mean.length} and ${sd.length}`,
      { facts: { meanLength: mean.length, sdLength: sd.length } },
    );
  }
}
