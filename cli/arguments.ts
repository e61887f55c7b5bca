// SPDX-License-Identifier: Apache-2.0
import { parseArgs } from 'node:util';

import { TramontanaError } from '../common/errors.js';
import { suggestion } from '../common/suggestion.js';

/** One option of a command. */
export interface OptionSpec {
  readonly name: string;
  /** What stands for the value in the help, e.g. `DIR`; absent for a switch. */
  readonly value?: string;
  readonly description: string;
}

/** What a command takes. */
export interface CommandSpec {
  readonly name: string;
  readonly summary: string;
  /** Instead of the summary in the list of commands. */
  readonly headline?: string;
  /** What stands for the positional arguments in the help, e.g. `CONFIG`. */
  readonly positionals: string;
  readonly minimumPositionals: number;
  readonly maximumPositionals: number;
  readonly options: readonly OptionSpec[];
}

/** A parsed command line. */
export interface ParsedArguments {
  readonly positionals: readonly string[];
  flag(name: string): boolean;
  value(name: string): string | undefined;
}

function usageError(message: string, facts: Readonly<Record<string, unknown>>): TramontanaError {
  return new TramontanaError('Cli.Usage', message, { facts });
}

/**
 * Parses the arguments of one command; strict: whatever is not known is an error with a suggestion.
 *
 * @throws {TramontanaError} `Cli.Usage`
 */
export function parseCommandArguments(spec: CommandSpec, args: readonly string[]): ParsedArguments {
  const options = [...spec.options, { name: 'help', description: '' } satisfies OptionSpec];
  const { tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(
      options.map((option) => [option.name, { type: isSwitch(option) ? ('boolean' as const) : ('string' as const) }]),
    ),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const positionals: string[] = [];
  const values = new Map<string, string>();
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const option = options.find(({ name }) => name === token.name && token.rawName.startsWith('--'));
    if (option === undefined) {
      const known = options.map(({ name }) => `--${name}`);
      throw usageError(
        `tramontana ${spec.name}: unknown option ${token.rawName}.${suggestion(token.rawName, known)} Known: ${known.join(', ')}`,
        { command: spec.name, option: token.rawName },
      );
    }
    if (isSwitch(option) !== (token.value === undefined)) {
      const expected = isSwitch(option) ? 'no value' : `a value (${option.value})`;
      throw usageError(
        `tramontana ${spec.name}: --${option.name}: expected ${expected}, got ${token.value ?? 'none'}`,
        {
          command: spec.name,
          option: option.name,
        },
      );
    }
    values.set(option.name, token.value ?? '');
  }
  const parsed = { positionals, flag: (name: string) => values.has(name), value: (name: string) => values.get(name) };
  if (!parsed.flag('help')) checkPositionals(spec, positionals);
  return parsed;
}

function isSwitch(option: OptionSpec): boolean {
  return option.value === undefined;
}

function checkPositionals(spec: CommandSpec, positionals: readonly string[]): void {
  const { minimumPositionals, maximumPositionals } = spec;
  if (positionals.length >= minimumPositionals && positionals.length <= maximumPositionals) return;
  const expected = maximumPositionals === 0 ? 'no argument' : spec.positionals;
  const got = positionals.length === 0 ? 'none' : positionals.map((text) => `"${text}"`).join(' ');
  throw usageError(`tramontana ${spec.name}: expected ${expected}, got ${got}`, { command: spec.name, positionals });
}

/** The help page of one command. */
export function commandHelp(spec: CommandSpec): string {
  const rows = [...spec.options, { name: 'help', description: 'Show this page.' } satisfies OptionSpec].map(
    (option): [string, string] => [`--${option.name}${isSwitch(option) ? '' : ` ${option.value}`}`, option.description],
  );
  const width = Math.max(...rows.map(([left]) => left.length));
  const head = ['tramontana', spec.name, spec.positionals, '[options]'].filter((part) => part !== '').join(' ');
  return [
    `Usage: ${head}`,
    '',
    spec.summary,
    '',
    'Options:',
    ...rows.map(([a, b]) => `  ${a.padEnd(width)}  ${b}`),
  ].join('\n');
}
