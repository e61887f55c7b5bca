// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';

import { packageFolder } from '../../common/version.js';
import { NOT_BUILT } from '../support/command-line.js';

test('a command whose reader has gone ends as it would have, without a stack', { skip: NOT_BUILT }, async () => {
  const main = join(packageFolder(), 'dist', 'cli', 'main.js');
  const child = spawn(process.execPath, [main, 'completion', 'bash'], { stdio: ['ignore', 'pipe', 'pipe'] });
  // before it has begun to print, as `tramontana ... | true` does
  child.stdout.destroy();
  const [told, [code]] = await Promise.all([
    child.stderr.setEncoding('utf8').toArray(),
    once(child, 'exit') as Promise<[number | null]>,
  ]);
  assert.equal(told.join(''), '');
  assert.equal(code, 0);
});
