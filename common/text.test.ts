// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { isTramontanaError } from './errors.js';
import { isWithin, makeFolder, realPathOf } from './paths.js';
import { boundedValue, markdownLine, plainLine, shortened, terminalText } from './text.js';

describe('foreign text', () => {
  it('is bounded, says how much is not shown, and is never cut inside a character', () => {
    assert.equal(shortened('abcdef', 3), 'abc... (3 more characters)');
    assert.equal(shortened('a\u{1f32c}b', 2), 'a... (3 more characters)');
  });

  it('commands neither a terminal nor a page', () => {
    assert.equal(plainLine('\u001b[2Jx\ny\u202e'), '\\u{1b}[2Jx y\\u{202e}');
    assert.equal(markdownLine('a | [b](c) <d>'), 'a \\| \\[b\\](c) \\<d\\>');
  });

  it('on the terminal only our own colours act', () => {
    assert.equal(terminalText('\u001b[31merror\u001b[39m a\n\tb'), '\u001b[31merror\u001b[39m a\n\tb');
    // concealed text, a moved cursor, a title, a link, the clipboard, a carriage return, an eight-bit command, reversed text
    for (const command of [
      '\u001b[8m',
      '\u001b[1A',
      '\u001b]0;x\u0007',
      '\u001b]8;;http://x\u001b\\',
      '\u001b]52;c;eA==\u0007',
    ]) {
      assert.ok(terminalText(`a${command}b`).startsWith('a\\u{1b}'), JSON.stringify(command));
    }
    assert.equal(terminalText('a\rb\u009b2J\u202ec\u0000'), 'a\\u{d}b\\u{9b}2J\\u{202e}c\\u{0}');
  });

  it('facts stay small whatever they hold', () => {
    let deep: unknown = 'x'.repeat(1e6);
    for (let level = 0; level < 1000; level += 1) deep = { deep, list: Array<string>(500).fill('x'.repeat(5000)) };
    assert.ok(JSON.stringify(boundedValue(deep)).length < 1_000_000);
  });
});

describe('paths', () => {
  it('a folder where none can be made is a typed error at once', async () => {
    for (const path of ['/proc/x', '/proc/x/y/z', '/dev/null/x']) {
      await assert.rejects(makeFolder(path), (error) => isTramontanaError(error, 'Storage.NoFolder'), path);
    }
  });

  it('inside is judged by whole names', async () => {
    assert.ok(isWithin('/a/b', '/a/b/c') && isWithin('/a', '/a') && isWithin('/', '/a') && isWithin('/a', '/a/..b'));
    assert.ok(!isWithin('/a/b', '/a/bc') && !isWithin('/a/b', '/a'));
    assert.equal(await realPathOf('/proc/self/../absent/x'), '/proc/absent/x');
  });
});
