// SPDX-License-Identifier: Apache-2.0
/**
 * The one error type of the project: a tag to branch on, the facts to act on, a sentence to read.
 *
 * @module
 */
import type { ErrorTag } from './error-tags.js';

import { boundedValue, plainLines } from './text.js';

/** Facts of an error: small, serialisable, named with units (`maximumHours`, `foundUnits`). */
export type ErrorFacts = Readonly<Record<string, unknown>>;

export interface TramontanaErrorOptions {
  readonly facts?: ErrorFacts;
  /** True when the same call may succeed later without a change of input. Default false. */
  readonly retryable?: boolean;
  readonly cause?: unknown;
}

/**
 * An error with a dotted tag (`Ingest.UnknownUnits`), the facts and a decided retry policy.
 * The message names the thing, the expectation and the value. Both are bounded and free of control characters, for values of
 * files and callers stand in them: see common/text.ts.
 */
export class TramontanaError extends Error {
  readonly tag: ErrorTag;
  readonly facts: ErrorFacts;
  readonly retryable: boolean;

  constructor(tag: ErrorTag, message: string, options: TramontanaErrorOptions = {}) {
    super(plainLines(message), options.cause === undefined ? undefined : { cause: options.cause });
    this.name = tag;
    this.tag = tag;
    this.facts = boundedValue(options.facts ?? {}) as ErrorFacts;
    this.retryable = options.retryable ?? false;
  }

  /** An error that another process reports: its tag may be of another version, or of the system (`System.EIO`). */
  static fromOutside(tag: string, message: string, options: TramontanaErrorOptions = {}): TramontanaError {
    return new TramontanaError(tag as ErrorTag, message, options);
  }
}

/** Narrows to a TramontanaError, optionally with this tag. */
export function isTramontanaError(error: unknown, tag?: ErrorTag): error is TramontanaError {
  return error instanceof TramontanaError && (tag === undefined || error.tag === tag);
}

/** What `read` gives; undefined where it throws, as accessors of a foreign error may. */
export function tried<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** The message of anything thrown, whatever its accessors do. */
export function messageOf(error: unknown): string {
  return tried(() => String(error instanceof Error ? error.message : error)) ?? 'an error whose message cannot be read';
}
