// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { isTramontanaError } from '../common/errors.js';
import { runCommandLine } from './command-line.js';
import type { Command, CommandGroup, ParsedArguments } from './command.js';

/** A table of two commands that keep what they were given. */
function table(): { entries: readonly (Command | CommandGroup)[]; given: () => ParsedArguments } {
  let kept: ParsedArguments | undefined;
  const run = (args: ParsedArguments): Promise<number> => {
    kept = args;
    return Promise.resolve(3);
  };
  const spec = {
    name: 'run',
    summary: 'Run it.',
    positionals: [{ name: 'CONFIG' }],
    options: [
      { name: 'out', value: 'DIR', description: 'Where to.' },
      { name: 'health', value: '[HOST:]PORT', description: 'Where to ask.' },
      { name: 'from', value: 'STAGE', description: 'From there.', choices: ['mesh', 'fit'] },
      { name: 'no-reuse', description: 'All of it.' },
      { name: 'json', description: 'As JSON.' },
    ],
  };
  const many = { name: 'many', summary: 'Take many.', positionals: [{ name: 'DIR...' }], options: [] };
  const entries = [
    { spec, run },
    { spec: { name: 'group', summary: 'Of commands.' }, commands: [{ spec: many, run }] },
  ];
  return { entries, given: () => kept ?? assert.fail('the command ran') };
}

async function messageFor(...args: string[]): Promise<string> {
  try {
    await runCommandLine(table().entries, args);
  } catch (error) {
    assert.ok(isTramontanaError(error, 'Cli.Usage'));
    return error.message;
  }
  return assert.fail(`accepted ${args.join(' ')}`);
}

describe('the command line', () => {
  it('gives a command its values, switches and positionals, in any order, and returns its exit code', async () => {
    for (const args of [
      ['run', 'x.yaml', '--out', 'runs', '--json', '--no-reuse'],
      ['run', '--no-reuse', '--json', '--out=runs', 'x.yaml'],
    ]) {
      const { entries, given } = table();
      assert.equal(await runCommandLine(entries, args), 3);
      const parsed = given();
      assert.deepEqual(parsed.positionals, ['x.yaml']);
      assert.equal(parsed.value('out'), 'runs');
      assert.ok(parsed.flag('json') && parsed.flag('no-reuse') && !parsed.flag('from'));
      assert.equal(parsed.value('from'), undefined);
    }
    const { entries, given } = table();
    await runCommandLine(entries, ['group', 'many', 'a', 'b']);
    assert.deepEqual(given().positionals, ['a', 'b']);
    assert.ok(!given().flag('no-reuse'));
  });

  it('whatever is not known is an error that names the command and what is near', async () => {
    assert.match(await messageFor('run', 'x', '--jsn'), /^tramontana run: unknown option '--jsn' .*--json\?/);
    assert.match(await messageFor('run', 'x', '-j'), /unknown option '-j'/);
    assert.match(await messageFor('run', 'x', '--json=yes'), /unknown option '--json=yes'/);
    assert.match(await messageFor('run', 'x', '--out'), /'--out <DIR>' argument missing/);
    assert.match(await messageFor('run', 'x', '--health'), /argument missing/);
    assert.match(await messageFor('run', 'x', '--from', 'it'), /'it' is invalid\. Allowed choices are mesh, fit/);
    assert.match(await messageFor('run'), /missing required argument 'CONFIG'/);
    assert.match(await messageFor('run', 'x', 'y'), /Expected 1 argument but got 2/);
    assert.match(await messageFor('rn'), /^tramontana: unknown command 'rn' \(Did you mean run\?\)/);
    assert.match(await messageFor('group'), /^tramontana group: expected one of many, got none/);
    assert.match(await messageFor('group', 'mny'), /^tramontana group: unknown command 'mny'/);
  });
});
