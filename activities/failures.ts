// SPDX-License-Identifier: Apache-2.0
/**
 * Turns the errors of the rooms into Temporal's decision: retry or give up. Nowhere else.
 *
 * @module
 */
import { ApplicationFailure, CancelledFailure, Context } from '@temporalio/activity';

import { isTramontanaError, messageOf } from '../common/errors.js';
import { plainLines } from '../common/text.js';

/** System errors that another attempt will not cure. */
const HOPELESS_SYSTEM_ERRORS: Readonly<Record<string, string>> = {
  ENOSPC: 'Storage.DiskFull',
  EDQUOT: 'Storage.DiskFull',
  EROFS: 'Storage.ReadOnly',
  EACCES: 'Storage.NotPermitted',
  EPERM: 'Storage.NotPermitted',
};

/** An error of ours that nobody foresaw: the same input mostly gives it again, whatever the policy of the stage allows. */
const MAXIMUM_UNEXPECTED_ATTEMPTS = 4;

const MAXIMUM_STACK_CHARACTERS = 4000;

/** The error as the cause of a failure, without the megabytes that its message and its own causes may hold. */
function boundedCause(error: unknown): Error | undefined {
  if (!(error instanceof Error)) return undefined;
  const cause = new Error(plainLines(error.message));
  cause.name = error.name;
  cause.stack = plainLines(error.stack ?? '', MAXIMUM_STACK_CHARACTERS);
  return cause;
}

function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/**
 * The failure that an activity reports for an error.
 *
 * - an error of a room keeps its tag as type, its facts as details and its own decision;
 * - a full disk, a missing permission: not retried;
 * - other system errors (EIO, EMFILE, ECONNRESET): retried, type `System.<code>`;
 * - anything else is a defect of ours: type `Internal.Unexpected`, tried a few times in all, for it may depend on timing.
 *
 * @param attempt - of the activity, from 1
 */
export function toApplicationFailure(error: unknown, attempt = 1): ApplicationFailure {
  if (error instanceof ApplicationFailure) return error;
  const cause = boundedCause(error);
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
    message: plainLines(messageOf(error)),
    type: hopeless ?? (code === undefined ? 'Internal.Unexpected' : `System.${code}`),
    nonRetryable: hopeless !== undefined || (code === undefined && attempt >= MAXIMUM_UNEXPECTED_ATTEMPTS),
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
    if (!cancellationSignal.aborted) throw toApplicationFailure(error, Context.current().info.attempt);
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
