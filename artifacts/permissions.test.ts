// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';

import { openFolderStorage } from './index.js';

it('store, records and locks are 0750 and 0640 in a process that masks nothing', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tramontana-permissions-'));
  const umask = process.umask(0);
  try {
    const { artifacts, stages, leases } = openFolderStorage(folder);
    await artifacts.putJson({ a: 1 }, 'x/1');
    const identity = { stage: 'mesh', version: 1, parameters: {}, inputs: {} };
    await stages.record(identity, 'x', { outputs: {}, facts: {}, seconds: 1 });
    await leases.hold('a', { timeoutMs: 0 }, async () => {
      const names = await readdir(folder, { recursive: true });
      assert.ok(names.includes('jobs/a.lock') && names.length >= 8, names.join(' '));
      for (const name of names) {
        const entry = await stat(join(folder, name));
        assert.equal((entry.mode & 0o777).toString(8), entry.isDirectory() ? '750' : '640', name);
      }
    });
  } finally {
    process.umask(umask);
    await rm(folder, { recursive: true });
  }
});
