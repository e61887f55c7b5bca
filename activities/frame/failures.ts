// SPDX-License-Identifier: Apache-2.0
/**
 * Turns the errors of the rooms into Temporal's decision: retry or give up. Nowhere else.
 *
 * @module
 */
import { ApplicationFailure, CancelledFailure, Context } from '@temporalio/activity';

import { isTramontanaError, messageOf, tried } from '../../common/errors.js';
import { plainLines } from '../../common/text.js';

/** System errors that pass; any other may pass too, and is tried a few times. */
const PASSING_SYSTEM_ERRORS: readonly string[] = [
  ...['EIO', 'EAGAIN', 'EBUSY', 'EINTR', 'EMFILE', 'ENFILE', 'ENOMEM', 'ESTALE', 'ETXTBSY'],
  ...['ECONNABORTED', 'ECONNREFUSED', 'ECONNRESET', 'EHOSTUNREACH', 'ENETUNREACH', 'EPIPE', 'ETIMEDOUT'],
];

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
  const cause = new Error(plainLines(messageOf(error)));
  // what is no text is left out, as is what throws
  cause.name = tried(() => plainLines(error.name)) ?? 'Error';
  cause.stack = tried(() => plainLines(error.stack ?? '', MAXIMUM_STACK_CHARACTERS)) ?? '';
  return cause;
}

function systemCode(error: unknown): string | undefined {
  const code = tried(() => (error instanceof Error && 'code' in error ? error.code : undefined));
  // the codes of Node.js itself (ERR_INVALID_ARG_TYPE) name defects, not states of the system
  return typeof code === 'string' && !code.startsWith('ERR_') ? code : undefined;
}

/**
 * The failure that an activity reports for an error.
 *
 * - an error of a room keeps its tag as type, its facts as details and its own decision;
 * - a full disk, a missing permission: not retried;
 * - passing system errors (EIO, EMFILE, ECONNRESET): retried, type `System.<code>`; others a few times;
 * - anything else is a defect of ours: type `Internal.Unexpected`, tried a few times in all, for it may depend on timing.
 *
 * @param attempt - since the last progress, from 1
 */
export function toApplicationFailure(thrown: unknown, attempt = 1): ApplicationFailure {
  // of a revoked proxy not even the class can be asked
  const error = tried(() => thrown instanceof Error) === undefined ? new Error(messageOf(thrown)) : thrown;
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
    nonRetryable:
      hopeless !== undefined || (!PASSING_SYSTEM_ERRORS.includes(code ?? '') && attempt >= MAXIMUM_UNEXPECTED_ATTEMPTS),
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
  return error instanceof Error ? error : new Error(messageOf(error));
}
