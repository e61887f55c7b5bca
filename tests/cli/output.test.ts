// SPDX-License-Identifier: Apache-2.0
/** Whoever reads what a command prints may go away, or have no room. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { packageFolder } from '../../common/version.js';
import { NOT_BUILT } from '../support/command-line.js';

const ENTRY = join(packageFolder(), 'dist', 'cli', 'main.js');
const FULL_DISK = '/dev/full';

interface Ended {
  readonly code: number | null;
  readonly stderr: string;
}

/** Prints the page of help to a file, or to a reader that is gone at once. */
function help(stdout: number | 'pipe'): Promise<Ended> {
  const child = spawn(process.execPath, [ENTRY, '--help'], { stdio: ['ignore', stdout, 'pipe'] });
  child.stdout?.destroy();
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stderr }));
  });
}

describe('a command whose output', { skip: NOT_BUILT }, () => {
  it('is read no further ends as it would have', async () => {
    assert.deepEqual(await help('pipe'), { code: 0, stderr: '' });
  });

  it(
    'cannot be written fails, in one line',
    { skip: !existsSync(FULL_DISK) && `there is no ${FULL_DISK}` },
    async () => {
      const full = await open(FULL_DISK, 'w');
      const { code, stderr } = await help(full.fd);
      await full.close();
      assert.equal(code, 1);
      assert.match(stderr, /^\S*error\S* standard output: expected to be written, got ENOSPC[^\n]*\n$/u);
    },
  );
});
