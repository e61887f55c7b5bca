// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { chmodSync, existsSync } from 'node:fs';
import { test } from 'node:test';
import { findInexecutable, markExecutables } from './executables.mjs';
import { inRoot } from './paths.mjs';

const main = inRoot('dist', 'cli', 'main.js');

test(
  'programs of the package may be executed once it is built',
  { skip: !existsSync(main) && 'dist/ is not built' },
  () => {
    chmodSync(main, 0o644);
    assert.equal(findInexecutable(), main);
    markExecutables();
    assert.equal(findInexecutable(), undefined);
  },
);
