// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';

import { replaceFile, writeFileAtomic } from './atomic-file.js';
import { makeFolder } from './paths.js';

let folder: string;
// what a call with an argument returns is the mask before it
const usual = process.umask(0o022);
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tramontana-atomic-'));
});
afterEach(() => process.umask(usual));
after(() => rm(folder, { recursive: true, force: true }));

const modeOf = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8);

describe('permissions', () => {
  for (const umask of [0o000, 0o022, 0o077]) {
    it(`files are 0640 and folders 0750 under umask ${umask.toString(8)}`, async () => {
      process.umask(umask);
      const root = join(folder, `umask-${umask}`);

      await writeFileAtomic(join(root, 'a', 'b', 'file'), 'x');

      for (const path of [root, join(root, 'a'), join(root, 'a', 'b')]) assert.equal(await modeOf(path), '750');
      assert.equal(await modeOf(join(root, 'a', 'b', 'file')), '640');
    });
  }

  it('a folder that exists keeps its permissions', async () => {
    const shared = join(folder, 'shared');
    await mkdir(shared, { mode: 0o700 });

    await makeFolder(join(shared, 'new'));

    assert.equal(await modeOf(shared), '700');
    assert.equal(await modeOf(join(shared, 'new')), '750');
  });

  it('a file that is replaced loses the permissions of the old one', async () => {
    const path = join(folder, 'replaced');
    process.umask(0);
    await writeFileAtomic(path, 'old');
    process.umask(0o077);
    await writeFileAtomic(path, 'new');

    assert.equal(await modeOf(path), '640');
    assert.equal(await readFile(path, 'utf8'), 'new');
  });
});

it('a writer that fails leaves the old file and nothing beside it', async () => {
  const own = join(folder, 'failing');
  await writeFileAtomic(join(own, 'file'), 'old');

  await assert.rejects(
    replaceFile(join(own, 'file'), async (temporary) => {
      await writeFileAtomic(temporary, 'half');
      throw new Error('disk');
    }),
    /disk/,
  );

  assert.deepEqual(await readdir(own), ['file']);
  assert.equal(await readFile(join(own, 'file'), 'utf8'), 'old');
});
