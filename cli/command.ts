// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec, OptionSpec, ParsedArguments } from './arguments.js';

/** A command of the command line. */
export interface Command {
  readonly spec: CommandSpec;
  /** @returns the exit code */
  run(args: ParsedArguments): Promise<number>;
}

/** Taken by every command that has a result. */
export const JSON_OPTION: OptionSpec = {
  name: 'json',
  description: 'Print one JSON document to stdout; everything else goes to stderr.',
};

/** Taken by the commands that need the state of earlier runs. */
export const STATE_OPTION: OptionSpec = {
  name: 'state',
  value: 'DIR',
  description: 'Store, checkpoints, database and logs. Default: $TRAMONTANA_STATE, else .tramontana.',
};
