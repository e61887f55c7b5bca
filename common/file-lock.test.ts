// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { isTramontanaError } from './errors.js';
import { withFileLock } from './file-lock.js';
import { delay, endProcess, identifyProcess, isSameProcess, waitUntil, within } from './processes.js';

const neverRun = (): Promise<never> => Promise.reject(new Error('the lock was not free'));

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tramontana-lock-'));
});
after(() => rm(folder, { recursive: true }));

describe('file lock', () => {
  it('lets one in at a time', async () => {
    const path = join(folder, 'one');
    let inside = 0;
    let most = 0;
    const body = async (): Promise<void> => {
      inside += 1;
      most = Math.max(most, inside);
      await delay(20);
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 4 }, () => withFileLock(path, { timeoutMs: 10_000 }, body)));
    assert.equal(most, 1);
    assert.ok(!existsSync(path));
  });

  it('is free again after an error', async () => {
    const path = join(folder, 'error');
    await assert.rejects(
      withFileLock(path, { timeoutMs: 0 }, () => Promise.reject(new Error('inside'))),
      /inside/,
    );
    assert.equal(await withFileLock(path, { timeoutMs: 0 }, () => Promise.resolve('in')), 'in');
  });

  it('is taken over from an owner that is gone, also when its process id lives on in another process', async () => {
    const path = join(folder, 'stale');
    for (const owner of [{ pid: 2 ** 22 + 1 }, { pid: process.pid, startMark: 'of an earlier process' }]) {
      await writeFile(path, JSON.stringify(owner));
      assert.equal(await withFileLock(path, { timeoutMs: 1000 }, () => Promise.resolve('in')), 'in');
    }
  });

  it('is taken over from an owner whose name is no identity of a process', async () => {
    const path = join(folder, 'damaged');
    // minus one and zero are everybody and the own group to the system, and always there
    for (const owner of ['null', '[]', '7', '{"pid":-1}', '{"pid":0}', '{"pid":"1"}', '{"pid":1e99}', '{"pi', '']) {
      await writeFile(path, owner);
      const longAgo = new Date(Date.now() - 60_000);
      await utimes(path, longAgo, longAgo);
      assert.equal(await withFileLock(path, { timeoutMs: 1000 }, () => Promise.resolve('in')), 'in', owner);
    }
  });

  it('of another machine is free when nobody touched it for long, whatever its process id is here', async () => {
    const path = join(folder, 'foreign');
    await writeFile(path, JSON.stringify({ pid: 2 ** 22 + 1, host: 'elsewhere' }));
    await assert.rejects(withFileLock(path, { timeoutMs: 150 }, neverRun), (error) =>
      isTramontanaError(error, 'Lock.NotFree'),
    );
    const longAgo = new Date(Date.now() - 61_000);
    await utimes(path, longAgo, longAgo);
    assert.equal(await withFileLock(path, { timeoutMs: 1000 }, () => Promise.resolve('in')), 'in');
    assert.deepEqual(
      await readdir(folder),
      (await readdir(folder)).filter((name) => !name.startsWith('foreign')),
    );
  });

  it('is touched while it is held', async (test) => {
    test.mock.timers.enable({ apis: ['setInterval'] });
    const path = join(folder, 'touched');
    await withFileLock(path, { timeoutMs: 0 }, async () => {
      const longAgo = new Date(Date.now() - 61_000);
      await utimes(path, longAgo, longAgo);
      test.mock.timers.tick(10_000);
      const isFresh = async (): Promise<boolean> => Date.now() - (await stat(path)).mtimeMs < 30_000;
      assert.ok(await waitUntil(isFresh, 5000));
    });
  });

  it('says who holds it when the time is up, and stops waiting when told', async () => {
    const path = join(folder, 'held');
    await writeFile(path, JSON.stringify(await identifyProcess(process.pid)));
    await assert.rejects(withFileLock(path, { timeoutMs: 10 }, neverRun), (error) => {
      return isTramontanaError(error, 'Lock.NotFree') && error.message.includes(`process ${process.pid} holds it`);
    });
    const signal = AbortSignal.timeout(50);
    await assert.rejects(withFileLock(path, { timeoutMs: 60_000, signal }, neverRun), { name: 'TimeoutError' });
  });
});

describe('processes', () => {
  it('are known by id and start, and end when told', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    const identity = await identifyProcess(child.pid ?? -1);
    assert.ok(await isSameProcess(identity));
    await endProcess(identity, 5000);
    assert.ok(!(await isSameProcess(identity)));
  });

  it('within gives the value in time and undefined later', async () => {
    assert.equal(await within(Promise.resolve(1), 1000), 1);
    assert.equal(await within(delay(200), 10), undefined);
  });
});
