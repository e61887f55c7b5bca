// SPDX-License-Identifier: Apache-2.0
/**
 * What the engine tells about the posterior once theta is integrated out.
 *
 * @module
 */
import type { NumberVector, PredictionDesign } from './engine-model.js';
import type { GridPredictionDesign } from './grid-model.js';
import type { GridSampleSummary } from './grid-samples.js';

export interface IntegrationOptions {
  /**
   * `lattice`: all theta that matter, by sums over a lattice; right whatever the shape of the posterior of theta, at about
   * 20, 70, 180, 500 and 1500 points for 1 to 5 hyperparameters; at most 8. `central-composite`: 1 + 2 d + 2^(d - p) points,
   * weighted as in [Rue2009, section 6.5], for a posterior of theta that is nearly normal along axes of its own;
   * `automatic`: the lattice where it takes seconds, otherwise the design, or as `mostEvaluations` has it (default);
   * `empirical-bayes`: the mode alone; `cubature`: complete grids only; `rinla-composite`: the design at radius 1 with equal weights before the density, as
   * R-INLA of June 2026 has it, only to compare with it.
   */
  readonly strategy?: 'automatic' | IntegrationResult['strategy'];
  /** Factorisations that may be taken: `automatic` is the lattice within them, else the design within them, else the mode alone. */
  readonly mostEvaluations?: number;
  /** The design lies at radiusFactor sqrt(d) standard deviations; at least 1. Default 1.1. */
  readonly radiusFactor?: number;
  /** Mean and standard deviation of every latent variable. Default true. */
  readonly latent?: boolean;
  /** DIC, WAIC, CPO and PIT. Default true. */
  readonly criteria?: boolean;
  /** DIC and WAIC once more, as R-INLA's quadrature rounds them; needs `criteria`. Default false. */
  readonly rinlaCriteria?: boolean;
  /** Predictors to be summarised. Default none. */
  readonly predictions?: readonly PredictionDesign[];
}

/** On a complete grid, whose composite likelihood gives no density to weigh points with. */
export interface GridIntegrationOptions {
  /**
   * Evaluations that the points, maps included, may take all together: within them theta is integrated out (`cubature`), else taken
   * at its mode. Default: integrated out.
   */
  readonly mostEvaluations?: number;
  /** DIC, WAIC, CPO and PIT, at the mode of theta. Default true. */
  readonly criteria?: boolean;
  /** Predictors to be summarised. Default none. */
  readonly predictions?: readonly GridPredictionDesign[];
}

/** One point of the design. */
export interface IntegrationPoint {
  readonly theta: Float64Array;
  /** Standardised coordinates of the components that are not fixed. */
  readonly z: Float64Array;
  /** log p(y | theta) + log p(theta), all constants included; -Infinity where theta cannot be factorised. */
  readonly logPosterior: number;
  /** All weights add up to one. */
  readonly weight: number;
}

export interface MarginalSummary {
  readonly mean: number;
  readonly sd: number;
  /** .025, .5 and .975. */
  readonly quantiles: readonly number[];
}

/** A univariate posterior with its density; grid and density are empty for a fixed component. */
export interface MarginalDensity extends MarginalSummary {
  /** Ascending. */
  readonly grid: Float64Array;
  readonly density: Float64Array;
}

/** Posterior of one component of theta on the internal scale and on that of the quantity itself. */
export interface ThetaMarginal {
  readonly name: string;
  /** `name` without `log_`, `rho` for `rho_internal`, otherwise `name`. */
  readonly naturalName: string;
  readonly internal: MarginalDensity;
  readonly natural: MarginalDensity;
}

/** Elementwise mean and standard deviation of the mixture over the design. */
export interface MixtureMoments {
  readonly mean: Float64Array;
  readonly sd: Float64Array;
}

/** Leave-one-out quantities of one observation group, in its own order. */
export interface GroupCriteria {
  /** log p(y_i | all but i). */
  readonly logCpo: Float64Array;
  /** P(Y_i <= y_i | all but i). */
  readonly pit: Float64Array;
}

/**
 * DIC and WAIC as R-INLA's program evaluates them: with 15 quadrature nodes, of which it drops those with small densities,
 * and expected densities of at least the machine's epsilon. Outlying observations move them; only to compare with R-INLA.
 */
