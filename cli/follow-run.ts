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
  const result = client.result(run);
  const over = result.then(
    () => true,
    () => true,
  );
  const pause = () => delay(POLL_MS).then(() => false);
  do await showProgress(client, run, view, over);
  while (!(await Promise.race([over, pause()])));
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
