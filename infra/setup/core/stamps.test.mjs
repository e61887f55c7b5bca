// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { fingerprint, listFiles } from './stamps.mjs';

test('a fingerprint changes with a name, a content and a fact, and with nothing else', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tramontana-stamps-'));
  try {
    const a = join(folder, 'a');
    const b = join(folder, 'b');
    writeFileSync(a, 'one');
    writeFileSync(b, 'two');
    const base = fingerprint([a, b], { node: '115' });
    assert.equal(fingerprint([a, b], { node: '115' }), base);
    assert.notEqual(fingerprint([a], { node: '115' }), base);
    assert.notEqual(fingerprint([a, b], { node: '127' }), base);
    // The same bytes, cut elsewhere, are other files.
    writeFileSync(a, 'onet');
    writeFileSync(b, 'wo');
    assert.notEqual(fingerprint([a, b], { node: '115' }), base);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('files are listed sorted, and folders that are refused are not entered', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tramontana-list-'));
  try {
    mkdirSync(join(folder, 'node_modules'));
    mkdirSync(join(folder, 'room'));
    for (const name of ['z.ts', 'room/a.ts', 'room/a.md', 'node_modules/x.ts']) writeFileSync(join(folder, name), '');
    const found = listFiles(
      folder,
      (name) => name.endsWith('.ts'),
      (name) => name !== 'node_modules',
    );
    assert.deepEqual(found, [join(folder, 'room/a.ts'), join(folder, 'z.ts')]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
