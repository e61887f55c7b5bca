// SPDX-License-Identifier: Apache-2.0
import type { FitResult } from '../../../artifacts/schemas/fit-result.js';
import { float64At } from '../../../common/entry.js';
import { isTramontanaError, messageOf, TramontanaError } from '../../../common/errors.js';
import { CheckpointStore, type CheckpointContent, type LoadedCheckpoint } from '../job/checkpoint.js';
import { FitProgress } from './fit-progress.js';
import type { FitJobContent, StartChoice } from '../job/job.js';
import type { NativeFitResult, OptimizerState, RunningFit } from '../contract/fit.js';
import { isGridModel } from '../contract/grid-model.js';
import type { NativeEngine } from '../contract/native-engine.js';
import { finiteOrNullOf, type EngineEvent, type EngineEventOf } from './protocol.js';
import type { RankGroup } from './rank-group.js';
import { coarseStart } from './coarse-start.js';
import {
  AT_DEFAULTS,
  betterOf,
  doubtOf,
  isNumericalFailure,
  squareRows,
  startOf,
  startOptions,
  type Found,
} from './search-start.js';

/** How often the last progress is repeated with a fresh clock, so that a listener sees that the process lives. */
const PROGRESS_INTERVAL_MS = 2000;

export interface FitRunnerHooks {
  readonly emit: (event: EngineEvent) => void;
  /** Called once, before the search, with the iteration of the checkpoint from which it goes on (0: none). */
  readonly onStart: (resumedFromIteration: number) => void;
  /** Those that run the same fit. Rank 0 keeps the checkpoints. */
  readonly group: RankGroup;
  /** How often a scheduler has started this attempt again. */
  readonly restart: number;
  /** Aborting it interrupts the search; the run rejects with `Engine.Interrupted` after the last checkpoint is on disk. */
  readonly signal: AbortSignal;
}

function checkSameShape(checkpoint: LoadedCheckpoint, job: FitJobContent): string | undefined {
  const found = checkpoint.content.state.theta.length;
  return found === job.initialTheta.length
    ? undefined
    : `theta has ${found} components, not ${job.initialTheta.length}`;
}

/** What a result tells besides what the engine found. */
interface ResultContext {
  readonly resumedFromIteration: number;
  readonly seconds: number;
  readonly secondsOf: ReadonlyMap<number, number>;
  /** Of all searches. */
  readonly evaluations: number;
  /** Absent for a job that knows of no start but its own. */
  readonly start: StartChoice | undefined;
}

function buildResult(fit: NativeFitResult, thetaNames: readonly string[], context: ResultContext): FitResult {
  const numTheta = fit.theta.length;
  const covariance = fit.thetaCovariance;
  if (covariance === undefined) {
    throw new TramontanaError('Engine.Unexpected', 'fit: expected the covariance of theta, the engine gave none');
  }
  if (!covariance.every(Number.isFinite)) {
    throw new TramontanaError(
      'Engine.NumericalFailure',
      'fit: expected a finite covariance of theta, the Hessian at the end of the search has no inverse',
      { facts: { theta: Array.from(fit.theta), gradientNorm: fit.gradientNorm, stopReason: fit.stopReason } },
    );
  }
  const numFixed = fit.fixedEffectMeans.length;
  return {
    thetaNames,
    theta: Array.from(fit.theta),
    thetaCovariance: squareRows(covariance, numTheta),
    ...(fit.hessian === undefined ? {} : { hessian: squareRows(fit.hessian, numTheta) }),
    objective: fit.objective,
    gradientNorm: fit.gradientNorm,
    evaluations: context.evaluations,
    iterations: fit.iterations,
    resumedFromIteration: context.resumedFromIteration,
    seconds: context.seconds,
    stopReason: fit.stopReason,
    converged: fit.converged,
    activeBounds: fit.activeBounds,
    recursion: fit.recursion,
    fixedEffects: {
      mean: Array.from(fit.fixedEffectMeans),
      sd: Array.from({ length: numFixed }, (_, k) =>
        Math.sqrt(float64At(fit.fixedEffectCovariance, k * (numFixed + 1))),
      ),
    },
    // KiB
    peakBytes: 1024 * process.resourceUsage().maxRSS,
    ...(context.start === undefined ? {} : { start: startOf(context.start, fit, context.evaluations) }),
    trace: fit.trace.map(({ iteration, objective, gradientNorm, theta }) => ({
      iteration,
      objective,
      gradientNorm,
      theta: Array.from(theta),
      seconds: context.secondsOf.get(iteration) ?? 0,
    })),
  };
}

