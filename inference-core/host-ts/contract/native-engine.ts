// SPDX-License-Identifier: Apache-2.0
/**
 * What the native engine can do, in types; native.ts opens it.
 *
 * @module
 */
import type { CsrMatrix, SpectralBasis } from '../../../artifacts/schemas/mesh.js';
import type { EngineModel, NumberVector, PredictionDesign, PredictionMoments } from './engine-model.js';
import type { FitOptions, MultilevelStart, OptimizerState, RunningFit } from './fit.js';
import type { GridModel, GridPredictionDesign } from './grid-model.js';
import type { GridSampleRequest, GridSampleSummary } from './grid-samples.js';
import type {
  GridIntegrationOptions,
  IntegrationOptions,
  IntegrationResult,
  LeaveOutResult,
  MixtureMoments,
  PosteriorSamples,
  Running,
  SamplingOptions,
  SamplingPoint,
} from './posterior.js';

export interface EvaluationRequest {
  /** Compute the exact gradient of the objective. Default false. */
  readonly gradient?: boolean;
  /** Compute the latent mean and all marginal variances. Default false. */
  readonly latent?: boolean;
  /** Basis of the posterior recursion. Default `spectral`. */
  readonly coordinates?: 'spectral' | 'nodal';
}

/** One evaluation of the objective f(theta) and what was asked for besides. */
export interface Evaluation {
  /** Negative log posterior of theta up to the constants listed in docs/notation.md (`f_dense` of the golden cases). */
  readonly objective: number;
  /** Present when asked for; order of theta. */
  readonly gradient?: Float64Array;
  /** Present when asked for; latent order of docs/notation.md (fixed effects last). */
  readonly latentMean?: Float64Array;
  /** Present when asked for; same order as latentMean. */
  readonly marginalVariances?: Float64Array;
  readonly fixedEffectMeans: Float64Array;
  /** Row-major, (number of fixed effects)^2. */
  readonly fixedEffectCovariance: Float64Array;
  /** log|Q_prior| of field and fixed effects. */
  readonly logDeterminantPrior: number;
  /** log|Q_posterior| of field and fixed effects. */
  readonly logDeterminantPosterior: number;
  /** log p(y | theta), all constants included. */
  readonly logMarginalLikelihood: number;
  /** log p(y | theta) + log p(theta), all constants included. */
  readonly logPosterior: number;
  /** How the recursion ran, in one line. */
  readonly recursion: string;
  readonly seconds: number;
}

/** One evaluation on a complete grid; theta and constants as in Evaluation. */
export type GridEvaluation = Pick<
  Evaluation,
  | 'objective'
  | 'gradient'
  | 'fixedEffectMeans'
  | 'fixedEffectCovariance'
  | 'logMarginalLikelihood'
  | 'logPosterior'
  | 'seconds'
>;

declare const preparedModel: unique symbol;

/** A model made ready by prepare(): validated, with all that does not depend on theta. It frees itself when forgotten. */
export interface PreparedModel {
  readonly [preparedModel]: true;
}

/** Where a Gaussian predictor leads to: `exp` for log responses and means of counts, `square` for square-root responses. */
export type InverseLink = 'identity' | 'exp' | 'square' | 'logistic';

/** The part of a model that gives theta its components; the groups of a grid are gaussian. */
export type NamedModel =
  Pick<EngineModel, 'kind' | 'observations' | 'randomEffects'> | Pick<GridModel, 'kind' | 'groups'>;

export interface ResponseSummary {
  readonly mean: Float64Array;
  readonly sd: Float64Array;
  /** Row by row, one value a probability. */
  readonly quantiles: Float64Array;
}

/** A process among those that were started to compute together. */
export interface JoinedRanks {
  /** From 0 on. */
  readonly rank: number;
  readonly size: number;
  /** What carries their messages, with its version; `none` for one that is alone. */
  readonly library: string;
}

/** Flops a second of the kernels that factorisations spend their time in, with all threads of the process. */
export interface KernelRates {
  /** Of 2 n^3 a product. */
  readonly multiply: number;
  /** Of n^3 an inversion. */
  readonly inversion: number;
}

