// SPDX-License-Identifier: Apache-2.0
/**
 * Where each hyperparameter stands in theta, and its machine name.
 *
 * One pollutant: [log range_s, log range_t, log sigma, log tau]. Several: [log range_s, log range_t, log tau] for each,
 * then log s_0.., then the coregionalisation weights. Spatial models lack log range_t.
 *
 * @module
 */
import { entry } from '../common/entry.js';
import type { PollutantId } from '../common/pollutants.js';

/** v_to receives weight x v_from. */
export interface Coupling {
  readonly from: number;
  readonly to: number;
  /** Position in theta. */
  readonly index: number;
}

/** Positions in theta; arrays have one entry a pollutant. */
export interface ThetaLayout {
  readonly names: readonly string[];
  readonly logRangeKm: readonly number[];
  /** Empty for spatial models. */
  readonly logRangeDays: readonly number[];
  readonly logNoisePrecision: readonly number[];
  /** Log sd of the field (one pollutant) or of the pollutant's own part of it (several). */
  readonly logSigma: readonly number[];
  readonly couplings: readonly Coupling[];
}

/**
 * Pairs (from, to) in the order of theta. The third and second weight of three pollutants bear each other's names in
 * the literature (lambda_0_2 couples 1 to 2): v1 = l01 v0 + s1 u1; v2 = l12 v0 + l02 v1 + s2 u2. Here each is told by what
 * it couples. Further pollutants follow the same pattern: the nearest predecessor first.
 */
export function couplingPairs(numPollutants: number): readonly (readonly [number, number])[] {
  const pairs: (readonly [number, number])[] = [];
  for (let to = 1; to < numPollutants; to += 1) {
    for (let from = to - 1; from >= 0; from -= 1) pairs.push([from, to]);
  }
  return pairs;
}

/** Layout of theta for these pollutants. */
export function thetaLayout(kind: 'spatio-temporal' | 'spatial', pollutants: readonly PollutantId[]): ThetaLayout {
  const names: string[] = [];
  const logRangeKm: number[] = [];
  const logRangeDays: number[] = [];
  const logNoisePrecision: number[] = [];
  const logSigma: number[] = [];
  const add = (positions: number[], name: string): void => {
    positions.push(names.length);
    names.push(name);
  };
  for (const pollutant of pollutants) {
    add(logRangeKm, `log_range_km_${pollutant}`);
    if (kind === 'spatio-temporal') add(logRangeDays, `log_range_days_${pollutant}`);
    if (pollutants.length === 1) add(logSigma, `log_sigma_${pollutant}`);
    add(logNoisePrecision, `log_noise_precision_${pollutant}`);
  }
  if (pollutants.length > 1) for (const pollutant of pollutants) add(logSigma, `log_sigma_${pollutant}`);
  const couplings = couplingPairs(pollutants.length).map(([from, to]) => {
    names.push(`weight_${entry(pollutants, from)}_in_${entry(pollutants, to)}`);
    return { from, to, index: names.length - 1 };
  });
  return { names, logRangeKm, logRangeDays, logNoisePrecision, logSigma, couplings };
}
