// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { findInexecutable, markExecutables, ownPrograms } from './executables.mjs';
import { inRoot } from './paths.mjs';

test('the program of the package is known', () => {
  assert.deepEqual(ownPrograms(), [inRoot('dist', 'cli', 'main.js')]);
});

test('a program that is absent or may not be executed is found; marked, it may', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tramontana-executables-'));
  try {
    const program = join(folder, 'program.js');
    assert.equal(findInexecutable([program]), program);
    writeFileSync(program, '', { mode: 0o644 });
    assert.equal(findInexecutable([program]), program);
    markExecutables([program]);
    assert.equal(findInexecutable([program]), undefined);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
