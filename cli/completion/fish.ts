// SPDX-License-Identifier: Apache-2.0
import { commandsByPath, type CompletedEntry, type Expected } from './entries.js';

/** Text in single quotes of fish. */
const quoted = (text: string): string => `'${text.replaceAll(/['\\]/gu, '\\$&')}'`;

function argumentsOf(expected: Expected): string {
  if (expected === 'files') return '-F';
  if (expected === 'folders') return `-x -a '(__fish_complete_directories)'`;
  return expected === 'anything' ? '-x' : `-x -a ${quoted(expected.join(' '))}`;
}

/** A script that fish sources. */
export function fishCompletion(entries: readonly CompletedEntry[]): string {
  const at = (path: string): string => `complete -c tramontana -n ${quoted(`__tramontana_at ${path}`.trim())}`;
  const below = (path: string): string => `complete -c tramontana -n ${quoted(`__tramontana_below ${path}`)}`;
  const listed = (path: string, list: readonly CompletedEntry[]): readonly string[] =>
    list.map(({ name, summary }) => `${at(path)} -a ${name} -d ${quoted(summary)}`);
  const lines = [
    ...listed('', entries),
    ...entries.flatMap((entry) => (entry.kind === 'group' ? listed(entry.name, entry.entries) : [])),
    ...commandsByPath(entries).flatMap(([path, { options, positionals }]) => [
      ...options.map(({ name, description, value }) => {
        const taken = value === undefined ? '' : `-r ${argumentsOf(value.expected)} `;
        return `${below(path)} -l ${name} ${taken}-d ${quoted(description)}`;
      }),
      ...positionals
        .filter(({ expected }) => expected !== 'anything')
        .map(({ expected }) => `${below(path)} ${argumentsOf(expected).replace(/^-x /u, '')}`),
    ]),
  ];
  return `# fish completion of tramontana: tramontana completion fish | source
function __tramontana_at --description 'Whether exactly these words follow the program'
    set -l words (commandline -opc)
    test "$words[2..-1]" = "$argv"
end

function __tramontana_below --description 'Whether the words after the program begin with these'
    set -l words (commandline -opc)
    set -l end (math (count $argv) + 1)
    test (count $words) -ge $end; and test "$words[2..$end]" = "$argv"
end

complete -c tramontana -f
${lines.join('\n')}
`;
}
