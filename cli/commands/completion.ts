// SPDX-License-Identifier: Apache-2.0
import { JSON_OPTION, type Command, type CommandGroup } from '../command.js';
import { bashCompletion } from '../completion/bash.js';
import { completedEntries, type CompletedEntry } from '../completion/entries.js';
import { fishCompletion } from '../completion/fish.js';
import { zshCompletion } from '../completion/zsh.js';
import { EXIT_CODES } from '../exit-codes.js';
import { printJson } from '../terminal/output.js';

const SCRIPTS: Readonly<Record<string, (entries: readonly CompletedEntry[]) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

/** @param table - every command, this one included */
export function completionCommand(table: () => Promise<readonly (Command | CommandGroup)[]>): Command {
  return {
    spec: {
      name: 'completion',
      summary: 'Print what teaches a shell to complete commands, options and their values.',
      positionals: [{ name: 'SHELL', choices: Object.keys(SCRIPTS) }],
      options: [JSON_OPTION],
    },
    async run(args) {
      const [shell = ''] = args.positionals;
      const script = SCRIPTS[shell]?.(completedEntries(await table())) ?? '';
      if (args.flag('json')) printJson({ shell, script });
      // as it stands: shells are told to run it
      else process.stdout.write(script);
      return EXIT_CODES.done;
    },
  };
}
