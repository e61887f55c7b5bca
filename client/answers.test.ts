// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { it } from 'node:test';

import { isTramontanaError } from '../common/errors.js';
import { initialProgress, stageStarted } from '../workflows/progress-state.js';
import { asProgress, asResult } from './answers.js';

const PROGRESS = stageStarted(initialProgress(['resolve-cycle', 'fit']), 'fit');
const RESULT = { schemaVersion: 1, domain: 'x', cycle: '2026-01-02', folder: '/r', files: [], stages: [] };

it('the answers of our workflows pass as they are', () => {
  assert.equal(asProgress(PROGRESS, 'w'), PROGRESS);
  assert.deepEqual(asResult(RESULT, 'w'), RESULT);
});

it('what another workflow answers under the same id is named, not shown', () => {
  for (const answer of [
    undefined,
    null,
    'x',
    {},
    { ...PROGRESS, stages: 'x' },
    { ...PROGRESS, stages: [{ name: 'mine', state: 'running' }] },
    { ...PROGRESS, stages: [{ name: 'fit', state: 'running', progress: { phase: 7 } }] },
  ]) {
    assert.throws(
      () => asProgress(answer, 'w'),
      (error) => isTramontanaError(error, 'Run.UnexpectedAnswer'),
    );
  }
  for (const answer of [undefined, 7, { ...RESULT, folder: 7 }, { ...RESULT, stages: [{}] }]) {
    assert.throws(
      () => asResult(answer, 'w'),
      (error) => isTramontanaError(error, 'Run.UnexpectedAnswer'),
    );
  }
});
