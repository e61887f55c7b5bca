// SPDX-License-Identifier: Apache-2.0
import type { RunIds, TramontanaClient } from '../client/index.js';
import { isTramontanaError, TramontanaError } from '../common/errors.js';
import { followRun, type Followed } from './follow-run.js';
import type { Interruption } from './interruption.js';
import { otherOwnerOf } from './runtime/left-behind.js';
import { printNote } from './terminal/output.js';
import type { ProgressView } from './terminal/progress-view.js';

/** First Ctrl-C: cancels the run and waits for its end. Second one: terminates it. */
export async function followUntilStopped<Result>(
  client: TramontanaClient,
  run: RunIds,
  followed: Followed<Result>,
  view: ProgressView,
  interruption: Interruption,
): Promise<Result> {
  const otherPid = await otherOwnerOf(client, run);
  if (otherPid !== undefined) {
    view.note(`the same run is under way already, started by process ${otherPid}: following it`);
    return followOnly(followed, view, interruption);
  }
  void interruption.asked().then(async () => {
    view.note('Stopping: a running fit writes its checkpoint first. Ctrl-C again ends everything at once.');
    await cancelQuietly(client, run);
  });
  const insisted = interruption.insisted().then(async () => {
    await client.terminate(run, 'the command was told twice to stop').catch(() => undefined);
  });
  const result = followRun(followed, view);
  const winner = await Promise.race([result, insisted]);
  return winner ?? (await result);
}

/** A run that another command started goes on when this one stops looking. */
async function followOnly<Result>(
  followed: Followed<Result>,
  view: ProgressView,
  interruption: Interruption,
): Promise<Result> {
  const looking = new AbortController();
  const left = interruption.asked().then((): never => {
    looking.abort();
    throw new TramontanaError('Run.Cancelled', 'stopped following; the run goes on', { retryable: true });
  });
  return Promise.race([left, followRun(followed, view, looking.signal)]);
}

/** The run may just have ended by itself. */
async function cancelQuietly(client: TramontanaClient, run: RunIds): Promise<void> {
  await client.cancel(run).catch((error: unknown) => {
    if (isTramontanaError(error)) throw error;
    printNote('the run could not be cancelled; it may have ended already');
  });
}
