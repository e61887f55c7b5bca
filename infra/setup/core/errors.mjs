// SPDX-License-Identifier: Apache-2.0
/** A failure that a person can act on: the message says what is wrong and what to do, no stack is shown. */
export class SetupError extends Error {
  /**
   * @param {string} message what failed, what was expected, what to do
   * @param {{logTail?: string, logFile?: string, cause?: unknown}} [details] last lines of the log to show, and where the rest lies
   */
  constructor(message, details = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'SetupError';
    this.logTail = details.logTail;
    this.logFile = details.logFile;
  }
}

/** The message of anything thrown. */
export const messageOf = (error) => (error instanceof Error ? error.message : String(error));
