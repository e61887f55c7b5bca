// SPDX-License-Identifier: Apache-2.0
/**
 * The typed door to the native engine. It loads the addon once and renames its snake_case functions; nothing else.
 *
 * @module
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import type { CsrMatrix, SpectralBasis } from '../../../artifacts/schemas/mesh.js';
import { type ErrorFacts, TramontanaError } from '../../../common/errors.js';
import { packageFolder, setupCommandLine } from '../../../common/version.js';
import type {
  EngineModel,
  NumberVector,
  ObservationGroup,
  PredictionDesign,
  PredictionMoments,
} from '../contract/engine-model.js';
import type { FitOptions, MultilevelStart, OptimizerState, RunningFit } from '../contract/fit.js';
import type { GridModel, GridPredictionDesign } from '../contract/grid-model.js';
import type { GridSampleRequest, GridSampleSummary } from '../contract/grid-samples.js';
import type {
  Evaluation,
  EvaluationRequest,
  GridEvaluation,
  InverseLink,
  JoinedRanks,
  NamedModel,
  KernelRates,
  NativeEngine,
  PreparedModel,
  ResponseSummary,
} from '../contract/native-engine.js';
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
} from '../contract/posterior.js';

/** What the addon takes in place of a whole model to name theta. */
interface ModelOutline {
  readonly kind: EngineModel['kind'];
  readonly groups: readonly Pick<ObservationGroup, 'process' | 'likelihood'>[];
  readonly numRandomEffects: number;
}

interface Addon {
  version(): string;
  set_num_threads(numThreads: number): void;
  join_ranks(): Promise<JoinedRanks>;
  set_rank_groups(groups: number): void;
  leave_ranks(): Promise<void>;
  gather_texts(text: string): Promise<readonly string[]>;
  theta_names(outline: ModelOutline): readonly string[];
  prepare(model: EngineModel): Promise<PreparedModel>;
  summarise_response(
    link: InverseLink,
    mean: Float64Array,
    variance: Float64Array,
    probabilities: readonly number[],
  ): ResponseSummary;
  kernel_rates(order: number): Promise<KernelRates>;
  spectral_basis(c0: Float64Array, g1: CsrMatrix): Promise<SpectralBasis>;
  evaluate(model: EngineModel | PreparedModel, theta: NumberVector, request: EvaluationRequest): Promise<Evaluation>;
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
    theta: NumberVector,
    designs: readonly PredictionDesign[],
  ): Promise<readonly PredictionMoments[]>;
  integrate(
    model: EngineModel | PreparedModel,
    mode: NumberVector,
    thetaCovariance: NumberVector,
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
    theta: NumberVector,
    folds: readonly Int32Array[],
  ): Running<LeaveOutResult>;
  evaluate_grid(
    model: GridModel,
    theta: NumberVector,
    request: Pick<EvaluationRequest, 'gradient'>,
  ): Promise<GridEvaluation>;
  fit_grid(
    model: GridModel,
    options: FitOptions,
    resumeFrom: OptimizerState | null,
    onIteration: (state: OptimizerState) => void,
  ): RunningFit;
  integrate_grid(
    model: GridModel,
    mode: NumberVector,
    thetaCovariance: NumberVector,
    options: GridIntegrationOptions,
    onProgress: ((done: number, total: number) => void) | null,
  ): Running<IntegrationResult>;
  leave_grid_groups_out(model: GridModel, theta: NumberVector, folds: readonly Int32Array[]): Running<LeaveOutResult>;
  summarise_grid_samples(
    model: GridModel,
    points: readonly SamplingPoint[],
    request: GridSampleRequest,
    onProgress: ((done: number, total: number) => void) | null,
  ): Running<GridSampleSummary>;
  map_grid(
    model: GridModel,
    points: readonly SamplingPoint[],
    designs: readonly GridPredictionDesign[],
    onProgress: ((done: number, total: number) => void) | null,
  ): Running<readonly MixtureMoments[]>;
}

/**
 * Path of the addon inside the package, the same from source and from dist; `TRAMONTANA_ADDON` names another one, such as
 * one that is built with sanitizers.
 */
export function addonPath(): string {
  const given = process.env['TRAMONTANA_ADDON'];
  if (given !== undefined && given !== '') return given;
  return join(packageFolder(), 'build', 'native', 'tramontana_engine.node');
}

/** The same addon linked with MPI, beside the other; built where set-up finds MPI. */
export function rankAddonPath(): string {
  return join(dirname(addonPath()), 'tramontana_engine_mpi.node');
}

