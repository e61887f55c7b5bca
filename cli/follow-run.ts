// SPDX-License-Identifier: Apache-2.0
import type { RunProgress } from '../client/index.js';
import { delay, within } from '../common/processes.js';
import type { ProgressView } from './terminal/progress-view.js';

/** The workflow hears news at most every five seconds; its stages begin and end at any time. */
const POLL_MS = 500;

/** The last picture is welcome, not necessary: the result is there. */
const LAST_LOOK_MS = 5000;

/** A run under way. */
export interface Followed<Result> {
  standing(): Promise<RunProgress>;
  /** Waits for the end; the signal stops the waiting, not the run. */
  result(signal?: AbortSignal): Promise<Result>;
}

/**
 * Shows the progress of a run until it ends.
 *
 * @param signal - stops the following
 * @returns the run's result; throws what waiting for it throws
 */
export async function followRun<Result>(
  run: Followed<Result>,
  view: ProgressView,
  signal?: AbortSignal,
): Promise<Result> {
  // while a worker is being started again nobody answers; the picture stays as it was
  const look = (): Promise<RunProgress | undefined> => run.standing().catch(() => undefined);
  const result = run.result(signal);
  let isOver = false;
  const over = result.then(
    () => undefined,
    () => undefined,
  );
  void over.then(() => (isOver = true));
  const ended = (): boolean => isOver;
  while (!ended()) {
    const progress = await Promise.race([look(), over]);
    if (progress !== undefined) view.update(progress);
    await Promise.race([over, delay(POLL_MS)]);
  }
  const last = await within(look(), LAST_LOOK_MS);
  if (last !== undefined) view.update(last);
  view.end();
  return result;
}
