// SPDX-License-Identifier: Apache-2.0
import { commandsByPath, quoted, type CompletedEntry, type Expected } from './entries.js';

const told = (expected: Expected): string => (typeof expected === 'string' ? expected : `of ${expected.join(' ')}`);

/** A script that bash 4 and later sources. */
export function bashCompletion(entries: readonly CompletedEntry[]): string {
  const commands = commandsByPath(entries);
  const groups = entries.filter((entry) => entry.kind === 'group');
  const names = (list: readonly { readonly name: string }[]): string => list.map(({ name }) => name).join(' ');
  const expectations = commands.flatMap(([path, { options, positionals }]) => [
    ...options.flatMap(({ name, value }) =>
      value === undefined ? [] : [`    ${quoted(`${path} --${name}`)}) expected=${quoted(told(value.expected))} ;;`],
    ),
    ...positionals.map(({ expected, isLast }, position) => {
      const pattern = isLast ? `${quoted(`${path} `)}[0-9]*` : quoted(`${path} ${position}`);
      return `    ${pattern}) expected=${quoted(told(expected))} ;;`;
    }),
  ]);
  return `# bash completion of tramontana: source <(tramontana completion bash)
_tramontana_expected() {
  expected=''
  case $1 in
${expectations.join('\n')}
  esac
}

_tramontana_reply() {
  mapfile -t COMPREPLY < <(compgen "$@" -- "$word")
}

_tramontana() {
  local word=\${COMP_WORDS[COMP_CWORD]} path=\${COMP_WORDS[1]} begin=2 position=0 expected='' index
  COMPREPLY=()
  [[ $word == '=' ]] && word=''
  if ((COMP_CWORD == 1)); then
    _tramontana_reply -W ${quoted(`${names(entries)} help --help --version`)}
    return
  fi
  case $path in
${groups.map(({ name }) => `    ${name}) path="$path \${COMP_WORDS[2]}" begin=3 ;;`).join('\n')}
  esac
  if ((COMP_CWORD < begin)); then
    case \${COMP_WORDS[1]} in
${groups.map((group) => `      ${group.name}) _tramontana_reply -W ${quoted(`${names(group.entries)} --help`)} ;;`).join('\n')}
    esac
    return
  fi
  for ((index = begin; index < COMP_CWORD; index++)); do
    if [[ -n $expected ]]; then
      [[ \${COMP_WORDS[index]} == '=' ]] || expected=''
    elif [[ \${COMP_WORDS[index]} == -* ]]; then
      _tramontana_expected "$path \${COMP_WORDS[index]}"
    else
      position=$((position + 1))
    fi
  done
  if [[ -z $expected && $word == -* ]]; then
    case $path in
${commands.map(([path, { options }]) => `      ${quoted(path)}) _tramontana_reply -W ${quoted(options.map(({ name }) => `--${name}`).join(' '))} ;;`).join('\n')}
    esac
    return
  fi
  [[ -n $expected ]] || _tramontana_expected "$path $position"
  case $expected in
    files) compopt -o filenames 2>/dev/null; _tramontana_reply -f ;;
    folders) compopt -o filenames 2>/dev/null; _tramontana_reply -d ;;
    'of '*) _tramontana_reply -W "\${expected#of }" ;;
  esac
}

complete -F _tramontana tramontana
`;
}
