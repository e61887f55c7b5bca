// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { inRoot } from '../setup/core/paths.mjs';
import { entriesWithoutHash, missingOptionalPackages } from './complete-lock.mjs';

test('the lock file holds every optional package, so that npm ci takes it on every platform', () => {
  const { packages } = JSON.parse(readFileSync(inRoot('package-lock.json'), 'utf8'));
  const missing = missingOptionalPackages(packages).map(({ name, range }) => `${name} ${range}`);
  assert.deepEqual(missing, [], 'run: node infra/dev/complete-lock.mjs');
});

test('the lock file names no place to download from, so that every registry serves', () => {
  const { packages } = JSON.parse(readFileSync(inRoot('package-lock.json'), 'utf8'));
  assert.deepEqual(
    Object.keys(packages).filter((path) => 'resolved' in packages[path]),
    [],
  );
});

test('every package of the lock file, those of other platforms included, has its SHA-512', () => {
  const { packages } = JSON.parse(readFileSync(inRoot('package-lock.json'), 'utf8'));
  const strange = Object.keys(packages).filter(
    (path) => path !== '' && !/^sha512-[A-Za-z0-9+/]{86}==$/.test(packages[path].integrity ?? ''),
  );
  assert.deepEqual(strange, [], 'run: node infra/dev/complete-lock.mjs');
});

test('an entry without a hash is found, whatever its platform; a link to a folder needs none', () => {
  const packages = {
    '': {},
    'node_modules/a': { integrity: 'sha512-x' },
    'node_modules/a-win32-x64': { optional: true, os: ['win32'] },
    'node_modules/a/node_modules/b': { version: '1.0.0' },
    'node_modules/own': { link: true },
  };
  assert.deepEqual(entriesWithoutHash(packages), ['node_modules/a-win32-x64', 'node_modules/a/node_modules/b']);
});

test('an optional package counts as held when it lies in a folder above its owner', () => {
  const packages = {
    '': {},
    'node_modules/a': { optionalDependencies: { b: '1.0.0', c: '1.0.0' } },
    'node_modules/b': {},
    'node_modules/a/node_modules/d': { optionalDependencies: { b: '1.0.0' } },
  };
  assert.deepEqual(
    missingOptionalPackages(packages).map(({ name }) => name),
    ['c'],
  );
});
