// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { inRoot } from '../setup/core/paths.mjs';
import { missingOptionalPackages, platformOf } from './complete-lock.mjs';

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

test('platforms are read from package names', () => {
  assert.deepEqual(platformOf('@swc/core-darwin-arm64'), { os: 'darwin', cpu: 'arm64', libc: undefined });
  assert.deepEqual(platformOf('@unrs/resolver-binding-linux-arm-musleabihf'), {
    os: 'linux',
    cpu: 'arm',
    libc: 'musl',
  });
  assert.deepEqual(platformOf('@swc/core-linux-s390x-gnu'), { os: 'linux', cpu: 's390x', libc: 'glibc' });
  assert.deepEqual(platformOf('@unrs/resolver-binding-win32-x64-msvc'), { os: 'win32', cpu: 'x64', libc: undefined });
  assert.equal(platformOf('left-pad'), null);
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
