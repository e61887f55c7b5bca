// SPDX-License-Identifier: Apache-2.0
/**
 * What a Temporal server refuses, as errors of ours: whoever calls the client has one kind of error to look at.
 *
 * @module
 */
import { isGrpcServiceError, QueryNotRegisteredError, ServiceError, WorkflowNotFoundError } from '@temporalio/client';
import { NamespaceNotFoundError } from '@temporalio/common';

import { TramontanaError } from '../common/errors.js';
import type { RunIds } from './run-end.js';

/** Of gRPC [status codes, grpc.io]: nobody was reached, or the answer did not come in time. */
const NO_ANSWER = new Set([4, 14]);
/** Ended by who asked. */
const CANCELLED = 1;

/**
 * Asks the server.
 *
 * @param run - that the question is about
 * @throws {TramontanaError} `Run.Unknown`, `Run.UnexpectedAnswer`, `Temporal.Refused`, `Temporal.Unreachable` (retryable), and what the
 *   question itself throws
 */
export async function asked<Answer>(question: () => Promise<Answer>, run: Partial<RunIds> = {}): Promise<Answer> {
  try {
    return await question();
  } catch (error) {
    throw ofServer(error, run);
  }
}

function ofServer(error: unknown, { workflowId, runId }: Partial<RunIds>): unknown {
  const facts = { ...(workflowId === undefined ? {} : { workflowId }), ...(runId === undefined ? {} : { runId }) };
  if (error instanceof WorkflowNotFoundError) {
    return new TramontanaError('Run.Unknown', `expected the id of a run on the server, got "${workflowId ?? ''}"`, {
      ...{ facts, cause: error },
    });
  }
  if (error instanceof QueryNotRegisteredError) {
    const message = `${workflowId ?? 'the run'}: expected a run that tells its progress so, got a workflow of another kind`;
    return new TramontanaError('Run.UnexpectedAnswer', message, { facts, cause: error });
  }
  if (error instanceof NamespaceNotFoundError) {
    const message = `Temporal server: expected one of its namespaces, got "${error.namespace}"`;
    return new TramontanaError('Temporal.Refused', message, { facts: { namespace: error.namespace }, cause: error });
  }
  const status = error instanceof ServiceError ? error.cause : error;
  if (!isGrpcServiceError(status)) return error;
  const code: number = status.code;
  if (code === CANCELLED) return error;
  const isGone = NO_ANSWER.has(code);
  return new TramontanaError(
    isGone ? 'Temporal.Unreachable' : 'Temporal.Refused',
    `Temporal server: expected an answer, got ${isGone ? 'none' : 'a refusal'}: ${status.details}`,
    { facts: { ...facts, code }, retryable: isGone, cause: error },
  );
}
