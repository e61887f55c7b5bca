// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { copyFile, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { isTramontanaError } from '../../../common/errors.js';
import { temporaryFolder } from '../../../tests/golden/support.js';
import { CheckpointStore, type CheckpointContent } from './checkpoint.js';
import { parseExact, stringifyExact } from '../codec/exact-json.js';
import { takeLease } from './lease.js';

function contentAt(iteration: number): CheckpointContent {
  return {
    state: {
      version: 2,
      phase: 'search',
      iteration,
      evaluations: iteration + 1,
      theta: [0.1 + 0.2, -0, Math.PI * iteration],
      objective: -Infinity,
      gradient: [NaN, 5e-324, 1 / 3],
      curvature: Array.from({ length: 9 }, (_, index) => Math.sqrt(index + 2)),
      observedCurvature: Array.from({ length: 9 }, (_, index) => -Math.sqrt(index + 3)),
      curvatureCorrection: Array.from({ length: 9 }, (_, index) => 1e-300 * index),
      trustRadius: Infinity,
      search: 1,
      searchStart: 7,
      saddlesLeft: 1,
      atRounding: true,
      optima: [{ theta: [0.1, -0, NaN], objective: 1 / 3, converged: true, count: 2 }],
      hessianColumns: [[1, -0, 3]],
      stopReason: '',
      converged: false,
      trace: [],
    },
    elapsedSeconds: 1.25,
    iterationSeconds: [[1, 0.5]],
  };
}

async function checkpointNames(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.endsWith('.checkpoint.json')).sort();
}

describe('exact JSON', () => {
  it('gives back every double', () => {
    const values = [-0, 0, NaN, Infinity, -Infinity, 5e-324, Number.MAX_VALUE, 0.1 + 0.2, 1 / 3];
    assert.deepEqual(parseExact(stringifyExact({ values, nested: { array: Float64Array.from(values) } })), {
      values,
      nested: { array: values },
    });
  });
});

describe('checkpoints', () => {
  it('give back the newest state with all its bits', async (context) => {
    const folder = await temporaryFolder(context);
    const attemptToken = await takeLease(folder);
    const store = new CheckpointStore({ folder, jobKey: 'job', attemptToken });
    assert.deepEqual(await store.loadNewest(), { newest: undefined, warnings: [] });
    for (let iteration = 1; iteration <= 3; iteration += 1) await store.save(contentAt(iteration));
    const { newest, warnings } = await new CheckpointStore({ folder, jobKey: 'job', attemptToken }).loadNewest();
    assert.deepEqual(newest?.content, contentAt(3));
    assert.deepEqual(warnings, []);
  });

  it('keep the last two, over attempts too', async (context) => {
    const folder = await temporaryFolder(context);
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      const store = new CheckpointStore({ folder, jobKey: 'job', attemptToken: await takeLease(folder) });
      await store.loadNewest();
      for (let iteration = 1; iteration <= 3; iteration += 1) await store.save(contentAt(iteration));
    }
    const names = await checkpointNames(folder);
    assert.deepEqual(
      names.map((name) => name.slice(-24)),
      ['00000005.checkpoint.json', '00000006.checkpoint.json'],
    );
  });

  it('fall back to the one before when the newest is torn, and say so', async (context) => {
    const folder = await temporaryFolder(context);
    const attemptToken = await takeLease(folder);
    const store = new CheckpointStore({ folder, jobKey: 'job', attemptToken });
    await store.loadNewest();
    await store.save(contentAt(1));
    const { path } = await store.save(contentAt(2));
    const text = await readFile(path, 'utf8');
    const damages: [string, () => Promise<void>][] = [
      ['cut short', () => truncate(path, text.length >> 1)],
      ['empty', () => truncate(path, 0)],
      ['one digit changed', () => writeFile(path, text.replace('"elapsedSeconds":1.25', '"elapsedSeconds":1.26'))],
      ['not JSON', () => writeFile(path, 'garbage')],
    ];
    for (const [what, damage] of damages) {
      await damage();
      const { newest, warnings } = await new CheckpointStore({ folder, jobKey: 'job', attemptToken }).loadNewest();
      assert.equal(newest?.content.state.iteration, 1, what);
      assert.deepEqual(
        warnings.map(({ code, path: of }) => [code, of]),
        [['checkpoint-corrupt', path]],
        what,
      );
    }
    const after = new CheckpointStore({ folder, jobKey: 'job', attemptToken });
    await after.loadNewest();
    await after.save(contentAt(3));
    const { newest, warnings } = await new CheckpointStore({ folder, jobKey: 'job', attemptToken }).loadNewest();
    assert.equal(newest?.content.state.iteration, 3);
    assert.deepEqual(warnings, [], 'the torn one is gone, two valid ones are left');
    assert.equal((await checkpointNames(folder)).length, 2);
  });

  it('of another job are ignored with a warning, and left alone', async (context) => {
    const folder = await temporaryFolder(context);
    const attemptToken = await takeLease(folder);
    const other = new CheckpointStore({ folder, jobKey: 'other', attemptToken });
    await other.loadNewest();
    const { path: foreign } = await other.save(contentAt(9));
    const store = new CheckpointStore({ folder, jobKey: 'job', attemptToken });
    const { newest, warnings } = await store.loadNewest();
    assert.equal(newest, undefined);
    assert.deepEqual(
      warnings.map(({ code }) => code),
      ['checkpoint-foreign'],
    );
    for (let iteration = 1; iteration <= 3; iteration += 1) await store.save(contentAt(iteration));
    assert.equal((await readFile(foreign, 'utf8')).includes('"other"'), true);

    // the same under a name that claims to be this job's
    const own = (await checkpointNames(folder)).find((name) => !foreign.endsWith(name));
    assert.ok(own !== undefined);
    await copyFile(foreign, join(folder, own.replace(/[0-9]{8}(?=\.checkpoint)/u, '00000099')));
    const again = await new CheckpointStore({ folder, jobKey: 'job', attemptToken }).loadNewest();
    assert.equal(again.newest?.content.state.iteration, 3);
    assert.deepEqual(
      again.warnings.map(({ code }) => code),
      ['checkpoint-foreign'],
    );
  });

  it('are not written by an attempt that has lost the lease', async (context) => {
    const folder = await temporaryFolder(context);
    const older = new CheckpointStore({ folder, jobKey: 'job', attemptToken: await takeLease(folder) });
    await older.loadNewest();
    await older.save(contentAt(1));
    await takeLease(folder);
    const before = await checkpointNames(folder);
    await assert.rejects(older.save(contentAt(2)), (error) => isTramontanaError(error, 'Engine.Superseded'));
    assert.deepEqual(await checkpointNames(folder), before);
  });

  it('leave no temporary file of a killed process behind', async (context) => {
    const folder = await temporaryFolder(context);
    const attemptToken = await takeLease(folder);
    await writeFile(join(folder, '.0123456789abcdef-00000004.checkpoint.json.77.abcd.tmp'), 'half');
    await new CheckpointStore({ folder, jobKey: 'job', attemptToken }).loadNewest();
    assert.deepEqual(
      (await readdir(folder)).filter((name) => name.endsWith('.tmp')),
      [],
    );
  });
});
