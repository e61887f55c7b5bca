// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { isTramontanaError } from '../common/errors.js';
import { editDistance, suggestion } from '../common/suggestion.js';
import { commandHelp, parseCommandArguments, type CommandSpec } from './arguments.js';

const SPEC: CommandSpec = {
  name: 'run',
  summary: 'Run it.',
  positionals: 'CONFIG',
  minimumPositionals: 1,
  maximumPositionals: 1,
  options: [
    { name: 'out', value: 'DIR', description: 'Where to.' },
    { name: 'json', description: 'As JSON.' },
  ],
};

function messageFor(args: readonly string[]): string {
  try {
    parseCommandArguments(SPEC, args);
  } catch (error) {
    assert.ok(isTramontanaError(error, 'Cli.Usage'));
    return error.message;
  }
  return assert.fail(`accepted ${args.join(' ')}`);
}

describe('arguments of a command', () => {
  it('values, switches and positionals in any order', () => {
    for (const args of [
      ['x.yaml', '--out', 'runs', '--json'],
      ['--json', '--out=runs', 'x.yaml'],
    ]) {
      const parsed = parseCommandArguments(SPEC, args);
      assert.deepEqual(parsed.positionals, ['x.yaml']);
      assert.equal(parsed.value('out'), 'runs');
      assert.ok(parsed.flag('json'));
    }
    assert.equal(parseCommandArguments(SPEC, ['x.yaml']).value('out'), undefined);
  });

  it('whatever is not known is an error that names what is', () => {
    assert.match(
      messageFor(['x', '--jsn']),
      /unknown option --jsn\. Did you mean --json\? Known: --out, --json, --help/,
    );
    assert.match(messageFor(['x', '-j']), /unknown option -j\. Known/);
    assert.match(messageFor(['x', '--out']), /--out: expected a value \(DIR\), got none/);
    assert.match(messageFor(['x', '--json=yes']), /--json: expected no value, got yes/);
    assert.match(messageFor([]), /expected CONFIG, got none/);
    assert.match(messageFor(['x', 'y']), /expected CONFIG, got "x" "y"/);
  });

  it('help needs no positional and lists every option', () => {
    assert.ok(parseCommandArguments(SPEC, ['--help']).flag('help'));
    assert.match(commandHelp(SPEC), /Usage: tramontana run CONFIG \[options\][^]*--out DIR {2}Where to\./);
  });
});

describe('suggestions', () => {
  it('the edit distance is a metric on examples that can be checked by hand', () => {
    assert.equal(editDistance('kitten', 'sitting'), 3);
    assert.equal(editDistance('sitting', 'kitten'), 3);
    assert.equal(editDistance('', 'abc'), 3);
    assert.equal(editDistance('same', 'same'), 0);
  });

  it('near words are suggested, far ones are not', () => {
    assert.equal(suggestion('inspct', ['run', 'inspect']), ' Did you mean inspect?');
    assert.equal(suggestion('weather', ['run', 'inspect']), '');
  });
});
