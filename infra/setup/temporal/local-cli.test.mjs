// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import { compareVersions, inspectCli, localPlaces, parseVersion } from './local-cli.mjs';

test('versions are compared number by number', () => {
  assert.ok(compareVersions('1.10.0', '1.9.1') > 0);
  assert.ok(compareVersions('1.4.9', '1.5.0') < 0);
  assert.equal(compareVersions('1.5.0', '1.5.0'), 0);
});

test('the version is read from what the program says, and from nothing else', () => {
  assert.equal(parseVersion('temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)'), '1.9.1');
  assert.equal(parseVersion('tctl version 1.18'), null);
  assert.equal(parseVersion(null), null);
});

test('a place without a program says why', () => {
  assert.match(inspectCli(null, 'PATH').reason, /^PATH: none/);
  assert.match(inspectCli('/nowhere/temporal', 'here').reason, /absent or does not answer/);
  assert.match(inspectCli(process.execPath, 'here').reason, /does not answer/);
});

test('the user comes first, then the PATH, then the cache', () => {
  assert.deepEqual(
    localPlaces().map((place) => place.source),
    ['$TRAMONTANA_TEMPORAL_CLI', 'PATH', 'project cache'],
  );
});
