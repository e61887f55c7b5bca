// SPDX-License-Identifier: Apache-2.0
/**
 * What a fit is asked for, what it tells on the way, and what it finds.
 *
 * @module
 */
import type { NumberVector } from './engine-model.js';

export interface FitOptions {
  readonly initialTheta: readonly number[];
  /** The search stops when the infinity norm of the gradient is below this. Default 1e-3. */
  readonly gradientTolerance?: number;
  /** Iterations (trial steps, accepted or not) before the search gives up. Default 100. */
  readonly maximumIterations?: number;
  /** Compute the Hessian and the covariance of theta at the mode. Default true. */
  readonly computeHessian?: boolean;
  /**
   * Gradients and relative error of the Hessian: `forward` d and about 1e-4; `corrected` (forward, less half the change of the
   * estimated Hessian) d and 1e-5; `central` 2 d and 1e-6; `fourth` 4 d and 1e-8. `exact` takes none, at the cost of a few
   * evaluations and 1e-6: Gaussian data, at each step from one group a response at most, no random effects. Default `automatic`: exact
   * where that counts as quicker; else corrected for Gaussian data, central otherwise.
   */
  readonly hessianDifferences?: 'automatic' | 'exact' | 'forward' | 'corrected' | 'central' | 'fourth';
  /** First radius of the trust region, in log units. Default 2. */
  readonly initialTrustRadius?: number;
  /**
   * Row-major d x d Hessian known at the start, as of a fit of yesterday or on a coarser mesh. Default: estimated; it replaces the
   * estimate where the two agree within its sampling error.
   */
  readonly initialCurvature?: NumberVector;
  /** Box that theta stays in. Default: far outside of what mesh and data can tell. */
  readonly lowerBounds?: readonly number[];
  readonly upperBounds?: readonly number[];
  /** Further searches from scattered starts, to find other optima. Default 0. */
  readonly numRestarts?: number;
  /** Standard deviation of the scattered starts in each component. Default 2. */
  readonly restartSpread?: number;
}

/** One iteration of the search: a trial step. */
export interface IterationRecord {
  readonly iteration: number;
  readonly accepted: boolean;
  readonly objective: number;
  /** Infinity norm of the gradient at `theta`. */
  readonly gradientNorm: number;
  readonly trustRadius: number;
  /** Evaluations so far. */
  readonly evaluations: number;
  readonly theta: readonly number[];
}

/** Where one or more searches ended. */
export interface FoundOptimum {
  readonly theta: readonly number[];
  readonly objective: number;
  readonly converged: boolean;
  /** Searches that ended there. */
  readonly count: number;
}

/**
 * The complete state of the optimiser, as plain numbers. A fit that starts from it walks the same path as the fit that
 * reported it, bit for bit with the same number of threads.
 */
export interface OptimizerState {
  readonly version: 2;
  readonly phase: 'search' | 'hessian' | 'done';
  readonly iteration: number;
  /** Evaluations of the objective, with or without gradient, over all attempts. */
  readonly evaluations: number;
  readonly theta: readonly number[];
  readonly objective: number;
  readonly gradient: readonly number[];
  /** Row-major curvature model of the next step, d x d. */
  readonly curvature: readonly number[];
  /** Estimate of the Hessian at theta, and what secants have shown to be wrong with it. */
  readonly observedCurvature: readonly number[];
  readonly curvatureCorrection: readonly number[];
  readonly trustRadius: number;
  /** 0: the search from the start; then the restarts. */
  readonly search: number;
  /** Iteration at which this search began. */
  readonly searchStart: number;
  readonly saddlesLeft: number;
  /** The last step promised less than the rounding of the objective. */
  readonly atRounding: boolean;
  readonly optima: readonly FoundOptimum[];
  /** Gradient-difference columns of the Hessian computed so far, each of length d. */
  readonly hessianColumns: readonly (readonly number[])[];
  /** Empty while the search runs. */
  readonly stopReason: string;
  readonly converged: boolean;
  readonly trace: readonly IterationRecord[];
}

export interface NativeFitResult {
  readonly theta: Float64Array;
  readonly objective: number;
  readonly gradient: Float64Array;
  /** Infinity norm of the gradient. */
  readonly gradientNorm: number;
  /** True when the gradient norm is below the tolerance. */
  readonly converged: boolean;
  readonly stopReason: string;
  readonly iterations: number;
  readonly evaluations: number;
  /** Components of theta that a bound holds, in words. */
  readonly activeBounds: readonly string[];
  /** Of restarts, lowest first. */
  readonly otherOptima: readonly FoundOptimum[];
  /** Row-major d x d Hessian of the objective at the mode; absent without computeHessian. */
  readonly hessian?: Float64Array;
  /** Row-major d x d inverse of the Hessian, zero for fixed components and those at a bound; absent without computeHessian. */
  readonly thetaCovariance?: Float64Array;
  readonly fixedEffectMeans: Float64Array;
  /** Row-major covariance of the fixed effects given the modal theta. */
  readonly fixedEffectCovariance: Float64Array;
  readonly logMarginalLikelihood: number;
  readonly recursion: string;
  readonly trace: readonly IterationRecord[];
  /** Of this attempt. */
  readonly seconds: number;
}

export interface RunningFit {
  readonly promise: Promise<NativeFitResult>;
  /** Stops the fit at its next safe point; the promise rejects with the tag `Engine.Interrupted`. */
  interrupt(): void;
}

/** What a fit on a coarser mesh gives to the one on the fine mesh. */
export interface MultilevelStart {
  /** For the fine fit: the options that were given, started at the coarse mode where that is of use. */
  readonly options: FitOptions;
  /** Whether it is of use: edges of the coarse mesh at most a fifth of the range at its mode. */
  readonly isUsed: boolean;
  /** Why, or why not. */
  readonly reason: string;
  /** Those of its Hessian included. */
  readonly coarseEvaluations: number;
  readonly coarseSeconds: number;
}
