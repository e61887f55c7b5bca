// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { ApplicationFailure } from '@temporalio/common';

import { TramontanaError } from '../common/errors.js';
import { toApplicationFailure } from './failures.js';

describe('errors become decisions', () => {
  it('an error of a room keeps tag, facts and its own decision', () => {
    for (const retryable of [true, false]) {
      const error = new TramontanaError('Engine.Crashed', 'engine: exit code 139', {
        facts: { exitCode: 139 },
        retryable,
      });
      const failure = toApplicationFailure(error);
      assert.equal(failure.type, 'Engine.Crashed');
      assert.equal(failure.nonRetryable, !retryable);
      assert.deepEqual(failure.details, [{ exitCode: 139 }]);
      assert.equal(failure.message, 'engine: exit code 139');
    }
  });

  it('a full disk and a missing permission are final, a passing system error is not', () => {
    const system = (code: string): ApplicationFailure => toApplicationFailure(Object.assign(new Error(code), { code }));
    assert.deepEqual([system('ENOSPC').type, system('ENOSPC').nonRetryable], ['Storage.DiskFull', true]);
    assert.deepEqual([system('EACCES').type, system('EACCES').nonRetryable], ['Storage.NotPermitted', true]);
    assert.deepEqual([system('EIO').type, system('EIO').nonRetryable], ['System.EIO', false]);
  });

  it('whatever else is thrown is ours to mend and says so', () => {
    assert.equal(toApplicationFailure(new TypeError('x is undefined')).type, 'Internal.Unexpected');
    assert.equal(toApplicationFailure('text').message, 'text');
  });

  it('a failure that is one already passes unchanged', () => {
    const failure = ApplicationFailure.nonRetryable('m', 'T');
    assert.equal(toApplicationFailure(failure), failure);
  });
});
