// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { ApplicationFailure } from '@temporalio/common';

import { TramontanaError } from '../../common/errors.js';
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

  it('an unexpected error is final at the fourth attempt, whatever the policy allows; a passing system error is not', () => {
    const final = (error: unknown, attempt: number) => toApplicationFailure(error, attempt).nonRetryable;
    assert.deepEqual(
      [1, 3, 4, 30].map((attempt) => final(new TypeError('x'), attempt)),
      [false, false, true, true],
    );
    const coded = (code: string) => Object.assign(new Error(code), { code });
    assert.equal(final(coded('EIO'), 9), false);
    for (const code of ['ERR_INVALID_ARG_TYPE', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG']) {
      assert.deepEqual([final(coded(code), 3), final(coded(code), 4)], [false, true], code);
    }
    assert.equal(final(new TramontanaError('Engine.Crashed', 'x', { retryable: true }), 9), false);
  });

  it('megabytes and escape sequences in a message, its facts and its cause become short plain text', () => {
    const huge = `\u001b[2J${'x'.repeat(2_400_000)}`;
    for (const error of [
      new TypeError(huge),
      TramontanaError.fromOutside('T.X', huge, { facts: { huge }, cause: new Error(huge) }),
      Object.assign(new Error(huge), { code: 'EIO' }),
    ]) {
      const { message, details, cause } = toApplicationFailure(error);
      const told = JSON.stringify({ message, details, cause: [cause?.message, cause?.stack] });
      assert.ok(told.length < 20_000, `${told.length} characters`);
      assert.ok(!told.includes('\u001b') && !told.includes('\\u001b'));
    }
  });

  it('a failure that is one already passes unchanged', () => {
    const failure = ApplicationFailure.nonRetryable('m', 'T');
    assert.equal(toApplicationFailure(failure), failure);
  });
});
