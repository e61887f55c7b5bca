// SPDX-License-Identifier: Apache-2.0
import { quoted, type CompletedCommand, type CompletedEntry, type Expected } from './entries.js';

/** Brackets and colons end the parts of what `_arguments` is told. */
const plain = (text: string): string => text.replaceAll(/[\\[\]:]/gu, '\\$&');

function actionOf(expected: Expected): string {
  if (expected === 'files') return '_files';
  if (expected === 'folders') return '_files -/';
  return expected === 'anything' ? ' ' : `(${expected.join(' ')})`;
}

function commandBody({ options, positionals }: CompletedCommand): string {
  const told = [
    ...options.map(({ name, description, value }) => {
      const taken = value === undefined ? '' : `:${plain(value.shown)}:${actionOf(value.expected)}`;
      return `--${name}${value === undefined ? '' : '='}[${plain(description)}]${taken}`;
    }),
    ...positionals.map(
      ({ shown, expected, isLast }, index) =>
        // options are offered where an argument may be anything
        `${isLast ? '*' : index + 1}:${plain(shown)}:${expected === 'anything' ? `_guard "^-*" ${shown}` : actionOf(expected)}`,
    ),
  ];
  return `  _arguments \\\n${told.map((line) => `    ${quoted(line)}`).join(' \\\n')}`;
}

function listBody(prefix: string, entries: readonly CompletedEntry[]): string {
  const lines = entries.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`);
  return `  if (( CURRENT == 2 )); then
    local -a commands
    commands=(
${lines.map((line) => `  ${line}`).join('\n')}
    )
    _describe command commands
  else
    shift words
    (( CURRENT -= 1 ))
    (( $+functions[${prefix}_$words[1]] )) && ${prefix}_$words[1]
  fi`;
}

function functionsOf(prefix: string, entries: readonly CompletedEntry[]): readonly string[] {
  return entries.flatMap((entry) => {
    const name = `${prefix}_${entry.name}`;
    const body = entry.kind === 'group' ? listBody(name, entry.entries) : commandBody(entry);
    return [`${name}() {\n${body}\n}`, ...(entry.kind === 'group' ? functionsOf(name, entry.entries) : [])];
  });
}

/** A script that zsh sources, or loads as `_tramontana` from its `fpath`. */
export function zshCompletion(entries: readonly CompletedEntry[]): string {
  return `#compdef tramontana
# zsh completion of tramontana: source <(tramontana completion zsh), or as the file _tramontana in a folder of fpath
${functionsOf('_tramontana', entries).join('\n')}
_tramontana() {
${listBody('_tramontana', entries)}
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _tramontana "$@"
else
  compdef _tramontana tramontana
fi
`;
}
