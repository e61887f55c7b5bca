// SPDX-License-Identifier: Apache-2.0
import type { Readable } from 'node:stream';

/** How often a worker says that its event loop turns. */
export const ALIVE_INTERVAL_MS = 5000;
/** Looks without a sign after which it is stuck: two minutes, far above any stage's longest step. */
const MAXIMUM_MISSED = 24;

export interface LivenessOptions {
  readonly intervalMs?: number;
  readonly maximumMissed?: number;
}

/**
 * Calls `onStuck` once when a stream stays silent for too long. Looks are counted, not time: a machine that slept, or a watcher
 * that was busy itself, has not seen anybody stuck.
 *
 * @returns ends the watch
 */
export function watchLiveness(signs: Readable, onStuck: () => void, options: LivenessOptions = {}): () => void {
  const { intervalMs = ALIVE_INTERVAL_MS, maximumMissed = MAXIMUM_MISSED } = options;
  let missed = 0;
  const hear = (): void => {
    missed = 0;
  };
  signs.on('data', hear);
  const timer = setInterval(() => {
    missed += 1;
    if (missed < maximumMissed) return;
    stop();
    onStuck();
  }, intervalMs).unref();
  const stop = (): void => {
    clearInterval(timer);
    signs.off('data', hear);
  };
  return stop;
}
