// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { openFolderStorage } from '../../artifacts/index.js';
import { NOT_BUILT, runCommand, scratchFolder } from '../support/command-line.js';

interface Told {
  readonly dryRun: boolean;
  readonly removed: readonly { readonly name: string; readonly reason: string }[];
  readonly removedJobs: number;
}

describe('tramontana prune', { skip: NOT_BUILT, timeout: 60_000 }, () => {
  let scratch: Awaited<ReturnType<typeof scratchFolder>>;
  before(async () => {
    scratch = await scratchFolder();
    const { artifacts } = openFolderStorage(join(scratch.path, '.tramontana'));
    const { sha256 } = await artifacts.putJson({ nobody: 'names it' }, 'x/1');
    const longAgo = new Date(Date.now() - 40 * 86_400_000);
    await utimes(artifacts.pathOf(sha256), longAgo, longAgo);
  });
  after(() => scratch.remove());

  it('removes nothing when it cannot ask what runs and schedules need', async () => {
    const { code, stderr } = await runCommand(['prune'], { cwd: scratch.path });
    assert.equal(code, 1);
    assert.match(stderr, /--without-server says that there are none/u);
  });

  it('says what and why, and does it when it is not dry', async () => {
    const prune = async (...more: string[]): Promise<Told> => {
      const command = await runCommand(['prune', '--without-server', '--json', ...more], { cwd: scratch.path });
      assert.equal(command.code, 0, command.stderr);
      return JSON.parse(command.stdout) as Told;
    };
    const told = await prune('--dry-run');
    assert.deepEqual(
      told.removed.map(({ reason }) => reason),
      ['no result names it'],
    );
    assert.deepEqual(await prune(), { ...told, dryRun: false });
    assert.deepEqual((await prune()).removed, []);
  });
});
