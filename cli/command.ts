// SPDX-License-Identifier: Apache-2.0
/** One option of a command. */
export interface OptionSpec {
  readonly name: string;
  /** What stands for the value in the help, e.g. `DIR`; absent for a switch. */
  readonly value?: string;
  readonly description: string;
  /** The values that are taken; any other is refused before the command runs. */
  readonly choices?: readonly string[];
}

/** One argument that is not an option. */
export interface PositionalSpec {
  /** What stands for it in the help, e.g. `CONFIG`; with `...` at its end for one or more. */
  readonly name: string;
  readonly choices?: readonly string[];
  /** The last one may be. */
  readonly isOptional?: boolean;
}

/** What a command takes. */
export interface CommandSpec {
  readonly name: string;
  readonly summary: string;
  /** In their order. */
  readonly positionals?: readonly PositionalSpec[];
  readonly options: readonly OptionSpec[];
}

/** A parsed command line. */
export interface ParsedArguments {
  readonly positionals: readonly string[];
  flag(name: string): boolean;
  value(name: string): string | undefined;
}

/** A command of the command line. */
export interface Command {
  readonly spec: CommandSpec;
  /** @returns the exit code */
  run(args: ParsedArguments): Promise<number>;
}

/** Commands under one name, e.g. `schedule apply`. */
export interface CommandGroup {
  readonly spec: Pick<CommandSpec, 'name' | 'summary'>;
  readonly commands: readonly Command[];
}

/** Taken by every command. */
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
