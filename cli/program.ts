// SPDX-License-Identifier: Apache-2.0
import { runCommandLine } from './command-line.js';
import { commandsFor } from './commands/index.js';
import { exitCodeOf } from './exit-codes.js';
import { printError } from './terminal/output.js';

/**
 * Runs one command; an error is told, never thrown.
 *
 * @returns the exit code
 */
export async function runProgram(args: readonly string[]): Promise<number> {
  try {
    return await runCommandLine(await commandsFor(args), args);
  } catch (error) {
    printError(error, args.includes('--json'));
    return exitCodeOf(error);
  }
}
