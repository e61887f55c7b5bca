// SPDX-License-Identifier: Apache-2.0
import { isGridModel } from '../contract/grid-model.js';
import type { IntegrateJobContent } from '../job/job.js';
import type { NativeEngine } from '../contract/native-engine.js';
import type { IntegrationResult, Running, SamplingPoint } from '../contract/posterior.js';
import { finiteOrNullOf, type EngineEvent, type EngineEventOf } from './protocol.js';

/** How often the last progress is repeated with a fresh clock, so that a listener sees that the process lives. */
const PROGRESS_INTERVAL_MS = 2000;

export interface IntegrateRunnerHooks {
  readonly emit: (event: EngineEvent) => void;
  /** Aborting it interrupts the engine, and the run rejects with `Engine.Interrupted`; there is no state to save. */
  readonly signal: AbortSignal;
}

/** Called with the points, designs or samples done, and those in all. */
type OnProgress = (done: number, total: number) => void;

/** Computed once the points of the integration are known: what it adds to the result, and how many maps or samples it takes. */
interface LaterPart {
  readonly count: (numPoints: number) => number;
  readonly start: (points: SamplingPoint[], onProgress: OnProgress) => Running<Partial<IntegrationResult>>;
}

/**
 * Integrates theta out in this process and tells how much is done. What a mesh's maps on a grid and joint draws ask for is computed
 * once the points of the integration are known.
 *
 * @throws TramontanaError `Engine.Interrupted`, and what the engine throws
 */
export async function runIntegrate(
  job: IntegrateJobContent,
  engine: NativeEngine,
  { emit, signal }: IntegrateRunnerHooks,
): Promise<IntegrationResult> {
  const later = laterParts(job, engine);
  const progress = new PartsProgress(1 + later.length, emit);
  const onProgress: OnProgress = (done, total) => progress.told(done, total);
  progress.report();
  const ticker = setInterval(() => progress.report(), PROGRESS_INTERVAL_MS);
  try {
    let result = await unlessAborted(startIntegration(job, engine, onProgress), signal);
    progress.finishedPart(result.evaluations);
    const points = result.points.map(({ theta, weight }) => ({ theta, weight }));
    for (const { count, start } of later) {
      const startMs = performance.now();
      const found = await unlessAborted(start(points, onProgress), signal);
      progress.finishedPart(count(points.length));
      result = { ...result, ...found, seconds: result.seconds + (performance.now() - startMs) / 1000 };
    }
    return result;
  } finally {
    clearInterval(ticker);
  }
}

function laterParts({ model, maps, draws }: IntegrateJobContent, engine: NativeEngine): LaterPart[] {
  if (maps === undefined) return [];
  const { model: grid, designs } = maps;
  const mapsOfMesh: LaterPart = {
    count: (numPoints) => numPoints + designs.length,
    start: (points, onProgress) =>
      naming(engine.mapGrid(grid, points, designs, onProgress), (predictions) => ({ predictions })),
  };
  const parts = isGridModel(model) ? [] : [mapsOfMesh];
  if (draws === undefined) return parts;
  const joint: LaterPart = {
    count: () => draws.numSamples,
    start: (points, onProgress) =>
      naming(engine.summariseGridSamples(grid, points, { ...draws, designs }, onProgress), (found) => ({
        draws: found,
      })),
  };
  return [...parts, joint];
}

/** A computation whose result is put under a name. */
function naming<Result>(
  running: Running<Result>,
  named: (result: Result) => Partial<IntegrationResult>,
): Running<Partial<IntegrationResult>> {
  return { promise: running.promise.then(named), interrupt: () => running.interrupt() };
}

function startIntegration(
  job: IntegrateJobContent,
  engine: NativeEngine,
  onProgress: OnProgress,
): Running<IntegrationResult> {
  const { model, theta, strategy, mostEvaluations, latent = false, designs, maps } = job;
  const covariance = job.thetaCovariance.flat();
  if (!isGridModel(model)) {
    const limit = mostEvaluations === undefined ? {} : { mostEvaluations };
    const options = { strategy, ...limit, latent, criteria: true, predictions: designs };
    return engine.integrate(model, theta, covariance, options, onProgress);
  }
  // a grid has no strategies: theta is integrated out where that takes no more than it may
  const most = strategy === 'automatic' ? mostEvaluations : strategy === 'empirical-bayes' ? 0 : undefined;
  const limit = most === undefined ? {} : { mostEvaluations: most };
  const options = { ...limit, criteria: true, predictions: maps?.designs ?? [] };
  return engine.integrateGrid(model, theta, covariance, options, onProgress);
}

async function unlessAborted<Result>(running: Running<Result>, signal: AbortSignal): Promise<Result> {
  const interrupt = (): void => running.interrupt();
  signal.addEventListener('abort', interrupt, { once: true });
  if (signal.aborted) running.interrupt();
  try {
    return await running.promise;
  } finally {
    signal.removeEventListener('abort', interrupt);
  }
}

/** Progress of parts that come one after the other. Nobody knows their cost beforehand, so that all count alike. */
class PartsProgress {
  private readonly startMs = performance.now();
  private partsDone = 0;
  private evaluationsBefore = 0;
  private done = 0;
  private total = 0;

  constructor(
    private readonly numParts: number,
    private readonly emit: (event: EngineEventOf<'progress'>) => void,
  ) {}

  told(done: number, total: number): void {
    [this.done, this.total] = [done, total];
    this.report();
  }

  finishedPart(evaluations: number): void {
    this.partsDone += 1;
    this.evaluationsBefore += evaluations;
    this.told(0, 0);
  }

  report(): void {
    const part = this.total > 0 ? this.done / this.total : 0;
    const fraction = (this.partsDone + part) / this.numParts;
    const elapsedSeconds = (performance.now() - this.startMs) / 1000;
    this.emit({
      type: 'progress',
      phase: 'integrate',
      iteration: 0,
      evaluations: this.evaluationsBefore + this.done,
      objective: null,
      gradientNorm: null,
      fraction,
      etaSeconds: fraction > 0 ? finiteOrNullOf((elapsedSeconds * (1 - fraction)) / fraction) : null,
      elapsedSeconds,
    });
  }
}
