// SPDX-License-Identifier: Apache-2.0
/**
 * Turns the errors of the rooms into Temporal's decision: retry or give up. Nowhere else.
 *
 * @module
 */
import { ApplicationFailure, CancelledFailure, Context } from '@temporalio/activity';

import { isTramontanaError, messageOf } from '../common/errors.js';

/** System errors that another attempt will not cure. */
const HOPELESS_SYSTEM_ERRORS: Readonly<Record<string, string>> = {
  ENOSPC: 'Storage.DiskFull',
  EDQUOT: 'Storage.DiskFull',
  EROFS: 'Storage.ReadOnly',
  EACCES: 'Storage.NotPermitted',
  EPERM: 'Storage.NotPermitted',
};

function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/**
 * The failure that an activity reports for an error.
 *
 * - an error of a room keeps its tag as type, its facts as details and its own decision;
 * - a full disk, a missing permission: not retried;
 * - other system errors (EIO, EMFILE, ECONNRESET): retried, type `System.<code>`;
 * - anything else is a defect of ours: type `Internal.Unexpected`, retried a few times by the policy, for it may depend on timing.
 */
export function toApplicationFailure(error: unknown): ApplicationFailure {
  if (error instanceof ApplicationFailure) return error;
  const cause = error instanceof Error ? error : undefined;
  if (isTramontanaError(error)) {
    return ApplicationFailure.create({
      message: error.message,
      type: error.tag,
      nonRetryable: !error.retryable,
      details: [error.facts],
      cause,
    });
  }
  const code = systemCode(error);
  const hopeless = code === undefined ? undefined : HOPELESS_SYSTEM_ERRORS[code];
  return ApplicationFailure.create({
    message: messageOf(error),
    type: hopeless ?? (code === undefined ? 'Internal.Unexpected' : `System.${code}`),
    nonRetryable: hopeless !== undefined,
    details: [code === undefined ? {} : { code }],
    cause,
  });
}

/**
 * Runs the body of an activity and translates what it throws. A cancelled activity reports its cancellation (Temporal turns
 * pause and reset into their own failures); a worker that shuts down reports a retryable failure, so that another one goes on.
 */
export async function withFailureMapping<Result>(body: () => Promise<Result>): Promise<Result> {
  try {
    return await body();
  } catch (error) {
    const { cancellationSignal, cancellationDetails } = Context.current();
    if (!cancellationSignal.aborted) throw toApplicationFailure(error);
    if (cancellationDetails?.workerShutdown === true && !cancellationDetails.cancelRequested) {
      throw ApplicationFailure.create({
        message: 'the worker is shutting down; the stage goes on elsewhere',
        type: 'Worker.ShuttingDown',
        nonRetryable: false,
        ...(error instanceof Error ? { cause: error } : {}),
      });
    }
    throw error instanceof CancelledFailure ? error : new CancelledFailure('CANCELLED', [], asError(error));
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
