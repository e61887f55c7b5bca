// SPDX-License-Identifier: Apache-2.0
import type { IntegrateJobContent } from './job.js';
import type { NativeEngine } from './native-engine.js';
import type { IntegrationResult } from './posterior.js';
import { finiteOrNullOf, type EngineEvent, type EngineEventOf } from './protocol.js';

/** How often the last progress is repeated with a fresh clock, so that a listener sees that the process lives. */
const PROGRESS_INTERVAL_MS = 2000;

export interface IntegrateRunnerHooks {
  readonly emit: (event: EngineEvent) => void;
  /** Aborting it interrupts the engine, and the run rejects with `Engine.Interrupted`; there is no state to save. */
  readonly signal: AbortSignal;
}

/**
 * Integrates theta out in this process and tells how many points of the design are done.
 *
 * @throws TramontanaError `Engine.Interrupted`, and what the engine throws
 */
export async function runIntegrate(
  job: IntegrateJobContent,
  engine: NativeEngine,
  hooks: IntegrateRunnerHooks,
): Promise<IntegrationResult> {
  const { emit, signal } = hooks;
  const startMs = performance.now();
  let [done, total] = [0, 0];
  const report = (): void => emit(progressAt(done, total, (performance.now() - startMs) / 1000));
  report();
  const ticker = setInterval(report, PROGRESS_INTERVAL_MS);
  const { strategy, mostEvaluations, designs } = job;
  const running = engine.integrate(
    job.model,
    job.theta,
    job.thetaCovariance.flat(),
    {
      strategy,
      ...(mostEvaluations === undefined ? {} : { mostEvaluations }),
      ...{ latent: false, criteria: true, predictions: designs },
    },
    (pointsDone, pointsInAll) => {
      [done, total] = [pointsDone, pointsInAll];
      report();
    },
  );
  const interrupt = (): void => running.interrupt();
  signal.addEventListener('abort', interrupt, { once: true });
  if (signal.aborted) running.interrupt();
  try {
    const result = await running.promise;
    [done, total] = [result.evaluations, result.evaluations];
    report();
    return result;
  } finally {
    clearInterval(ticker);
    signal.removeEventListener('abort', interrupt);
  }
}

function progressAt(done: number, total: number, elapsedSeconds: number): EngineEventOf<'progress'> {
  const fraction = total > 0 ? done / total : 0;
  return {
    type: 'progress',
    phase: 'integrate',
    iteration: 0,
    evaluations: done,
    objective: null,
    gradientNorm: null,
    fraction,
    etaSeconds: fraction > 0 ? finiteOrNullOf((elapsedSeconds * (1 - fraction)) / fraction) : null,
    elapsedSeconds,
  };
}
