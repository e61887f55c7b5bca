// SPDX-License-Identifier: Apache-2.0
import { isTramontanaError, messageOf } from '../../common/errors.js';
import { plainLines, terminalText } from '../../common/text.js';
import { EXIT_CODES } from '../exit-codes.js';
import { styleFor } from './style.js';

/** Version of every JSON document that a command prints. */
export const JSON_SCHEMA_VERSION = 1;

/** Prints the one JSON document of a command to stdout. */
export function printJson(value: object): void {
  process.stdout.write(`${JSON.stringify({ schemaVersion: JSON_SCHEMA_VERSION, ...value }, null, 2)}\n`);
}

/** Prints the result of a command for people to stdout; what came from files and servers cannot command the terminal. */
export function printText(text: string): void {
  process.stdout.write(`${terminalText(text)}\n`);
}

/** As {@link printText}, beside the result, to stderr. */
export function printNote(text: string): void {
  process.stderr.write(`${terminalText(text)}\n`);
}

/**
 * Tells an error: one message, no stack (set `TRAMONTANA_DEBUG` to see it). With `--json` also as the one document on stdout.
 */
export function printError(error: unknown, asJson: boolean): void {
  const tag = isTramontanaError(error) ? error.tag : 'Internal.Unexpected';
  const facts = isTramontanaError(error) ? error.facts : {};
  // a message may hold text of a file or of another's workflow
  const message = plainLines(messageOf(error));
  if (asJson) printJson({ error: { tag, message, facts } });
  printNote(`${styleFor(process.stderr).red('error')} ${message}\n      (${tag})`);
  if ((process.env['TRAMONTANA_DEBUG'] ?? '') !== '' && error instanceof Error) printNote(String(error.stack));
}

/**
 * A reader that has enough (`| head -1`) or is gone ends no command; what else keeps the result from being written is told and fails it.
 *
 * @returns whether a result was lost so far
 */
export function guardOutput(): () => boolean {
  let isLost = false;
  process.stderr.on('error', () => undefined);
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || isLost) return;
    isLost = true;
    // the command may have ended before the system says so
    process.exitCode = EXIT_CODES.failed;
    printNote(`${styleFor(process.stderr).red('error')} standard output: expected to be written, got ${error.message}`);
  });
  return () => isLost;
}
