// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';

/** Says what an interruption is told; ends by itself when it is told nothing. */
const COMMAND = `
import { Interruption } from '${new URL('./interruption.ts', import.meta.url).href}';
const interruption = new Interruption();
void interruption.insisted().then(() => console.log('insisted'));
void interruption.asked().then(() => {
  console.log('asked');
  setTimeout(() => process.exit(), 2500);
});
setTimeout(() => process.exit(), 8000);
console.log('there');`;

test('the end of the shell of npx, which alone gets the signal, asks a command to stop, once', async () => {
  // the second command keeps the shell from becoming the first
  const shell = spawn(
    '/bin/sh',
    ['-c', `"$0" --import tsx --input-type=module -e "$1"; true`, process.execPath, COMMAND],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, npm_lifecycle_event: 'npx' },
    },
  );
  let told = '';
  shell.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (told === '') shell.kill('SIGTERM');
    told += text;
  });
  await once(shell.stdout, 'close');
  assert.equal(told, 'there\nasked\n');
});
