// SPDX-License-Identifier: Apache-2.0
import type { ThetaBounds } from '../inference-core/host-ts/index.js';
import type { DomainScale } from './priors.js';
import type { ThetaLayout } from './theta-layout.js';

/**
 * The smallest noise sd, in sds of the daily values: what neither the mesh nor the sub-points of a cell resolve. Fields
 * without any noise, as those of a plume many times the background, would otherwise drive the noise to zero, where the
 * posterior has no digits left. The intervals only grow by it.
 */
const SMALLEST_NOISE_SD = 0.005;
const LARGEST_NOISE_SD = 30;
/** A range this many times the domain or the days is constant over them. */
const LONGEST = 100;
const SIGMA = { smallest: 1e-3, largest: 1e3 } as const;
const LARGEST_WEIGHT = 100;

/**
 * The box of the search in standardised units, far outside of what data of a domain tell, but for the noise's lower end.
 *
 * @param held - components behind those of the layout, with the value at which each is held
 */
export function thetaBounds(
  layout: ThetaLayout,
  { resolutionKm, diagonalKm, numDays }: DomainScale & { readonly numDays: number },
  held: readonly number[],
): ThetaBounds {
  const lower = new Array<number>(layout.names.length).fill(Number.NaN);
  const upper = [...lower];
  const put = (indices: readonly number[], from: number, to: number): void => {
    for (const index of indices) [lower[index], upper[index]] = [from, to];
  };
  put(layout.logRangeKm, Math.log(resolutionKm / 10), Math.log(LONGEST * diagonalKm));
  put(layout.logRangeDays, Math.log(0.1), Math.log(LONGEST * numDays));
  put(layout.logSigma, Math.log(SIGMA.smallest), Math.log(SIGMA.largest));
  put(layout.logNoisePrecision, -2 * Math.log(LARGEST_NOISE_SD), -2 * Math.log(SMALLEST_NOISE_SD));
  put(
    layout.couplings.map(({ index }) => index),
    -LARGEST_WEIGHT,
    LARGEST_WEIGHT,
  );
  // what is held does not move: any proper interval around its value will do
  return {
    lower: [...lower, ...held.map((value) => value - 1)],
    upper: [...upper, ...held.map((value) => value + 1)],
  };
}
