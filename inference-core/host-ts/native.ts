// SPDX-License-Identifier: Apache-2.0
/**
 * The typed door to the native engine. It loads the addon once and renames its snake_case functions; nothing else.
 *
 * @module
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CsrMatrix, SpectralBasis } from '../../artifacts/schemas/mesh.js';
import { type ErrorFacts, TramontanaError } from '../../common/errors.js';
import type { EngineModel, PredictionDesign, PredictionMoments } from './engine-model.js';
import type {
  IntegrationOptions,
  IntegrationResult,
  LeaveOutResult,
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

export interface FitOptions {
  readonly initialTheta: readonly number[];
  /** The search stops when the infinity norm of the gradient is below this. Default 1e-3. */
  readonly gradientTolerance?: number;
  /** Iterations (trial steps, accepted or not) before the search gives up. Default 100. */
  readonly maxIterations?: number;
  /** Compute the Hessian and the covariance of theta at the mode. Default true. */
  readonly computeHessian?: boolean;
  /**
   * Gradients and relative error of the Hessian: `forward` d and about 1e-4; `corrected` (forward, less half the change of the
   * estimated Hessian) d and 1e-5; `central` 2 d and 1e-6; `fourth` 4 d and 1e-8. Default `automatic`: corrected for Gaussian data,
   * central otherwise.
   */
  readonly hessianDifferences?: 'automatic' | 'forward' | 'corrected' | 'central' | 'fourth';
  /** First radius of the trust region, in log units. Default 2. */
  readonly initialTrustRadius?: number;
  /**
   * Row-major d x d Hessian known at the start, as of a fit of yesterday or on a coarser mesh. Default: estimated; it replaces the
   * estimate where the two agree within its sampling error.
   */
  readonly initialCurvature?: ArrayLike<number>;
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

declare const preparedModel: unique symbol;

/** A model made ready by prepare(): validated, with all that does not depend on theta. It frees itself when forgotten. */
export interface PreparedModel {
  readonly [preparedModel]: true;
}

/** Where a Gaussian predictor leads to: `exp` for log responses and means of counts, `square` for square-root responses. */
export type InverseLink = 'identity' | 'exp' | 'square' | 'logistic';

export interface ResponseSummary {
  readonly mean: Float64Array;
  readonly sd: Float64Array;
  /** Row by row, one value a probability. */
  readonly quantiles: Float64Array;
}

/** The functions of the engine. Every one validates its arguments and rejects with a TramontanaError (`Engine.*`). */
export interface NativeEngine {
  version(): string;
  /** Threads of the linear algebra of this process. */
  setNumThreads(numThreads: number): void;
  /** Eigen-decomposition of K = C0^-1/2 G1 C0^-1/2, ascending. */
  spectralBasis(c0: Float64Array, g1: CsrMatrix): Promise<SpectralBasis>;
  /** Saves every later call on the same model its preparation. */
  prepare(model: EngineModel): Promise<PreparedModel>;
  evaluate(
    model: EngineModel | PreparedModel,
    theta: ArrayLike<number>,
    request?: EvaluationRequest,
  ): Promise<Evaluation>;
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
    theta: ArrayLike<number>,
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
    mode: ArrayLike<number>,
    thetaCovariance: ArrayLike<number>,
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
    theta: ArrayLike<number>,
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
}

interface Addon {
  version(): string;
  set_num_threads(numThreads: number): void;
  prepare(model: EngineModel): Promise<PreparedModel>;
  summarise_response(
    link: InverseLink,
    mean: Float64Array,
    variance: Float64Array,
    probabilities: readonly number[],
  ): ResponseSummary;
  spectral_basis(c0: Float64Array, g1: CsrMatrix): Promise<SpectralBasis>;
  evaluate(model: EngineModel | PreparedModel, theta: Float64Array, request: EvaluationRequest): Promise<Evaluation>;
  fit(
    model: EngineModel | PreparedModel,
    options: FitOptions,
    resumeFrom: OptimizerState | null,
    onIteration: (state: OptimizerState) => void,
  ): RunningFit;
  multilevel_start(
    coarse: EngineModel | PreparedModel,
    options: FitOptions,
  ): Running<Omit<MultilevelStart, 'options'> & Partial<FitOptions>>;
  predict(
    model: EngineModel | PreparedModel,
    theta: Float64Array,
    designs: readonly PredictionDesign[],
  ): Promise<readonly PredictionMoments[]>;
  integrate(
    model: EngineModel | PreparedModel,
    mode: Float64Array,
    thetaCovariance: Float64Array,
    options: IntegrationOptions,
    onProgress: ((done: number, total: number) => void) | null,
  ): Running<IntegrationResult>;
  sample_posterior(
    model: EngineModel | PreparedModel,
    points: readonly SamplingPoint[],
    options: SamplingOptions,
  ): Running<PosteriorSamples>;
  leave_groups_out(
    model: EngineModel | PreparedModel,
    theta: Float64Array,
    folds: readonly Int32Array[],
  ): Running<LeaveOutResult>;
}