export interface RinlaCriteria {
  readonly dic: number;
  readonly dicEffectiveParameters: number;
  readonly waic: number;
  readonly waicEffectiveParameters: number;
}

/** Model criteria as R-INLA defines them; deviances have all constants. */
export interface ModelCriteria {
  readonly meanDeviance: number;
  /** At the posterior mean of the predictors and the mode of theta. */
  readonly devianceAtMean: number;
  readonly dic: number;
  readonly dicEffectiveParameters: number;
  readonly waic: number;
  readonly waicEffectiveParameters: number;
  /** Minus the mean of log CPO. */
  readonly logScore: number;
  readonly groups: readonly GroupCriteria[];
  /** Present with `rinlaCriteria`. */
  readonly rinla?: RinlaCriteria;
}

export interface IntegrationResult {
  /** What was done. */
  readonly strategy: 'lattice' | 'central-composite' | 'empirical-bayes' | 'rinla-composite' | 'cubature';
  /** What strategies take for the components that vary, about; infinite where they do not serve. On a grid the design is cubature. */
  readonly expectedEvaluations: { readonly lattice: number; readonly centralComposite: number };
  readonly points: readonly IntegrationPoint[];
  /** log p(y), as the sum over the lattice or with the skewness-corrected normal approximation of p(theta | y). */
  readonly logMarginalLikelihood: number;
  /** log p(y), with the normal approximation. */
  readonly logMarginalLikelihoodGaussian: number;
  /** For each axis of the design, standard deviations below and above the mode relative to the normal approximation. */
  readonly axisStretch: readonly (readonly number[])[];
  readonly theta: readonly ThetaMarginal[];
  readonly fixedEffects: readonly MarginalSummary[];
  /** v by step, process and node, then fixed effects; absent without `latent`. */
  readonly latent?: MixtureMoments;
  /** One a design, shape [timeIndices.length, num_rows]. */
  readonly predictions: readonly MixtureMoments[];
  /** Predictors at the observations, a group each; absent without `criteria`. */
  readonly observations?: readonly MixtureMoments[];
  readonly criteria?: ModelCriteria;
  /** Of the engine process, from draws at the points; absent unless a job asks for them. */
  readonly draws?: GridSampleSummary;
  /** Factorisations of the posterior, at how many theta. */
  readonly evaluations: number;
  /** Points of the design that could not be factorised; they have no weight. */
  readonly failedPoints: number;
  readonly seconds: number;
}

/** A theta to draw or map at: a point of an integration, or the mode with weight 1. */
export interface SamplingPoint {
  readonly theta: NumberVector;
  /** Not negative; need not be normalised. */
  readonly weight: number;
}

export interface SamplingOptions {
  /** Default 100. */
  readonly numSamples?: number;
  /** A whole number from 0 on; equal seeds give equal samples. Default 1. */
  readonly seed?: number;
  /** Draw every latent variable. Default false. */
  readonly latent?: boolean;
  /** Predictors to be drawn. Default none. */
  readonly predictions?: readonly PredictionDesign[];
}

/** Joint draws; samples of one point stand together, in the order of the points. */
export interface PosteriorSamples {
  /** Point of each sample. */
  readonly points: Int32Array;
  /** Shape [sample, v by step, process, node, then fixed effects]; absent unless asked for. */
  readonly latent?: Float64Array;
  /** One a design, shape [sample, timeIndices.length, num_rows]: predictors without noise. */
  readonly predictions: readonly Float64Array[];
}

/** Predictions of the left-out observations of one group, in its own order; NaN where an observation never was. */
export interface LeftOutGroup {
  /** Of the predictor. */
  readonly mean: Float64Array;
  /** Of the predictor. */
  readonly sd: Float64Array;
  /** log p(y_i | the data without its fold). */
  readonly logDensity: Float64Array;
  /** P(Y_i <= y_i | the data without its fold). */
  readonly pit: Float64Array;
}

export interface LeaveOutResult {
  readonly groups: readonly LeftOutGroup[];
  /** Joint log predictive density of each fold. */
  readonly foldLogDensity: Float64Array;
  /** Minus the mean of logDensity. */
  readonly logScore: number;
}

/** A computation that can be stopped; the promise then rejects with the tag `Engine.Interrupted`. */
export interface Running<Result> {
  readonly promise: Promise<Result>;
  interrupt(): void;
}
