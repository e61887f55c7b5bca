// SPDX-License-Identifier: Apache-2.0
import type { ForecastResult, ForecastRun, TramontanaClient } from '../client/index.js';
import { delay } from '../common/processes.js';
import type { ProgressView } from './terminal/progress-view.js';

/** The workflow hears news at most every five seconds; its stages begin and end at any time. */
const POLL_MS = 500;

/**
 * Shows the progress of a run until it ends.
 *
 * @returns the run's result; throws what {@link TramontanaClient.result} throws
 */
export async function followRun(
  client: TramontanaClient,
  run: ForecastRun,
  view: ProgressView,
): Promise<ForecastResult> {
  let isOver = false;
  const result = client.result(run).finally(() => {
    isOver = true;
  });
  // the result is awaited at the end: a failure in between must not count as unhandled
  result.catch(() => undefined);
  while (!isOver) {
    await showProgress(client, run, view, result);
    await Promise.race([result.catch(() => undefined), delay(POLL_MS)]);
  }
  await showProgress(client, run, view, delay(5000));
  view.end();
  return result;
}

/** While a worker is being started again nobody answers; the picture stays as it was. */
async function showProgress(
  client: TramontanaClient,
  run: ForecastRun,
  view: ProgressView,
  until: Promise<unknown>,
): Promise<void> {
  const answer = client.progress(run).catch(() => undefined);
  const progress = await Promise.race([
    answer,
    until.then(
      () => undefined,
      () => undefined,
    ),
  ]);
  if (progress !== undefined) view.update(progress);
}
