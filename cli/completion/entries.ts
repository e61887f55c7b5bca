// SPDX-License-Identifier: Apache-2.0
import type { Command, CommandGroup, CommandSpec } from '../command.js';

/** What a word may be: a path, one of a few, or anything. */
export type Expected = 'files' | 'folders' | 'anything' | readonly string[];

/** An option as a shell completes it. */
export interface CompletedOption {
  readonly name: string;
  readonly description: string;
  /** Absent for a switch. */
  readonly value?: { readonly shown: string; readonly expected: Expected };
}

/** A command as a shell completes it. */
export interface CompletedCommand {
  readonly kind: 'command';
  readonly name: string;
  readonly summary: string;
  readonly options: readonly CompletedOption[];
  readonly positionals: readonly { readonly shown: string; readonly expected: Expected; readonly isLast: boolean }[];
}

/** Commands under one name. */
export interface CompletedGroup {
  readonly kind: 'group';
  readonly name: string;
  readonly summary: string;
  readonly entries: readonly CompletedCommand[];
}

export type CompletedEntry = CompletedCommand | CompletedGroup;

const FILES = new Set(['CONFIG', 'FILE', 'MODEL.json', 'PATH']);

/** By the words of the help, so that these are the same throughout. */
function expectedOf(shown: string, choices?: readonly string[]): Expected {
  if (choices !== undefined) return choices;
  if (shown.startsWith('DIR')) return 'folders';
  return FILES.has(shown) ? 'files' : 'anything';
}

function completedCommand({ name, summary, options, positionals = [] }: CommandSpec): CompletedCommand {
  return {
    ...{ kind: 'command', name, summary },
    options: [...options, { name: 'help', description: 'Show this page.' } as CommandSpec['options'][number]].map(
      ({ name: option, description, value, choices }) => ({
        name: option,
        description,
        ...(value === undefined ? {} : { value: { shown: value, expected: expectedOf(value, choices) } }),
      }),
    ),
    positionals: positionals.map(({ name: shown, choices }) => ({
      shown,
      expected: expectedOf(shown, choices),
      isLast: shown.endsWith('...'),
    })),
  };
}

/** The table of commands as the scripts of the shells have it. */
export function completedEntries(table: readonly (Command | CommandGroup)[]): readonly CompletedEntry[] {
  return table.map((entry) =>
    'commands' in entry
      ? { kind: 'group', ...entry.spec, entries: entry.commands.map(({ spec }) => completedCommand(spec)) }
      : completedCommand(entry.spec),
  );
}

/** Every command by the words that name it, e.g. `schedule apply`. */
export function commandsByPath(entries: readonly CompletedEntry[]): readonly (readonly [string, CompletedCommand])[] {
  return entries.flatMap((entry): (readonly [string, CompletedCommand])[] =>
    entry.kind === 'command'
      ? [[entry.name, entry]]
      : entry.entries.map((command) => [`${entry.name} ${command.name}`, command]),
  );
}

/** Text in single quotes of a POSIX shell. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
