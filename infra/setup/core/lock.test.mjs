// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { acquireLock } from './lock.mjs';

function inFolder(body) {
  return async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tramontana-lock-'));
    try {
      await body(folder);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
}

const neverWaits = () => assert.fail('nobody holds the lock');

test(
  'a lock of a process that no longer lives is taken over',
  inFolder(async (folder) => {
    const lock = join(folder, 'lock');
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    writeFileSync(lock, JSON.stringify({ pid, startTicks: '1' }));
    (await acquireLock(neverWaits, lock))();
    assert.equal(existsSync(lock), false);
  }),
);

test(
  'a process id that was given to another process does not keep the lock',
  { skip: existsSync('/proc/self/stat') ? false : 'this system does not tell when a process began' },
  inFolder(async (folder) => {
    const lock = join(folder, 'lock');
    writeFileSync(lock, JSON.stringify({ pid: process.ppid, startTicks: 'other' }));
    (await acquireLock(neverWaits, lock))();
  }),
);

test(
  'an unreadable lock is taken over',
  inFolder(async (folder) => {
    const lock = join(folder, 'lock');
    writeFileSync(lock, '{"pid":');
    (await acquireLock(neverWaits, lock))();
  }),
);

test(
  'eight processes at once: each holds the lock alone, a stale one included',
  inFolder(async (folder) => {
    const log = join(folder, 'log');
    writeFileSync(join(folder, 'lock'), JSON.stringify({ pid: 2 ** 22 + 1, startTicks: null }));
    const program = `
      import { appendFileSync } from 'node:fs';
      import { setTimeout as sleep } from 'node:timers/promises';
      import { acquireLock } from ${JSON.stringify(join(import.meta.dirname, 'lock.mjs'))};
      const release = await acquireLock(() => {}, ${JSON.stringify(join(folder, 'lock'))});
      appendFileSync(${JSON.stringify(log)}, 'in\\n');
      await sleep(5);
      appendFileSync(${JSON.stringify(log)}, 'out\\n');
      release();`;
    const children = Array.from({ length: 8 }, () =>
      spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'inherit' }),
    );
    await Promise.all(children.map((child) => new Promise((resolve) => child.once('close', resolve))));
    assert.equal(readFileSync(log, 'utf8'), 'in\nout\n'.repeat(8));
  }),
);
