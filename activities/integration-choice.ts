// SPDX-License-Identifier: Apache-2.0
/**
 * Whether theta is integrated out or taken at its mode.
 *
 * @module
 */
import type { FitResult } from '../artifacts/schemas/fit-result.js';
import type { IntegrationRecord } from '../artifacts/schemas/inference-summary.js';
import type { DomainConfig } from '../config/index.js';

export type IntegrationChoice = Pick<IntegrationRecord, 'requested' | 'strategy' | 'reason'>;

/**
 * Evaluations of a central composite integration over `d` components: the mode, 2 d to measure the skewness of the axes, 2 d axial
 * points and the corners of a fraction of the cube of resolution V, i.e. the fewest Walsh functions of which no four or fewer
 * multiply to one [Sanchez2005].
 */
export function compositeEvaluations(d: number): number {
  return d === 0 ? 1 : 1 + 4 * d + (d === 1 ? 0 : fractionSize(d));
}

function fractionSize(d: number): number {
  const indices: number[] = [];
  const [pairs, triples] = [new Set<number>(), new Set<number>()];
  for (let candidate = 1; indices.length < d; candidate += 1) {
    if (pairs.has(candidate) || triples.has(candidate)) continue;
    for (const pair of pairs) triples.add(pair ^ candidate);
    for (const index of indices) pairs.add(index ^ candidate);
    indices.push(candidate);
  }
  return 2 ** Math.ceil(Math.log2((indices.at(-1) ?? 0) + 1));
}

/**
 * Chooses the strategy. `automatic` integrates when its evaluations, each taken to be as long as one of the fit, stay within the
 * budget; the seconds are those that the fit artifact tells, so that the same artifacts give the same choice.
 */
export function chooseIntegration(
  { integration, integrationBudgetSeconds }: DomainConfig['inference'],
  fit: Pick<FitResult, 'thetaCovariance' | 'seconds' | 'evaluations'>,
): IntegrationChoice {
  if (integration !== 'automatic') {
    return { requested: integration, strategy: integration, reason: 'as configured' };
  }
  const numFree = fit.thetaCovariance.filter((row, i) => row[i] !== 0).length;
  const evaluations = compositeEvaluations(numFree);
  const secondsEach = fit.seconds / Math.max(1, fit.evaluations);
  const expected = evaluations * secondsEach;
  const cost =
    `${evaluations} evaluations of ${secondsEach.toPrecision(2)} s for ${numFree} hyperparameters ` +
    `take about ${expected < 10 ? expected.toPrecision(2) : Math.round(expected)} s`;
  return expected <= integrationBudgetSeconds
    ? {
        requested: 'automatic',
        strategy: 'central-composite',
        reason: `${cost}, within the budget of ${integrationBudgetSeconds} s`,
      }
    : {
        requested: 'automatic',
        strategy: 'empirical-bayes',
        reason: `${cost}, above the budget of ${integrationBudgetSeconds} s`,
      };
}