/** Path of the addon inside the package, the same from source and from dist. */
export function addonPath(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder);
  return join(folder, 'build', 'native', 'tramontana_engine.node');
}

/** Turns an error of the addon (`.tag`, `.facts`) into a TramontanaError with the tag `Engine.<tag>`. */
function toTramontanaError(error: unknown): unknown {
  if (!(error instanceof Error) || !('tag' in error) || typeof error.tag !== 'string') return error;
  const facts = 'facts' in error && typeof error.facts === 'object' && error.facts !== null ? error.facts : {};
  return new TramontanaError(`Engine.${error.tag}`, error.message, {
    facts: facts as ErrorFacts,
    retryable: error.tag === 'Interrupted',
    cause: error,
  });
}

function translated<Result>(call: () => Result): Result {
  try {
    return call();
  } catch (error) {
    throw toTramontanaError(error);
  }
}

async function translatedAsync<Result>(call: () => Promise<Result>): Promise<Result> {
  try {
    return await call();
  } catch (error) {
    throw toTramontanaError(error);
  }
}

function translatedRunning<Result>(call: () => Running<Result>): Running<Result> {
  const running = translated(call);
  return {
    promise: translatedAsync(() => running.promise),
    interrupt: () => {
      running.interrupt();
    },
  };
}

function loadAddon(path: string): Addon {
  if (!existsSync(path)) {
    throw new TramontanaError(
      'Engine.NotBuilt',
      `The native engine is not built: expected ${path}. Run \`npm run setup\`.`,
      { facts: { path } },
    );
  }
  try {
    return createRequire(import.meta.url)(path) as Addon;
  } catch (cause) {
    throw new TramontanaError(
      'Engine.NotLoadable',
      `The native engine at ${path} cannot be loaded: ${cause instanceof Error ? cause.message : String(cause)}. Run \`npm run setup\`.`,
      { facts: { path }, cause },
    );
  }
}

let loaded: NativeEngine | undefined;

/**
 * Loads the native engine, once per process.
 *
 * @throws TramontanaError `Engine.NotBuilt` when the addon is absent, `Engine.NotLoadable` when it does not fit this machine.
 */
export function loadNativeEngine(): NativeEngine {
  loaded ??= wrap(loadAddon(addonPath()));
  return loaded;
}

function wrap(addon: Addon): NativeEngine {
  return {
    version: () => addon.version(),
    setNumThreads: (numThreads) => translated(() => addon.set_num_threads(numThreads)),
    spectralBasis: (c0, g1) => translatedAsync(() => addon.spectral_basis(c0, g1)),
    prepare: (model) => translatedAsync(() => addon.prepare(model)),
    summariseResponse: (link, mean, variance, probabilities) =>
      translated(() => addon.summarise_response(link, mean, variance, probabilities)),
    evaluate: (model, theta, request = {}) =>
      translatedAsync(() => addon.evaluate(model, Float64Array.from(theta), request)),
    fit: (model, options, resumeFrom, onIteration) => {
      const running = translated(() => addon.fit(model, options, resumeFrom ?? null, onIteration));
      return { promise: translatedAsync(() => running.promise), interrupt: () => running.interrupt() };
    },
    multilevelStart: (coarse, options) => {
      const running = translatedRunning(() => addon.multilevel_start(coarse, options));
      const withOptions = async (): Promise<MultilevelStart> => {
        const { isUsed, reason, coarseEvaluations, coarseSeconds, ...found } = await running.promise;
        return { options: { ...options, ...found }, isUsed, reason, coarseEvaluations, coarseSeconds };
      };
      return { promise: withOptions(), interrupt: () => running.interrupt() };
    },
    predict: (model, theta, designs) => translatedAsync(() => addon.predict(model, Float64Array.from(theta), designs)),
    integrate: (model, mode, thetaCovariance, options = {}, onProgress) =>
      translatedRunning(() =>
        addon.integrate(
          model,
          Float64Array.from(mode),
          Float64Array.from(thetaCovariance),
          options,
          onProgress ?? null,
        ),
      ),
    samplePosterior: (model, points, options = {}) =>
      translatedRunning(() =>
        addon.sample_posterior(
          model,
          points.map(({ theta, weight }) => ({ theta: Float64Array.from(theta), weight })),
          options,
        ),
      ),
    leaveGroupsOut: (model, theta, folds) =>
      translatedRunning(() => addon.leave_groups_out(model, Float64Array.from(theta), folds)),
  };
}
