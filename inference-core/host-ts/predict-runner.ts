// SPDX-License-Identifier: Apache-2.0
import { TramontanaError } from '../../common/errors.js';
import type { PredictionMoments } from './engine-model.js';
import type { PredictJobContent } from './job.js';
import type { NativeEngine } from './native.js';
import type { EngineEvent, EngineEventOf } from './protocol.js';

const PROGRESS_INTERVAL_MS = 2000;

export interface PredictRunnerHooks {
  readonly emit: (event: EngineEvent) => void;
  /** Aborting it rejects the run at once; a prediction has no state to save. */
  readonly signal: AbortSignal;
}

/**
 * Runs a prediction job in this process.
 *
 * @throws TramontanaError `Engine.Interrupted`, and what the engine throws
 */
export async function runPredict(
  job: PredictJobContent,
  engine: NativeEngine,
  hooks: PredictRunnerHooks,
): Promise<readonly PredictionMoments[]> {
  const { emit, signal } = hooks;
  const startMs = performance.now();
  const progress = (fraction: number): EngineEventOf<'progress'> => ({
    type: 'progress',
    phase: fraction === 1 ? 'done' : 'predict',
    iteration: 0,
    evaluations: fraction,
    objective: null,
    gradientNorm: null,
    fraction,
    etaSeconds: null,
    elapsedSeconds: (performance.now() - startMs) / 1000,
  });
  emit(progress(0));
  const ticker = setInterval(() => emit(progress(0)), PROGRESS_INTERVAL_MS);
  try {
    const moments = await Promise.race([engine.predict(job.model, job.theta, job.designs), rejectOnAbort(signal)]);
    emit(progress(1));
    return moments;
  } finally {
    clearInterval(ticker);
  }
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const interrupted = (): void =>
      reject(
        new TramontanaError('Engine.Interrupted', 'the prediction was interrupted', {
          retryable: true,
          cause: signal.reason,
        }),
      );
    if (signal.aborted) interrupted();
    else signal.addEventListener('abort', interrupted, { once: true });
  });
}
