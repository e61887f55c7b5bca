// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { delay } from '../../common/processes.js';
import { watchLiveness } from './liveness.js';

test('a process whose event loop is stuck is noticed, one that gives signs is not', async () => {
  const code = "setInterval(() => console.log('alive'), 20); setTimeout(() => { for (;;); }, 400)";
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  const startMs = Date.now();
  watchLiveness(child.stdout, () => child.kill('SIGKILL'), { intervalMs: 50, maximumMissed: 10 });
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
  assert.equal(signal, 'SIGKILL');
  assert.ok(Date.now() - startMs >= 500);
});

test('a watch that was ended says nothing', async () => {
  let stuck = 0;
  const stop = watchLiveness(new PassThrough(), () => (stuck += 1), { intervalMs: 5, maximumMissed: 2 });
  stop();
  await delay(40);
  assert.equal(stuck, 0);
});