/** The functions of the engine. Every one validates its arguments and rejects with a TramontanaError (`Engine.*`). */
export interface NativeEngine {
  version(): string;
  /** Threads of the linear algebra of this process. */
  setNumThreads(numThreads: number): void;
  /**
   * Finds the ranks that were started together; once per process. From then on every function that computes is collective: all ranks
   * call the same ones with the same arguments, one after the other, and a failure or an interrupt on one is thrown on all.
   */
  joinRanks(): Promise<JoinedRanks>;
  /**
   * Evaluations that do not depend on each other at a time, each on an equal part of the ranks; 0, as at first: by counting what is
   * quickest.
   */
  setRankGroups(groups: number): void;
  /** After the last message; collective. */
  leaveRanks(): Promise<void>;
  /** The texts that all ranks have given, rank by rank; collective. */
  gatherTexts(text: string): Promise<readonly string[]>;
  /**
   * Names of the components of theta, in order: univariate `log_range_s, log_range_t, log_sigma` and the parameters of the likelihood
   * (`log_noise_precision`); with several pollutants the first two and the last for each, then `log_sigma_k`, then the couplings
   * `lambda_FROM_to_TO`. Spatial models lack `log_range_t`, separable ones have `rho_internal` in its place. At the end come the
   * parameters of further observation groups of a pollutant (`.._group_g`) and of random effects (`log_effect_precision_e`).
   */
  thetaNames(model: NamedModel): readonly string[];
  /**
   * Measures the kernels on matrices of an order, 1 to 4096: the best of a few runs. Takes a fraction of a second to order 1000, and
   * grows with its cube.
   */
  kernelRates(order: number): Promise<KernelRates>;
  /** Eigen-decomposition of K = C0^-1/2 G1 C0^-1/2, ascending. */
  spectralBasis(c0: Float64Array, g1: CsrMatrix): Promise<SpectralBasis>;
  /** Saves every later call on the same model its preparation. */
  prepare(model: EngineModel): Promise<PreparedModel>;
  evaluate(model: EngineModel | PreparedModel, theta: NumberVector, request?: EvaluationRequest): Promise<Evaluation>;
  fit(
    model: EngineModel | PreparedModel,
    options: FitOptions,
    resumeFrom: OptimizerState | undefined,
    onIteration: (state: OptimizerState) => void,
  ): RunningFit;
  /**
   * Fits the same data on a coarser mesh, and starts the fine fit at its mode with its Hessian where the coarse mesh resolves the
   * field.
   *
   * @param coarse - the model of the fine fit on a coarser mesh: the same components of theta
   * @param options - of the fine fit
   */
  multilevelStart(coarse: EngineModel | PreparedModel, options: FitOptions): Running<MultilevelStart>;
  predict(
    model: EngineModel | PreparedModel,
    theta: NumberVector,
    designs: readonly PredictionDesign[],
  ): Promise<readonly PredictionMoments[]>;
  /**
   * Integrates theta out, given its mode and covariance from a fit (zero variance marks a fixed component).
   *
   * @param thetaCovariance row-major d x d
   * @param onProgress called with the evaluations done and those in all
   */
  integrate(
    model: EngineModel | PreparedModel,
    mode: NumberVector,
    thetaCovariance: NumberVector,
    options?: IntegrationOptions,
    onProgress?: (done: number, total: number) => void,
  ): Running<IntegrationResult>;
  /** Joint draws of latent variables or predictors, over the points of an integration or at one theta. */
  samplePosterior(
    model: EngineModel | PreparedModel,
    points: readonly SamplingPoint[],
    options?: SamplingOptions,
  ): Running<PosteriorSamples>;
  /**
   * Leaves one fold of observations out after the other and predicts it exactly from the rest; theta is kept.
   *
   * @param folds one array a group: the fold of each observation from 0 on, or -1
   */
  leaveGroupsOut(
    model: EngineModel | PreparedModel,
    theta: NumberVector,
    folds: readonly Int32Array[],
  ): Running<LeaveOutResult>;
  /**
   * Means, standard deviations and quantiles of g(eta), eta ~ N(mean, variance), on the scale of the response. For a new observation
   * add the noise variance.
   */
  summariseResponse(
    link: InverseLink,
    mean: Float64Array,
    variance: Float64Array,
    probabilities: readonly number[],
  ): ResponseSummary;
  /** The likelihood of a complete grid, with the expected covariance of its cosine transform; `gradient` as in EvaluationRequest. */
  evaluateGrid(
    model: GridModel,
    theta: NumberVector,
    request?: Pick<EvaluationRequest, 'gradient'>,
  ): Promise<GridEvaluation>;
  /** As fit(), on a complete grid; `thetaCovariance` is that of the scatter of the mode, not the inverse of `hessian`. */
  fitGrid(
    model: GridModel,
    options: FitOptions,
    resumeFrom: OptimizerState | undefined,
    onIteration: (state: OptimizerState) => void,
  ): RunningFit;
  /** As integrate(), with mode and covariance of fitGrid(), over which theta is taken as normal. */
  integrateGrid(
    model: GridModel,
    mode: NumberVector,
    thetaCovariance: NumberVector,
    options?: GridIntegrationOptions,
    onProgress?: (done: number, total: number) => void,
  ): Running<IntegrationResult>;
  /**
   * Predictors over a mixture of theta, such as the points of an integration by the other solver: the means of all points; as
   * variance that at the point of largest weight, and the spread of the means.
   *
   * @param onProgress called with the points and designs done, and those in all
   * @returns one a design, shape [timeIndices.length, rows, columns]
   */
  mapGrid(
    model: GridModel,
    points: readonly SamplingPoint[],
    designs: readonly GridPredictionDesign[],
    onProgress?: (done: number, total: number) => void,
  ): Running<readonly MixtureMoments[]>;

  /**
   * Cross-validation on a complete grid, as `leaveGroupsOut` on a mesh: a fold is any values, such as all of a cell, a block of cells
   * on all steps, or a whole step; at most 8192 of them.
   *
   * @param folds one array a group: the fold of each of its values, or -1
   */
  leaveGridGroupsOut(model: GridModel, theta: NumberVector, folds: readonly Int32Array[]): Running<LeaveOutResult>;

  /**
   * What only joint draws of predictors without noise tell: runs of steps above thresholds, means over areas.
   *
   * @param points theta to draw at, by systematic resampling
   * @param onProgress called with the samples done and those in all
   */
  summariseGridSamples(
    model: GridModel,
    points: readonly SamplingPoint[],
    request: GridSampleRequest,
    onProgress?: (done: number, total: number) => void,
  ): Running<GridSampleSummary>;
}
