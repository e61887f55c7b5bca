// SPDX-License-Identifier: Apache-2.0
import { WorkflowFailedError, type Client } from '@temporalio/client';
import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  ChildWorkflowFailure,
  TerminatedFailure,
} from '@temporalio/common';

import { TramontanaError, type ErrorFacts } from '../common/errors.js';
import { asked } from './server-errors.js';

/** Names a started run. */
export interface RunIds {
  readonly workflowId: string;
  readonly runId: string;
}

/**
 * Waits for the end of a run.
 *
 * @param signal - stops the waiting, not the run; the Temporal client's error is thrown
 * @returns what the workflow returned, of whatever form
 * @throws {TramontanaError} tag and facts of what failed; `Run.Cancelled`, `Run.Terminated`, `Run.Unknown`, `Temporal.*`
 */
export async function awaitEnd(temporal: Client, run: RunIds, signal?: AbortSignal): Promise<unknown> {
  const wait = async (): Promise<unknown> => temporal.workflow.getHandle(run.workflowId, run.runId).result();
  try {
    return await asked(() => (signal === undefined ? wait() : temporal.withAbortSignal(signal, wait)), run);
  } catch (error) {
    throw error instanceof WorkflowFailedError ? explainFailure(run, error) : error;
  }
}

function explainFailure(run: RunIds, error: WorkflowFailedError): TramontanaError {
  let cause: Error | undefined = error.cause;
  // a workflow that leaves the failure of an activity as it is wraps what the activity said
  while (cause instanceof ActivityFailure || cause instanceof ChildWorkflowFailure) cause = cause.cause;
  const facts: ErrorFacts = { ...run };
  if (cause instanceof CancelledFailure) {
    return new TramontanaError('Run.Cancelled', 'the run was cancelled', { facts, retryable: true, cause });
  }
  if (cause instanceof TerminatedFailure) {
    return new TramontanaError('Run.Terminated', `the run was terminated: ${cause.message}`, { facts, cause });
  }
  const details: unknown = cause instanceof ApplicationFailure ? cause.details?.[0] : undefined;
  const own = details !== null && typeof details === 'object' ? details : {};
  const tag = cause instanceof ApplicationFailure && cause.type ? cause.type : 'Run.Failed';
  return TramontanaError.fromOutside(tag, cause?.message ?? error.message, { facts: { ...own, ...facts }, cause });
}