/** Turns an error of the addon (`.tag`, `.facts`) into a TramontanaError with the tag `Engine.<tag>`. */
function toTramontanaError(error: unknown): unknown {
  if (!(error instanceof Error) || !('tag' in error) || typeof error.tag !== 'string') return error;
  const facts = 'facts' in error && typeof error.facts === 'object' && error.facts !== null ? error.facts : {};
  return TramontanaError.fromOutside(`Engine.${error.tag}`, error.message, {
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

/** What helps where the addon for several ranks is not there. */
const MPI_REMEDY = 'Several ranks need MPI: install libopenmpi-dev and openmpi-bin, or mpich, then run';

function open(path: string): unknown {
  const found = { exports: {} };
  // global: plug-ins that an MPI library loads by itself look for its symbols
  process.dlopen(found, path, constants.dlopen.RTLD_NOW | constants.dlopen.RTLD_GLOBAL);
  return found.exports;
}

function loadAddon({ ranks }: { readonly ranks: boolean }): Addon {
  const path = ranks ? rankAddonPath() : addonPath();
  const remedy = `${ranks ? MPI_REMEDY : 'Run'} \`${setupCommandLine()}\`.`;
  const name = ranks ? 'The native engine for several ranks' : 'The native engine';
  if (!existsSync(path)) {
    throw new TramontanaError('Engine.NotBuilt', `${name} is not built: expected ${path}. ${remedy}`, {
      facts: { path },
    });
  }
  try {
    return (ranks ? open(path) : createRequire(import.meta.url)(path)) as Addon;
  } catch (cause) {
    throw new TramontanaError(
      'Engine.NotLoadable',
      `${name} at ${path} cannot be loaded: ${cause instanceof Error ? cause.message : String(cause)}. ${remedy}`,
      { facts: { path }, cause },
    );
  }
}

function outlineOf(model: NamedModel): ModelOutline {
  if ('groups' in model) {
    return { kind: model.kind, groups: model.groups.map(({ process }) => ({ process })), numRandomEffects: 0 };
  }
  const groups = model.observations.map(({ process, likelihood }) => ({ process, likelihood }));
  return { kind: model.kind, groups, numRandomEffects: model.randomEffects?.length ?? 0 };
}

const loaded = new Map<boolean, NativeEngine>();

/**
 * Loads the native engine, once per process.
 *
 * @param options.ranks - the one that can join other ranks (NativeEngine.joinRanks) by MPI. A process loads one of the two.
 * @throws TramontanaError `Engine.NotBuilt` when the addon is absent, `Engine.NotLoadable` when it does not fit this machine.
 */
export function loadNativeEngine({ ranks = false }: { readonly ranks?: boolean } = {}): NativeEngine {
  const engine = loaded.get(ranks) ?? wrap(loadAddon({ ranks }));
  loaded.set(ranks, engine);
  return engine;
}

function wrap(addon: Addon): NativeEngine {
  return {
    version: () => addon.version(),
    setNumThreads: (numThreads) => translated(() => addon.set_num_threads(numThreads)),
    joinRanks: () => translatedAsync(() => addon.join_ranks()),
    setRankGroups: (groups) => translated(() => addon.set_rank_groups(groups)),
    leaveRanks: () => translatedAsync(() => addon.leave_ranks()),
    gatherTexts: (text) => translatedAsync(() => addon.gather_texts(text)),
    thetaNames: (model) => translated(() => addon.theta_names(outlineOf(model))),
    spectralBasis: (c0, g1) => translatedAsync(() => addon.spectral_basis(c0, g1)),
    prepare: (model) => translatedAsync(() => addon.prepare(model)),
    summariseResponse: (link, mean, variance, probabilities) =>
      translated(() => addon.summarise_response(link, mean, variance, probabilities)),
    kernelRates: (order) => translatedAsync(() => addon.kernel_rates(order)),
    evaluate: (model, theta, request = {}) => translatedAsync(() => addon.evaluate(model, theta, request)),
    fit: (model, options, resumeFrom, onIteration) =>
      translatedRunning(() => addon.fit(model, options, resumeFrom ?? null, onIteration)),
    multilevelStart: (coarse, options) => {
      const running = translatedRunning(() => addon.multilevel_start(coarse, options));
      const withOptions = async (): Promise<MultilevelStart> => {
        const { isUsed, reason, coarseEvaluations, coarseSeconds, ...found } = await running.promise;
        return { options: { ...options, ...found }, isUsed, reason, coarseEvaluations, coarseSeconds };
      };
      return { promise: withOptions(), interrupt: () => running.interrupt() };
    },
    predict: (model, theta, designs) => translatedAsync(() => addon.predict(model, theta, designs)),
    integrate: (model, mode, thetaCovariance, options = {}, onProgress) =>
      translatedRunning(() => addon.integrate(model, mode, thetaCovariance, options, onProgress ?? null)),
    samplePosterior: (model, points, options = {}) =>
      translatedRunning(() => addon.sample_posterior(model, points, options)),
    leaveGroupsOut: (model, theta, folds) => translatedRunning(() => addon.leave_groups_out(model, theta, folds)),
    evaluateGrid: (model, theta, request = {}) => translatedAsync(() => addon.evaluate_grid(model, theta, request)),
    fitGrid: (model, options, resumeFrom, onIteration) =>
      translatedRunning(() => addon.fit_grid(model, options, resumeFrom ?? null, onIteration)),
    integrateGrid: (model, mode, thetaCovariance, options = {}, onProgress) =>
      translatedRunning(() => addon.integrate_grid(model, mode, thetaCovariance, options, onProgress ?? null)),
    leaveGridGroupsOut: (model, theta, folds) =>
      translatedRunning(() => addon.leave_grid_groups_out(model, theta, folds)),
    summariseGridSamples: (model, points, request, onProgress) =>
      translatedRunning(() => addon.summarise_grid_samples(model, points, request, onProgress ?? null)),
    mapGrid: (model, points, designs, onProgress) =>
      translatedRunning(() => addon.map_grid(model, points, designs, onProgress ?? null)),
  };
}
