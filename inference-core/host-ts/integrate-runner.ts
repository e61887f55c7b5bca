// SPDX-License-Identifier: Apache-2.0
import { isGridModel } from './grid-model.js';
import type { IntegrateJobContent } from './job.js';
import type { NativeEngine } from './native-engine.js';
import type { IntegrationResult, Running } from './posterior.js';
import { finiteOrNullOf, type EngineEvent, type EngineEventOf } from './protocol.js';

/** How often the last progress is repeated with a fresh clock, so that a listener sees that the process lives. */
const PROGRESS_INTERVAL_MS = 2000;

export interface IntegrateRunnerHooks {
  readonly emit: (event: EngineEvent) => void;
  /** Aborting it interrupts the engine, and the run rejects with `Engine.Interrupted`; there is no state to save. */
  readonly signal: AbortSignal;
}

/** Called with the points and designs done, and those in all. */
type OnProgress = (done: number, total: number) => void;

/**
 * Integrates theta out in this process and tells how much is done. What a mesh's maps on a grid ask for is computed once the points
 * of the integration are known.
 *
 * @throws TramontanaError `Engine.Interrupted`, and what the engine throws
 */
export async function runIntegrate(
  job: IntegrateJobContent,
  engine: NativeEngine,
  { emit, signal }: IntegrateRunnerHooks,
): Promise<IntegrationResult> {
  const mapsOfMesh = isGridModel(job.model) ? undefined : job.maps;
  const progress = new PartsProgress(mapsOfMesh === undefined ? 1 : 2, emit);
  const onProgress: OnProgress = (done, total) => progress.told(done, total);
  progress.report();
  const ticker = setInterval(() => progress.report(), PROGRESS_INTERVAL_MS);
  try {
    const integration = await unlessAborted(startIntegration(job, engine, onProgress), signal);
    progress.finishedPart(integration.evaluations);
    if (mapsOfMesh === undefined) return integration;
    const points = integration.points.map(({ theta, weight }) => ({ theta, weight }));
    const { model, designs } = mapsOfMesh;
    const startMs = performance.now();
    const predictions = await unlessAborted(engine.mapGrid(model, points, designs, onProgress), signal);
    progress.finishedPart(points.length + designs.length);
    return { ...integration, predictions, seconds: integration.seconds + (performance.now() - startMs) / 1000 };
  } finally {
    clearInterval(ticker);
  }
}

function startIntegration(
  job: IntegrateJobContent,
  engine: NativeEngine,
  onProgress: OnProgress,
): Running<IntegrationResult> {
  const { model, theta, strategy, mostEvaluations, designs, maps } = job;
  const covariance = job.thetaCovariance.flat();
  if (!isGridModel(model)) {
    const limit = mostEvaluations === undefined ? {} : { mostEvaluations };
    const options = { strategy, ...limit, latent: false, criteria: true, predictions: designs };
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
