// SPDX-License-Identifier: Apache-2.0
import { Context } from '@temporalio/activity';

/** Shorter than a sixth of the shortest heartbeat timeout (30 s). */
export const HEARTBEAT_INTERVAL_MS = 5000;

/**
 * Beats while `body` runs, whatever its progress.
 *
 * @param details - asked for at each beat; small and serialisable
 */
export async function withHeartbeat<Result>(details: () => unknown, body: () => Promise<Result>): Promise<Result> {
  const context = Context.current();
  const beat = () => context.heartbeat(details());
  beat();
  const timer = setInterval(beat, HEARTBEAT_INTERVAL_MS);
  try {
    return await body();
  } finally {
    clearInterval(timer);
  }
}