type Warn = (code: string, message: string, facts: Record<string, unknown>) => void;

/** The newest valid checkpoint that fits the job, if there is one. */
async function findStart(
  store: CheckpointStore,
  job: FitJobContent,
  warn: Warn,
): Promise<CheckpointContent | undefined> {
  const { newest, warnings } = await store.loadNewest();
  for (const { code, path, reason } of warnings) warn(code, `ignored checkpoint ${path}: ${reason}`, { path, reason });
  if (newest === undefined) return undefined;
  const reason = checkSameShape(newest, job);
  if (reason === undefined) return newest.content;
  warn('checkpoint-foreign', `ignored checkpoint ${newest.path}: ${reason}`, { path: newest.path, reason });
  return undefined;
}

/**
 * Runs a fit job in this process: goes on from the newest valid checkpoint, writes one after every iteration, reports progress.
 *
 * @throws TramontanaError `Engine.Interrupted`, `Engine.Superseded`, and what the engine throws
 */
export async function runFit(job: FitJobContent, engine: NativeEngine, hooks: FitRunnerHooks): Promise<FitResult> {
  const { emit, signal, group, restart } = hooks;
  const startMs = performance.now();
  const attemptSeconds = (): number => (performance.now() - startMs) / 1000;
  const warn: Warn = (code, message, facts) => emit({ type: 'warning', code, message, facts });

  const { checkpointFolder: folder, jobKey, attemptToken } = job;
  const store = new CheckpointStore({ folder, jobKey, attemptToken, restart });
  const resumed = (await group.fromRoot(async () => (await findStart(store, job, warn)) ?? null)) ?? undefined;
  const resumedFromIteration = resumed?.state.iteration ?? 0;
  hooks.onStart(resumedFromIteration);

  const secondsBefore = resumed?.elapsedSeconds ?? 0;
  const secondsOf = new Map<number, number>(resumed?.iterationSeconds ?? []);
  const progress = new FitProgress(job.options.gradientTolerance, resumed?.state.evaluations ?? 0, secondsBefore);
  let last: { event: EngineEventOf<'progress'>; atSeconds: number } = {
    event: firstProgress(resumed?.state, secondsBefore),
    atSeconds: attemptSeconds(),
  };
  emit(last.event);
  const ticker = setInterval(() => {
    const since = attemptSeconds() - last.atSeconds;
    const { etaSeconds, elapsedSeconds } = last.event;
    emit({
      ...last.event,
      etaSeconds: etaSeconds === null ? null : Math.max(0, etaSeconds - since),
      elapsedSeconds: elapsedSeconds + since,
    });
  }, PROGRESS_INTERVAL_MS);

  let superseded: TramontanaError | undefined;
  let writes: Promise<void> = Promise.resolve();
  const save = async (content: CheckpointContent): Promise<void> => {
    if (superseded !== undefined) return;
    try {
      const stored = await store.save(content);
      emit({ type: 'checkpoint', ...stored, iteration: content.state.iteration });
    } catch (error) {
      if (isTramontanaError(error, 'Engine.Superseded')) {
        superseded = error;
        running?.interrupt();
        return;
      }
      // the fit can still succeed; only a crash before the next checkpoint would cost more
      warn('checkpoint-not-written', `cannot write a checkpoint in ${folder}: ${messageOf(error)}`, { folder });
    }
  };
  // where the search of a checkpoint began is known to it alone
  let start = resumed === undefined ? job.start : resumed.start;
  let evaluationsBefore = resumed?.evaluationsBefore ?? 0;
  const onIteration = (state: OptimizerState): void => {
    if (!group.isRoot) return;
    const seconds = attemptSeconds();
    if (!secondsOf.has(state.iteration)) secondsOf.set(state.iteration, seconds);
    const content = {
      ...{ state, elapsedSeconds: secondsBefore + seconds, iterationSeconds: [...secondsOf] },
      ...(start === undefined ? {} : { start, evaluationsBefore }),
    };
    writes = writes.then(() => save(content));
    last = { event: progress.of(state, seconds), atSeconds: seconds };
    emit(last.event);
  };

  const { gradientTolerance, maximumIterations } = job.options;
  let running: RunningFit | undefined;
  const interrupt = (): void => running?.interrupt();
  signal.addEventListener('abort', interrupt, { once: true });
  const search = (from: OptimizerState | undefined): Promise<NativeFitResult> => {
    const options = {
      ...startOptions(job, start ?? AT_DEFAULTS),
      ...(job.thetaBounds === undefined
        ? {}
        : { lowerBounds: job.thetaBounds.lower, upperBounds: job.thetaBounds.upper }),
      ...{ gradientTolerance, maximumIterations, computeHessian: true },
    };
    running = isGridModel(job.model)
      ? engine.fitGrid(job.model, options, from, onIteration)
      : engine.fit(job.model, options, from, onIteration);
    if (signal.aborted || superseded !== undefined) running.interrupt();
    return running.promise;
  };
  const found = (fit: NativeFitResult): Found => ({ fit, evaluations: evaluationsBefore + fit.evaluations });
  /** A search from a start that may be of no use, and where it is of none another one from the defaults. */
  const searchFrom = async (chosen: StartChoice): Promise<Found> => {
    const first = await search(resumed?.state).catch((error: unknown) => {
      if (isNumericalFailure(error)) return undefined;
      throw error;
    });
    const doubt = await doubtOf(job, engine, first);
    if (doubt === undefined) return found(betterOf(first, undefined));
    warn('start-not-used', `searching again from the defaults: ${chosen.reason}, but ${doubt.reason}`, {});
    const { reason, reference } = chosen;
    const known = reference === undefined ? {} : { reference };
    start = { from: 'defaults', reason: `${reason}, but ${doubt.reason}`, ...known };
    evaluationsBefore += doubt.evaluations;
    secondsOf.clear();
    const second = await search(undefined).catch((error: unknown) => {
      // a mode at a bound is better than none
      if (first?.converged === true && isNumericalFailure(error)) return undefined;
      throw error;
    });
    const fit = betterOf(first, second);
    return { fit, evaluations: evaluationsBefore + (second?.evaluations ?? 0) };
  };
  try {
    if (resumed === undefined && start?.from === 'defaults' && job.coarse !== undefined) {
      start = await coarseStart(job, job.coarse, start, { engine, signal });
    }
    const { fit, evaluations } =
      start === undefined || start.from === 'defaults' ? found(await search(resumed?.state)) : await searchFrom(start);
    await writes;
    if (superseded !== undefined) throw superseded;
    if (!fit.converged) {
      warn('fit-not-converged', `the search ended early: ${fit.stopReason}; gradient norm ${fit.gradientNorm}`, {
        gradientNorm: fit.gradientNorm,
        gradientTolerance,
      });
    }
    const seconds = secondsBefore + attemptSeconds();
    return buildResult(fit, job.thetaNames ?? engine.thetaNames(job.model), {
      ...{ resumedFromIteration, seconds, secondsOf, start, evaluations },
    });
  } catch (error) {
    await writes;
    throw superseded ?? error;
  } finally {
    clearInterval(ticker);
    signal.removeEventListener('abort', interrupt);
  }
}

function firstProgress(state: OptimizerState | undefined, secondsBefore: number): EngineEventOf<'progress'> {
  return {
    type: 'progress',
    phase: 'prepare',
    iteration: state?.iteration ?? 0,
    evaluations: state?.evaluations ?? 0,
    objective: state === undefined ? null : finiteOrNullOf(state.objective),
    gradientNorm: null,
    fraction: 0,
    etaSeconds: null,
    elapsedSeconds: secondsBefore,
  };
}
