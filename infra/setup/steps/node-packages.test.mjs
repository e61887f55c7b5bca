// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import { firstDifference } from './node-packages.mjs';

const wanted = {
  '': { name: 'tramontana' },
  'node_modules/a': { version: '1.0.0' },
  'node_modules/b-other-platform': { version: '2.0.0', optional: true },
};

test('equal trees have no difference; packages for other platforms may be absent', () => {
  assert.equal(firstDifference(wanted, { 'node_modules/a': { version: '1.0.0' } }), null);
});

test('a missing package, another version and a missing tree are named', () => {
  assert.match(firstDifference(wanted, {}), /node_modules\/a is not installed/);
  assert.match(firstDifference(wanted, { 'node_modules/a': { version: '1.0.1' } }), /is 1\.0\.1, .* asks for 1\.0\.0/);
  assert.match(firstDifference(wanted, null), /absent or incomplete/);
});
