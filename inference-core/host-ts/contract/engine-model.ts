// SPDX-License-Identifier: Apache-2.0
import type { CsrMatrix, SpectralBasis } from '../../../artifacts/schemas/mesh.js';

/** A vector or a row-major matrix as an argument. */
export type NumberVector = Float64Array | readonly number[];

/** Log prior of one component of theta; theta is always the internal, unconstrained scale. */
export type ThetaPrior =
  | { readonly type: 'gaussian'; readonly mean: number; readonly precision: number }
  /**
   * Penalised-complexity prior with rate `lambda` on the log scale of the quantity [Fuglstad2019].
   * `noise-sd`: theta is the log noise precision, the prior is exponential on the noise standard deviation (default).
   * `noise-precision-compat`: the sigma form put on the log precision, as the peers do; only to reproduce them.
   */
  | {
      readonly type: 'penalized-complexity';
      readonly kind: 'spatial-range' | 'temporal-range' | 'sigma' | 'noise-sd' | 'noise-precision-compat';
      readonly lambda: number;
    }
  /** Gamma(shape, rate) on a precision whose log is theta. */
  | { readonly type: 'log-gamma'; readonly shape: number; readonly rate: number }
  /** Held at its value: no part of the search, its variance is zero. */
  | { readonly type: 'fixed'; readonly value: number };

/**
 * Distribution of an observation given its linear predictor eta, and its parameters in theta:
 * `gaussian` N(eta, 1/(tau w)), log tau; `poisson` mean E e^eta; `binomial` n trials, logit eta; `gamma` mean e^eta and variance
 * e^2eta/(phi w), log phi; `student-t` eta + t_nu scaled to the variance 1/(tau w), log tau and log(nu - 2).
 */
export type Likelihood = 'gaussian' | 'poisson' | 'binomial' | 'gamma' | 'student-t';

/**
 * Observations of one process (pollutant) with one likelihood and one set of its parameters. Several groups may observe one
 * process, such as gridded analyses and stations. Each observation belongs to one time step.
 */
export interface ObservationGroup {
  /** Absent: the group's own index. */
  readonly process?: number;
  /** Default `gaussian`. */
  readonly likelihood?: Likelihood;
  /** Scale on which a gaussian or student-t response is modelled. Default `identity`. */
  readonly transform?: 'identity' | 'log' | 'square-root';
  /** On the response's own scale. */
  readonly y: Float64Array;
  /** Time step of each observation, 0-based. */
  readonly timeIndex: Int32Array;
  /** Projector of the field: (num_observations x n_s); each row weighs mesh nodes (point or areal). */
  readonly projector: CsrMatrix;
  /** Row-major (num_observations x numCovariates). */
  readonly covariates: Float64Array;
  readonly numCovariates: number;
  /** Relative precision w of each observation. Default 1; not for counts. */
  readonly weights?: Float64Array;
  /** E of poisson, n of binomial observations. Default 1. */
  readonly exposure?: Float64Array;
  /** For each random effect of the process, in their order, the level of each observation, or -1 for none. */
  readonly effectLevels?: readonly Int32Array[];
}

/** Values b ~ N(0, (e^theta R)^-1), one a level, that enter the predictors of one process. */
export interface RandomEffect {
  readonly process: number;
  readonly numLevels: number;
  /** `iid`: R = I; `cyclic-walk`: differences around a circle, made proper. Default `iid`. */
  readonly structure?: 'iid' | 'cyclic-walk';
}

/** Temporal P1 matrices: M0 and M1 are diagonal, M2 tridiagonal. */
export interface TemporalMatrices {
  readonly m0: Float64Array;
  readonly m1: Float64Array;
  readonly m2Diagonal: Float64Array;
  /** Length n_t - 1. */
  readonly m2OffDiagonal: Float64Array;
}

/**
 * A complete statistical model as the engine takes it, with conventions as in docs/notation.md.
 * Latent order: for each time step, for each process, the n_s nodes; then fixed effects, pollutant by pollutant.
 * theta order: univariate [log range_s, log range_t, log sigma, log tau]; n_v > 1 [log range_s, log range_t, log tau] for each
 * pollutant, then log s_0.., then lambdas [l01] or [l01, l02, l12]; spatial models lack log range_t;
 * separable models have rho_internal = log((1 + rho) / (1 - rho)) in its place.
 */
export interface EngineModel {
  /**
   * `exact-diffusion`: "121" diffusion, exact at whole time steps; `spatio-temporal`: the same with linear elements in time;
   * `spatial`: Matern, one time step; `separable`: AR(1) x Matern.
   */
  readonly kind: 'spatio-temporal' | 'exact-diffusion' | 'spatial' | 'separable';
  readonly manifold: 'plane' | 'sphere';
  /** Truncates the sphere's variance series; only to reproduce the peers. Absent: series plus tail. */
  readonly sphereSeriesTerms?: number;
  readonly numTimeSteps: number;
  readonly c0: Float64Array;
  readonly g1: CsrMatrix;
  /** Required for `spatio-temporal` models, of no use to others. */
  readonly temporal?: TemporalMatrices;
  /** Computed by the engine when absent. */
  readonly spectralBasis?: SpectralBasis;
  /** At least one group a process. */
  readonly observations: readonly ObservationGroup[];
  readonly randomEffects?: readonly RandomEffect[];
  readonly fixedEffectsPriorPrecision: number;
  /** One prior a component of theta. */
  readonly priors: readonly ThetaPrior[];
}

/** Linear predictor rows to be summarised a posteriori: the same rows at each of the given time steps. */
export interface PredictionDesign {
  /** Index of the pollutant. */
  readonly process: number;
  readonly timeIndices: Int32Array;
  /** (num_rows x n_s). */
  readonly projector: CsrMatrix;
  /** Row-major (num_rows x columns): covariates of that process, then the levels of its random effects; the same at each time. */
  readonly covariates: Float64Array;
}

/** Posterior moments of a PredictionDesign, shape [timeIndices.length, num_rows]. */
export interface PredictionMoments {
  readonly mean: Float64Array;
  readonly variance: Float64Array;
}
