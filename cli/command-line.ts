// SPDX-License-Identifier: Apache-2.0
/**
 * The table of commands, read by commander.
 *
 * @module
 */
import { Argument, Command as Parser, CommanderError, Option } from 'commander';

import { TramontanaError } from '../common/errors.js';
import { packageVersion } from '../common/version.js';
import type { Command, CommandGroup, OptionSpec, ParsedArguments, PositionalSpec } from './command.js';
import { EXIT_CODES } from './exit-codes.js';
import { printText } from './terminal/output.js';

const EXIT_CODE_HELP = `
Exit codes: 0 done, 1 failed, 2 command line, configuration or data cannot be used, 3 the model could not be fitted,
130 stopped by Ctrl-C.`;

function optionOf({ name, value, description, choices }: OptionSpec): Option {
  const option = new Option(value === undefined ? `--${name}` : `--${name} <${value}>`, description);
  // brackets in what stands for the value do not make it optional
  option.optional = false;
  return choices === undefined ? option : option.choices(choices);
}

function argumentOf({ name, choices, isOptional = false }: PositionalSpec): Argument {
  const argument = new Argument(isOptional ? `[${name}]` : `<${name}>`);
  return choices === undefined ? argument : argument.choices(choices);
}

/** What commander parsed, by the names of the table: `--no-x` is its option `x`, made false. */
function parsedBy(parser: Parser): ParsedArguments {
  const given = (name: string): unknown => {
    const key = parser.options.find(({ long }) => long === `--${name}`)?.attributeName();
    return key !== undefined && parser.getOptionValueSource(key) === 'cli' ? parser.getOptionValue(key) : undefined;
  };
  return {
    positionals: parser.args,
    flag: (name) => given(name) !== undefined,
    value: (name) => {
      const value = given(name);
      return typeof value === 'string' ? value : undefined;
    },
  };
}

/** A parser whose end, other than by a page of help, is an error of ours that names the command. */
function withOwnErrors(parser: Parser, path: string): Parser {
  return parser
    .helpOption('-h, --help', 'Show this page.')
    .configureOutput({ writeOut: (text) => printText(text.trimEnd()), writeErr: () => undefined })
    .exitOverride((end) => {
      if (end.exitCode === EXIT_CODES.done) throw end;
      const names = parser.commands.map((command) => command.name()).join(', ');
      const message =
        end.code === 'commander.help'
          ? `expected one of ${names}, got none`
          : end.message.replace(/^error: /u, '').replaceAll('\n', ' ');
      throw new TramontanaError('Cli.Usage', `${path}: ${message}`, { facts: { command: path, code: end.code } });
    });
}

function add(parent: Parser, path: string, entry: Command | CommandGroup, onEnd: (code: number) => void): void {
  const { name, summary } = entry.spec;
  const parser = withOwnErrors(parent.command(name).description(summary), `${path} ${name}`);
  if ('commands' in entry) {
    for (const command of entry.commands) add(parser, `${path} ${name}`, command, onEnd);
    return;
  }
  for (const positional of entry.spec.positionals ?? []) parser.addArgument(argumentOf(positional));
  for (const option of entry.spec.options) parser.addOption(optionOf(option));
  parser.action(async () => onEnd(await entry.run(parsedBy(parser))));
}

/**
 * Runs the command that the arguments name; strict: whatever is not known is an error with a suggestion.
 *
 * @returns the exit code
 * @throws {TramontanaError} `Cli.Usage`, and what the command throws
 */
export async function runCommandLine(
  entries: readonly (Command | CommandGroup)[],
  args: readonly string[],
): Promise<number> {
  let exitCode: number = EXIT_CODES.done;
  const program = withOwnErrors(new Parser('tramontana'), 'tramontana')
    .description('Pipelined air-quality forecasting on Temporal.')
    .version(packageVersion(), '--version', 'Print the version.')
    .helpCommand('help [command]', 'Show the page of a command.')
    .addHelpText('after', EXIT_CODE_HELP);
  for (const entry of entries) add(program, 'tramontana', entry, (code) => (exitCode = code));
  try {
    await program.parseAsync(args.length === 0 ? ['--help'] : args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
  }
  return exitCode;
}
