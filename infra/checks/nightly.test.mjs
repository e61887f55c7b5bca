// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import test from 'node:test';
import { inRoot } from '../setup/core/paths.mjs';
import { EXIT_NOT_HERE } from './nightly-check.mjs';
import { NIGHTLY_CHECKS, outcomeOf } from './nightly.mjs';

test('a check passes with code 0, is skipped for want of a tool, and fails otherwise, a crash included', () => {
  assert.equal(outcomeOf(0).counts.passed, 1);
  assert.equal(outcomeOf(EXIT_NOT_HERE).counts.skipped, 1);
  for (const code of [1, 2, 139, null]) assert.equal(outcomeOf(code).counts.failed, 1);
});

test('every check of the night has a name of its own and a program that is there', () => {
  const ids = NIGHTLY_CHECKS.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  assert.deepEqual(
    NIGHTLY_CHECKS.map(({ path }) => path.join('/')).filter((path) => !existsSync(inRoot(path))),
    [],
  );
});
