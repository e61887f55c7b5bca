// SPDX-License-Identifier: Apache-2.0
import type { Client } from '@temporalio/client';

import type { RunIds } from './run-end.js';
import { asked } from './server-errors.js';

/** How a run is started, whatever it is a run of. */
export interface StartOptions {
  /** Default: a hash of the input, so that the same work is not done twice at once. */
  readonly workflowId?: string;
  /** Kept with the run, e.g. who started it. */
  readonly memo?: Readonly<Record<string, unknown>>;
  /** One line for the list of runs in the Web UI. */
  readonly summary?: string;
}

/**
 * Starts a workflow; when the one of this id is under way, follows that.
 *
 * @throws {TramontanaError} `Temporal.Refused`, `Temporal.Unreachable`
 */
export async function startRun(
  { temporal, taskQueue }: { readonly temporal: Client; readonly taskQueue: string },
  type: string,
  input: unknown,
  { workflowId, memo, summary }: StartOptions & { readonly workflowId: string },
): Promise<RunIds> {
  const options = {
    ...{ taskQueue, workflowId, args: [input], workflowIdConflictPolicy: 'USE_EXISTING' as const },
    ...(memo === undefined ? {} : { memo: { ...memo } }),
    ...(summary === undefined ? {} : { staticSummary: summary }),
  };
  const handle = await asked(() => temporal.workflow.start(type, options));
  return { workflowId: handle.workflowId, runId: handle.firstExecutionRunId };
}
