// SPDX-License-Identifier: Apache-2.0
/**
 * What the posterior says about the model: criteria, calibration, hyperparameters beside their priors, and how they were found.
 *
 * @module
 */
import type { PollutantId } from '../../common/pollutants.js';

/**
 * How theta is integrated out: over a lattice of all values that matter, over a central composite design, over the points of a cubature
 * rule (complete grids), or not at all (its mode
 * is taken for certain).
 */
export type IntegrationStrategy = 'lattice' | 'central-composite' | 'cubature' | 'empirical-bayes';

/** What was done about the uncertainty of theta, and why. */
export interface IntegrationRecord {
  /** As configured. */
  readonly requested: 'automatic' | IntegrationStrategy;
  readonly strategy: IntegrationStrategy;
  /** Why this strategy, in one sentence. */
  readonly reason: string;
  /** Points of the lattice or design; 1 for the mode alone. */
  readonly points: number;
  /** Points at which the posterior could not be factorised; they have no weight. */
  readonly failedPoints: number;
  /** Factorisations. */
  readonly evaluations: number;
  readonly seconds: number;
}

/** How the search for the mode of theta ended. */
export interface SearchRecord {
  readonly stopReason: string;
  /** Largest component of the gradient in absolute value. */
  readonly gradientNorm: number;
  readonly gradientTolerance: number;
  readonly converged: boolean;
  /** Components of theta that a bound of the search holds, in words. */
  readonly activeBounds: readonly string[];
  readonly evaluations: number;
  readonly iterations: number;
}

/**
 * Criteria of the whole model, defined as in R-INLA, of the concentrations in ug m-3: the change of scale from standardised units
 * is part of every density, so that runs with other standardisations compare.
 */
export interface CriteriaSummary {
  /** log p(y), theta integrated out with the skewness-corrected approximation where that was measured. */
  readonly logMarginalLikelihood: number;
  readonly dic: number;
  readonly dicEffectiveParameters: number;
  readonly waic: number;
  readonly waicEffectiveParameters: number;
  /** Minus the mean of log p(y_i | all but i). */
  readonly logScore: number;
  readonly numObservations: number;
  /** Observations without a usable leave-one-out density. */
  readonly cpoFailures: number;
}

/**
 * Histogram of the leave-one-out probability integral transform P(Y_i <= y_i | all but i) of one pollutant: uniform when the
 * predictive distributions are calibrated.
 */
export interface PitHistogram {
  readonly pollutant: PollutantId;
  /** Over equal bins of [0, 1], in their order. */
  readonly counts: readonly number[];
  /** Range in which the count of a bin lies with 95 % probability if PITs are uniform and independent. */
  readonly uniformBand: readonly [low: number, high: number];
  /** Which days are counted: those with analyses where there are any. */
  readonly days: 'analysis' | 'all';
  readonly cpoFailures: number;
}

/** One hyperparameter on its natural scale. */
export interface HyperparameterPosterior {
  /** Machine name, that of its ParameterSummary. */
  readonly name: string;
  /** For people. */
  readonly label: string;
  readonly units: string;
  readonly mean: number;
  readonly sd: number;
  readonly lower95: number;
  readonly median: number;
  readonly upper95: number;
  /** The prior in words. */
  readonly priorStatement: string;
  /** Where both densities are given, ascending; covers the posterior. Empty when the parameter is fixed. */
  readonly grid: readonly number[];
  readonly posteriorDensity: readonly number[];
  readonly priorDensity: readonly number[];
}

/** Everything about the inference of one run; small, travels as JSON. */
export interface InferenceSummary {
  readonly integration: IntegrationRecord;
  readonly search: SearchRecord;
  readonly criteria: CriteriaSummary;
  /** In the order of the pollutants. */
  readonly pit: readonly PitHistogram[];
  readonly hyperparameters: readonly HyperparameterPosterior[];
}
