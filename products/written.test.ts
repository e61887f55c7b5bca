// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { verifyRun } from './run-manifest.js';
import { PUBLISH_CHILD } from './testing/version-scratch.js';

const CHILD = [...PUBLISH_CHILD.execArgv, PUBLISH_CHILD.entry];

let root: string;
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'tramontana-written-'));
});
after(() => rm(root, { recursive: true, force: true }));

/** Runs the child below a limit of the size of files, in blocks of 1024 bytes. */
function underLimit(blocks: number, ...args: readonly string[]): string {
  const words = [process.execPath, ...CHILD, ...args];
  const result = spawnSync('bash', ['-c', `ulimit -f ${blocks}; exec "$@"`, 'bash', ...words], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  return result.stdout;
}

describe('a limit of the size of files', () => {
  // the file needs 935 blocks: the last chunk, the first one, or nothing but the header is refused
  for (const blocks of [900, 300, 2]) {
    it(`of ${blocks} KiB: no NetCDF file, and nothing in its place`, async () => {
      const folder = join(root, `limit-${blocks}`);
      await mkdir(folder);

      assert.equal(underLimit(blocks, 'netcdf', folder), 'Products.NetcdfWrite');

      assert.deepEqual(await readdir(folder), []);
    });
  }

  it('that suffices: the file is there', async () => {
    const folder = join(root, 'limit-enough');
    await mkdir(folder);

    assert.equal(underLimit(5000, 'netcdf', folder), 'done');

    assert.deepEqual(await readdir(folder), ['forecast.nc']);
  });

  it('on which the second publication runs: the first one stays', async () => {
    assert.equal(underLimit(5000, 'version', root, 'old'), 'done');

    assert.notEqual(underLimit(1, 'version', root, 'n'.repeat(3000)), 'done');

    const run = join(root, 'somewhere', '2026-01-02');
    await verifyRun(run);
    assert.equal(await readFile(join(run, 'summary.json'), 'utf8'), 'old');
  });
});

describe('a disk that fills', () => {
  const mounted = async (name: string, body: (folder: string) => Promise<void>): Promise<boolean> => {
    const folder = join(root, name);
    await mkdir(folder);
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1200k', 'tmpfs', folder]).status !== 0) return false;
    try {
      await body(folder);
    } finally {
      spawnSync('umount', [folder]);
    }
    return true;
  };
  const NO_MOUNT = 'needs the right to mount a tmpfs';

  it('leaves no file', async (context) => {
    const couldMount = await mounted('full', async (folder) => {
      await writeFile(join(folder, 'ballast'), Buffer.alloc(700 << 10));

      assert.equal(underLimit(5000, 'netcdf', folder), 'Products.NetcdfWrite');

      assert.deepEqual(await readdir(folder), ['ballast']);
    });
    if (!couldMount) context.skip(NO_MOUNT);
  });

  it('and frees while the file is written: the file is whole or absent', async (context) => {
    const couldMount = await mounted('freed', async (folder) => {
      for (const delayMs of [0, 20, 40, 80, 160]) {
        await writeFile(join(folder, 'ballast'), Buffer.alloc(700 << 10));
        const child = spawn(process.execPath, [...CHILD, 'netcdf', folder]);
        child.stderr.resume();
        const answer: Buffer[] = [];
        child.stdout.on('data', (piece: Buffer) => answer.push(piece));
        // the room comes back some time after the first bytes of the file are there
        const names = async (): Promise<string[]> => readdir(folder);
        while (child.exitCode === null && (await names()).length < 2) await new Promise((done) => setTimeout(done, 2));
        await new Promise((done) => setTimeout(done, delayMs));
        await rm(join(folder, 'ballast'));
        if (child.exitCode === null) await once(child, 'close');

        const told = Buffer.concat(answer).toString('utf8');
        assert.match(told, /^(done|Products\.NetcdfWrite)$/u);
        assert.deepEqual(await names(), told === 'done' ? ['forecast.nc'] : []);
        if (told === 'done') {
          const dump = spawnSync('ncdump', ['-v', 'noise', join(folder, 'forecast.nc')], { maxBuffer: 1 << 28 });
          if (dump.error === undefined) assert.equal(dump.status, 0, dump.stderr.toString('utf8'));
        }
        await rm(join(folder, 'forecast.nc'), { force: true });
      }
    });
    if (!couldMount) context.skip(NO_MOUNT);
  });
});
