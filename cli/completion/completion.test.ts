// SPDX-License-Identifier: Apache-2.0
/** Completion as the shells themselves do it; a shell that is not installed is skipped. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { loadCommands } from '../commands/index.js';
import { bashCompletion } from './bash.js';
import { commandsByPath, completedEntries } from './entries.js';
import { fishCompletion } from './fish.js';
import { zshCompletion } from './zsh.js';

const ENTRIES = completedEntries(await loadCommands());
const without = (shell: string): string | false =>
  spawnSync(shell, ['-c', 'true']).error === undefined ? false : `${shell} is not installed`;

/** What is typed, and what is offered for its last word. */
const CASES: readonly (readonly [string, readonly string[]])[] = [
  ['sch', ['schedule']],
  ['schedule ap', ['apply']],
  ['run --fr', ['--from']],
  ['schedule backfill x --conc', ['--concurrency']],
  ['rerun w --from qu', ['quality-gate']],
  ['status --only ti', ['timed-out']],
  ['run do', ['domain.yaml']],
  ['run --json do', ['domain.yaml']],
  ['run --out ru', ['runs/']],
  ['golden a ru', ['runs/']],
  ['completion f', ['fish']],
];

describe('completion', () => {
  let folder: string;
  const file = (shell: string): string => join(folder, `script.${shell}`);
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tramontana-completion-'));
    await mkdir(join(folder, 'runs'));
    await writeFile(join(folder, 'domain.yaml'), '');
    await writeFile(file('bash'), bashCompletion(ENTRIES));
    await writeFile(file('zsh'), zshCompletion(ENTRIES));
    await writeFile(file('fish'), fishCompletion(ENTRIES));
  });
  after(() => rm(folder, { recursive: true }));

  it('every command and every option is in every script', () => {
    for (const script of [bashCompletion(ENTRIES), zshCompletion(ENTRIES), fishCompletion(ENTRIES)]) {
      for (const [path, { options }] of commandsByPath(ENTRIES)) {
        for (const word of path.split(' ')) assert.ok(script.includes(word), path);
        for (const { name } of options) assert.ok(script.includes(name), `${path} ${name}`);
      }
    }
  });

  it('bash offers them', { skip: without('bash') }, () => {
    const ask = `source "$0"; COMP_WORDS=(tramontana "$@"); COMP_CWORD=$#; _tramontana; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const offered = (words: readonly string[]): string[] =>
      execFileSync('bash', ['--norc', '-c', ask, file('bash'), ...words], { cwd: folder, encoding: 'utf8' })
        .trim()
        .split('\n');
    for (const [typed, expected] of CASES) {
      // bash itself adds the slash to a folder
      assert.deepEqual(
        offered(typed.split(' ')),
        expected.map((word) => word.replace(/\/$/u, '')),
        typed,
      );
    }
    assert.deepEqual(offered(['status', '--only', '=', 'ti']), ['timed-out']);
    assert.deepEqual(offered(['run', 'x', 'do']), ['']);
  });

  it('fish offers them', { skip: without('fish') }, () => {
    for (const [typed, expected] of CASES) {
      const ask = `source ${file('fish')}; complete -C ${JSON.stringify(`tramontana ${typed}`)}`;
      const answer = execFileSync('fish', ['--no-config', '-c', ask], { cwd: folder, encoding: 'utf8' });
      const offered = answer
        .trim()
        .split('\n')
        .map((line) => line.split('\t')[0]);
      assert.deepEqual(offered, expected, typed);
    }
  });

  it('zsh offers them, asked by the key', { skip: without('zsh') }, () => {
    // in a terminal of its own, where the program says what it is called with once the key has completed the line
    const lines = [
      'autoload -Uz compinit; compinit -u -D',
      `source ${file('zsh')}`,
      'tramontana() { print -r -- "<$*>" }',
      ...CASES.map(([typed]) => `tramontana ${typed}\\t`),
      'exit',
    ];
    const ask = [
      'zmodload zsh/zpty; zpty shell zsh -f -i',
      ...lines.map((line) => `zpty -w shell $'${line.replaceAll("'", "\\'")}'`),
      'while zpty -r shell told; do print -rn -- "$told"; done; zpty -d shell',
    ].join('\n');
    const { stdout } = spawnSync('zsh', ['-f', '-c', ask], { cwd: folder, encoding: 'utf8', timeout: 30_000 });
    assert.deepEqual(
      [...stdout.matchAll(/<([^$<>]*)>/gu)].map(([, words]) => words?.trim()),
      // the key takes the slash of a folder back when the line ends there
      CASES.map(([typed, [offered = '']]) => typed.replace(/\S+$/u, offered.replace(/\/$/u, ''))),
    );
  });
});
