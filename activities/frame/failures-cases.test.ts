// SPDX-License-Identifier: Apache-2.0
/** Errors of unusual form on their way to Temporal: as bytes they stay small, whatever they hold, and they always arrive. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { defaultFailureConverter, defaultPayloadConverter } from '@temporalio/common';

import { openFolderStorage } from '../../artifacts/index.js';
import { TramontanaError } from '../../common/errors.js';
import { toApplicationFailure } from './failures.js';

/** Characters of the failure as the server gets it. */
function sizeOnTheWire(error: unknown): number {
  const failure = defaultFailureConverter.errorToFailure(toApplicationFailure(error), defaultPayloadConverter);
  return JSON.stringify(failure, (_key, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value,
  ).length;
}

function chainOfCauses(length: number): Error {
  let error = new Error('the first');
  for (let k = 0; k < length; k += 1) error = new Error('y'.repeat(500), { cause: error });
  return error;
}

const cyclic: Record<string, unknown> = {};
cyclic['self'] = cyclic;
const withFacts = (facts: Record<string, unknown>): TramontanaError =>
  new TramontanaError('Ingest.CorruptFile', 'short', { facts });

describe('a failure', () => {
  const cases: readonly (readonly [string, unknown])[] = [
    ['with a chain of 2000 causes', chainOfCauses(2000)],
    ['with 300,000 entries among its facts', withFacts({ entries: Array<string>(300_000).fill('variable') })],
    ['whose facts hold themselves', withFacts({ cyclic })],
    ['with a fact that JSON does not know', withFacts({ count: 10n })],
    [
      'of 5000 failures at once',
      new AggregateError(
        Array.from({ length: 5000 }, () => new Error('z'.repeat(1000))),
        'x'.repeat(2_400_000),
      ),
    ],
    ['that is a thrown text of 2.4 MB', 'x'.repeat(2_400_000)],
  ];
  for (const [what, error] of cases) {
    it(`${what} is less than 20,000 characters`, () => {
      const size = sizeOnTheWire(error);
      assert.ok(size < 20_000, `${size} characters`);
    });
  }
});

describe('an error whose accessors throw', () => {
  const hostile = (name: string): Error =>
    Object.defineProperty(new Error('x'), name, {
      get: () => {
        throw new Error(`the ${name} throws`);
      },
    });
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const cases: readonly (readonly [string, unknown])[] = [
    ...['message', 'name', 'stack', 'code'].map((name) => [name, hostile(name)] as const),
    ['conversion to text', Object.create(null)],
    ['class', revoked.proxy],
    ['name and stack that are no texts', Object.assign(new Error('x'), { name: 7, stack: {} })],
    ['message that is no text', Object.assign(new Error('x'), { message: { toString: () => 'y' } })],
  ];
  for (const [what, error] of cases) {
    it(`(${what}) becomes a failure all the same`, () => {
      assert.equal(toApplicationFailure(error).type, 'Internal.Unexpected');
      assert.ok(sizeOnTheWire(error) < 20_000);
    });
  }
});

describe('a defect that Node.js names with a code of its own', () => {
  for (const code of ['ERR_INVALID_ARG_VALUE', 'ERR_OUT_OF_RANGE', 'ERR_FS_FILE_TOO_LARGE']) {
    it(`(${code}) is unexpected, no state of the system, and final at the fourth attempt`, () => {
      const failure = toApplicationFailure(Object.assign(new Error('defect'), { code }), 4);
      assert.deepEqual([failure.type, failure.nonRetryable], ['Internal.Unexpected', true]);
    });
  }

  for (const code of ['ENAMETOOLONG', 'ELOOP', 'ENOTDIR', 'EISDIR', 'EFBIG']) {
    it(`a state of the system that stays (${code}) is final at the fourth attempt too`, () => {
      const failure = toApplicationFailure(Object.assign(new Error('x'), { code }), 4);
      assert.deepEqual([failure.type, failure.nonRetryable], [`System.${code}`, true]);
    });
  }
});

describe('a record of a stage', () => {
  it('that is JSON of another shape counts as absent', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tramontana-record-'));
    try {
      const { stages: cache } = openFolderStorage(folder);
      const identity = { stage: 'mesh', version: 1, parameters: {}, inputs: {} };
      const record = await cache.record(identity, 'x', { outputs: {}, facts: {}, seconds: 1 });
      for (const outputs of [{ a: null }, { a: 'x' }, { a: { uri: 'https://example.org' } }, [], null]) {
        for (const name of await readdir(join(folder, 'store', 'stages'))) {
          if (!name.endsWith('.json')) continue;
          await writeFile(join(folder, 'store', 'stages', name), JSON.stringify({ ...record, outputs }));
        }
        assert.equal((await cache.lookup(identity, 'x')).hit, false, JSON.stringify(outputs));
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
