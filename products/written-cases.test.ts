// SPDX-License-Identifier: Apache-2.0
/** Disks and other programs that spoil what is written without anybody being told. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { mkdtemp, readdir, rm, symlink, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, mock } from 'node:test';

import { isTramontanaError } from '../common/errors.js';
import { writeNetcdfFile } from './netcdf-file.js';
import { VersionScratch } from './testing/version-scratch.js';

let root: string;
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'tramontana-written-cases-'));
});
after(() => rm(root, { recursive: true, force: true }));

type Write = (fd: number, bytes: Uint8Array, ...rest: unknown[]) => number;

/** Writes a small file while the `k`-th write of the process goes to `fault`; the number of writes. */
async function writeWith(folder: string, k: number, fault: Write): Promise<number> {
  const real = fs.writeSync.bind(fs) as unknown as Write;
  let count = 0;
  const spoilt: Write = (...args) => {
    count += 1;
    return count === k ? fault(...args) : real(...args);
  };
  mock.method(fs, 'writeSync', spoilt as unknown as typeof fs.writeSync);
  try {
    await writeNetcdfFile(join(folder, 'forecast.nc'), (builder) => {
      builder.addCoordinate('time', Float64Array.of(1, 2, 3), { units: 'days since 2026-01-01' });
      builder.addVariable('pm10', ['time'], Float32Array.of(10, 20, 30), { units: 'ug m-3' });
    });
  } finally {
    mock.restoreAll();
  }
  return count;
}

const refuse: Write = () => {
  throw Object.assign(new Error('EIO: i/o error, write'), { code: 'EIO', errno: -5 });
};

/** Says that everything was written. */
const lie: Write = (_fd, bytes, _offset, length) => (typeof length === 'number' ? length : bytes.byteLength);

describe('a disk that spoils one write of forecast.nc', () => {
  for (const [what, fault] of [
    ['refused', refuse],
    ['lost, though the system says that it was done', lie],
  ] as const) {
    it(`(${what}) whichever it is: the file is whole or absent`, async () => {
      const writes = await writeWith(root, 0, refuse);
      assert.ok(writes > 5, `${writes} writes`);
      let refusals = 0;
      for (let k = 1; k <= writes; k += 1) {
        const folder = await mkdtemp(join(root, 'one-'));
        // a write that is made good by a later one of the same place leaves a whole file: the writer has proved it
        const error: unknown = await writeWith(folder, k, fault).then(
          () => undefined,
          (reason: unknown) => reason,
        );
        assert.ok(error === undefined || isTramontanaError(error, 'Products.NetcdfWrite'), String(error));
        assert.deepEqual(await readdir(folder), error === undefined ? ['forecast.nc'] : [], `write ${k}`);
        if (error !== undefined) refusals += 1;
      }
      assert.ok(refusals >= writes / 2, `${refusals} of ${writes}`);
    });
  }
});

describe('another program that touches a product before the run is marked', () => {
  const scratch = new VersionScratch();
  const spoils: readonly (readonly [string, (folder: string) => Promise<void>])[] = [
    ['and empties it', (folder) => truncate(join(folder, 'summary.json'))],
    [
      'and puts a link to a foreign file in its place',
      async (folder) => {
        await rm(join(folder, 'maps/map.png'));
        await symlink('/etc/hostname', join(folder, 'maps/map.png'));
      },
    ],
  ];
  for (const [what, spoil] of spoils) {
    it(`${what}: the earlier run stays`, async () => {
      await scratch.publishText('old');

      const attempt = scratch.publishText('new', {
        onStep: async (step, folder) => {
          if (step === 'written') await spoil(folder);
        },
      });

      await assert.rejects(attempt, (error) => isTramontanaError(error, 'Products.NotWhole'));
      assert.equal(await scratch.wholeContent(), 'old');
    });
  }
});
