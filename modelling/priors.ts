// SPDX-License-Identifier: Apache-2.0
/**
 * Priors of the hyperparameters: defaults that follow from the domain, overridden by the configuration.
 *
 * Ranges are in km and days; sigma and noise sd in standardised units, in which the data have sd 1. Defaults:
 *
 * - spatial range: P(range < u) = 0.05, u = a tenth of the domain's diagonal but at least two interior edges or cells, because
 *   shorter ranges cannot be resolved by mesh or grid. The prior median is then 4.3 u.
 * - temporal range: P(range < 1 day) = 0.1: daily fields are observed because days resemble each other.
 * - sigma: P(sigma > 3) = 0.05: the field varies about as much as the data do.
 * - noise sd: P(noise sd > 1) = 0.05: the noise explains no more than the data's whole variation.
 * - coregionalisation weights: N(0, 1): pollutants in standardised units have weights of the order of a correlation.
 *
 * @module
 */
import { TramontanaError } from '../common/errors.js';
import type { ThetaPrior } from '../inference-core/host-ts/contract/engine-model.js';
import type { ThetaLayout } from './theta-layout.js';

/** P(quantity beyond threshold) = probability; below it for ranges, above it for standard deviations. */
export interface PenalisedComplexityChoice {
  readonly threshold: number;
  readonly probability: number;
}

/** What the configuration may set; absent entries take the defaults. */
export interface PriorChoices {
  readonly spatialRangeKm?: PenalisedComplexityChoice | undefined;
  readonly temporalRangeDays?: PenalisedComplexityChoice | undefined;
  readonly sigma?: PenalisedComplexityChoice | undefined;
  readonly noiseSd?: PenalisedComplexityChoice | undefined;
  readonly coregionalisation?: { readonly mean: number; readonly sd: number } | undefined;
}

/** Lengths of the domain that scale the default priors. */
export interface DomainScale {
  readonly diagonalKm: number;
  /** What the model resolves: the interior edge of a mesh, the longer side of a grid's cells. */
  readonly resolutionKm: number;
}

export type CompletePriorChoices = { readonly [Key in keyof PriorChoices]-?: NonNullable<PriorChoices[Key]> };

/** The choices with defaults filled in. */
export function completePriorChoices(choices: PriorChoices, scale: DomainScale): CompletePriorChoices {
  const shortestKm = Number(Math.max(scale.diagonalKm / 10, 2 * scale.resolutionKm).toPrecision(3));
  return {
    spatialRangeKm: choices.spatialRangeKm ?? { threshold: shortestKm, probability: 0.05 },
    temporalRangeDays: choices.temporalRangeDays ?? { threshold: 1, probability: 0.1 },
    sigma: choices.sigma ?? { threshold: 3, probability: 0.05 },
    noiseSd: choices.noiseSd ?? { threshold: 1, probability: 0.05 },
    coregionalisation: choices.coregionalisation ?? { mean: 0, sd: 1 },
  };
}

/**
 * Rate of a penalised-complexity prior on the log scale [Fuglstad2019], with u the threshold and alpha its probability:
 * spatial range -log(alpha) u, temporal range -log(alpha) sqrt(u), standard deviations -log(alpha) / u.
 *
 * @throws {TramontanaError} `Modelling.InvalidPrior` unless u > 0 and 0 < alpha < 1
 */
export function penalisedComplexityRate(
  kind: 'spatial-range' | 'temporal-range' | 'sigma' | 'noise-sd',
  { threshold, probability }: PenalisedComplexityChoice,
): number {
  if (!(threshold > 0 && Number.isFinite(threshold) && probability > 0 && probability < 1)) {
    throw new TramontanaError(
      'Modelling.InvalidPrior',
      `Prior of ${kind}: expected a positive threshold and a probability in (0, 1), got ${threshold} and ${probability}`,
      { facts: { kind, threshold, probability } },
    );
  }
  const surprise = -Math.log(probability);
  if (kind === 'spatial-range') return surprise * threshold;
  return kind === 'temporal-range' ? surprise * Math.sqrt(threshold) : surprise / threshold;
}

/** One prior and one sentence a component of theta. */
export function buildPriors(
  layout: ThetaLayout,
  choices: CompletePriorChoices,
): { priors: ThetaPrior[]; statements: string[] } {
  const priors: ThetaPrior[] = new Array<ThetaPrior>(layout.names.length);
  const statements: string[] = new Array<string>(layout.names.length);
  const put = (indices: readonly number[], prior: ThetaPrior, statement: string): void => {
    for (const index of indices) {
      priors[index] = prior;
      statements[index] = statement;
    }
  };
  const penalised = (
    indices: readonly number[],
    kind: 'spatial-range' | 'temporal-range' | 'sigma' | 'noise-sd',
    choice: PenalisedComplexityChoice,
    event: string,
  ): void => {
    const lambda = penalisedComplexityRate(kind, choice);
    put(indices, { type: 'penalized-complexity', kind, lambda }, `P(${event}) = ${choice.probability}`);
  };
  const { spatialRangeKm, temporalRangeDays, sigma, noiseSd, coregionalisation } = choices;
  penalised(layout.logRangeKm, 'spatial-range', spatialRangeKm, `range < ${spatialRangeKm.threshold} km`);
  penalised(layout.logRangeDays, 'temporal-range', temporalRangeDays, `range < ${temporalRangeDays.threshold} days`);
  penalised(layout.logSigma, 'sigma', sigma, `sd > ${sigma.threshold} standardised units`);
  penalised(layout.logNoisePrecision, 'noise-sd', noiseSd, `noise sd > ${noiseSd.threshold} standardised units`);
  const { mean, sd } = coregionalisation;
  if (!(Number.isFinite(mean) && sd > 0 && Number.isFinite(sd))) {
    throw new TramontanaError(
      'Modelling.InvalidPrior',
      `Prior of coregionalisation weights: expected a finite mean and a positive sd, got ${mean} and ${sd}`,
      { facts: { mean, sd } },
    );
  }
  put(
    layout.couplings.map(({ index }) => index),
    { type: 'gaussian', mean, precision: 1 / sd ** 2 },
    `Gaussian, mean ${mean}, sd ${sd}`,
  );
  return { priors, statements };
}
