// SPDX-License-Identifier: Apache-2.0
/**
 * One table for both sides of the process border: the engine process turns an error into an exit code and an `error` event, the
 * launcher turns exit code and event into a TramontanaError with a decided retry.
 *
 * @module
 */
import { isTramontanaError, messageOf, TramontanaError } from '../../../common/errors.js';
import { EXIT_CODE, type EngineEventOf } from './protocol.js';

/** Exit code of an engine process that failed in a way it did not foresee. */
export const EXIT_UNEXPECTED = 1;

/** Not the input's fault, but no retry on this machine can help; these tags are passed on as they are. */
const UNAVAILABLE_TAGS = new Set(['Engine.NotBuilt', 'Engine.NotLoadable', 'Engine.NotCompiled']);

const INVALID_INPUT_TAGS = new Set(['Engine.InvalidInput', 'Engine.InvalidModel', ...UNAVAILABLE_TAGS]);

const NUMERICAL_FAILURE_TAGS = new Set([
  'Engine.NumericalFailure',
  'Engine.NotPositiveDefinite',
  'Engine.InnerModeNotFound',
]);

/** What the engine process says and how it exits when `error` ends its work. */
export function failureOf(error: unknown): { readonly exitCode: number; readonly event: EngineEventOf<'error'> } {
  const tag = isTramontanaError(error) ? error.tag : 'Engine.Unexpected';
  const facts = isTramontanaError(error) ? { ...error.facts } : {};
  const exitCode = INVALID_INPUT_TAGS.has(tag)
    ? EXIT_CODE.invalidInput
    : NUMERICAL_FAILURE_TAGS.has(tag)
      ? EXIT_CODE.numericalFailure
      : tag === 'Engine.Interrupted' || tag === 'Engine.Superseded'
        ? EXIT_CODE.interrupted
        : EXIT_UNEXPECTED;
  const retryable = exitCode === EXIT_CODE.interrupted || exitCode === EXIT_UNEXPECTED;
  return { exitCode, event: { type: 'error', tag, message: messageOf(error), retryable, facts } };
}

/** How a process ended: with a code, or by a signal. */
export interface ProcessEnd {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** What the launcher knows about a process that ended without a result. */
export interface FailedProcess extends ProcessEnd {
  readonly errorEvent: EngineEventOf<'error'> | undefined;
  readonly lastLogLines: readonly string[];
  /** The launcher itself asked the process to end. */
  readonly stopRequested: boolean;
}

function endText({ exitCode, signal }: ProcessEnd): string {
  return signal === null ? `exit code ${exitCode}` : `signal ${signal}`;
}

/**
 * Maps the end of an engine process to an error:
 * 2 `Engine.InvalidInput` (final; `Engine.NotBuilt` and its like keep their tag), 3 `Engine.NumericalFailure` (final),
 * 75, and a stop that the launcher asked for, `Engine.Interrupted` (retryable), anything else `Engine.Crashed` (retryable).
 * `facts` holds those of the engine, its own tag as `engineTag`, exit code, signal and the last log lines.
 */
export function errorOfFailedProcess(process: FailedProcess): TramontanaError {
  const { errorEvent, exitCode, signal, lastLogLines, stopRequested } = process;
  const facts = {
    ...errorEvent?.facts,
    ...(errorEvent === undefined ? {} : { engineTag: errorEvent.tag }),
    exitCode,
    signal,
    lastLogLines,
  };
  const said = errorEvent?.message ?? `the engine process ended with ${endText(process)} and said nothing more`;
  if (exitCode === EXIT_CODE.invalidInput) {
    const isUnavailable = errorEvent !== undefined && UNAVAILABLE_TAGS.has(errorEvent.tag);
    return TramontanaError.fromOutside(isUnavailable ? errorEvent.tag : 'Engine.InvalidInput', said, { facts });
  }
  if (exitCode === EXIT_CODE.numericalFailure) return new TramontanaError('Engine.NumericalFailure', said, { facts });
  if (exitCode === EXIT_CODE.interrupted && errorEvent?.tag === 'Engine.Superseded') {
    return new TramontanaError('Engine.Superseded', said, { facts, retryable: true });
  }
  if (exitCode === EXIT_CODE.interrupted || stopRequested) {
    const text =
      exitCode === EXIT_CODE.interrupted
        ? said
        : `the engine process was asked to stop and ended with ${endText(process)}; its last checkpoint stands`;
    return new TramontanaError('Engine.Interrupted', text, { facts, retryable: true });
  }
  const tail = lastLogLines.length === 0 ? '' : `; last log line: ${lastLogLines.at(-1)}`;
  const detail = errorEvent === undefined ? tail : `: ${errorEvent.message}`;
  return new TramontanaError('Engine.Crashed', `the engine process ended with ${endText(process)}${detail}`, {
    facts,
    retryable: true,
  });
}
