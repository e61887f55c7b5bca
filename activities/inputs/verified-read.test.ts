// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { copyFile, mkdtemp, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';

import { readVerified, referToFile, type ArtifactRef } from '../../artifacts/index.js';
import { isTramontanaError } from '../../common/errors.js';
import { parseDomainConfig } from '../../config/index.js';
import { elevationOf } from '../model/model-inputs.js';
import { readTruth } from '../stages/product-inputs.js';

let folder: string;
let path: string;
let ref: ArtifactRef;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tramontana-verified-'));
});
beforeEach(async () => {
  path = join(folder, 'truth.nc');
  await writeFile(path, 'right');
  ref = await referToFile(path, { mediaType: 'application/x-netcdf', schema: 'truth-netcdf' });
});
after(() => rm(folder, { recursive: true, force: true }));

const isChanged = (error: unknown): boolean => isTramontanaError(error, 'Input.Changed') && !error.retryable;
const text = (from: string): Promise<string> => readFile(from, 'utf8');

describe('an input file', () => {
  it('that stays is read once', async () => {
    let readings = 0;
    const value = await readVerified(ref, (from) => {
      readings += 1;
      return text(from);
    });
    assert.deepEqual([value, readings], ['right', 1]);
  });

  const swaps: readonly (readonly [string, () => Promise<void>])[] = [
    ['swapped for one of the same size', () => writeFile(path, 'wrong')],
    ['that lost its end', () => writeFile(path, 'rig')],
    ['that is gone', () => rm(path)],
    [
      'swapped with its times kept',
      async () => {
        const old = new Date('2026-01-01');
        await writeFile(join(folder, 'other'), 'wrong');
        await utimes(join(folder, 'other'), old, old);
        await rename(join(folder, 'other'), path);
      },
    ],
  ];
  for (const [what, swap] of swaps) {
    it(`${what} after it was hashed is refused before it is read`, async () => {
      await swap();
      await assert.rejects(
        readVerified(ref, () => assert.fail('read')),
        isChanged,
      );
    });

    it(`${what} while it is read is refused, whatever the reader says`, async () => {
      await assert.rejects(
        readVerified(ref, async () => {
          await swap();
          throw new Error('damaged');
        }),
        isChanged,
      );
    });
  }

  it('swapped and put back while it is read is read again', async () => {
    const readings: string[] = [];
    const value = await readVerified(ref, async (from) => {
      if (readings.length === 0) {
        await rename(path, join(folder, 'aside'));
        await writeFile(path, 'wrong');
      }
      const found = await text(from);
      if (readings.length === 0) await rename(join(folder, 'aside'), path);
      readings.push(found);
      return found;
    });
    assert.deepEqual([value, readings], ['right', ['wrong', 'right']]);
  });

  it('swapped and put back at every reading is refused', async () => {
    await assert.rejects(
      readVerified(ref, async (from) => {
        await copyFile(path, join(folder, 'copy'));
        await writeFile(path, 'wrong');
        const found = await text(from);
        await rename(join(folder, 'copy'), path);
        return found;
      }),
      isChanged,
    );
  });

  it('of which a reader complains, though it is intact, gives the complaint', async () => {
    await assert.rejects(
      readVerified(ref, () => Promise.reject(new Error('not NetCDF'))),
      /not NetCDF/,
    );
  });
});

describe('what is read after the start of a run', () => {
  it('truth and elevation that were swapped are refused', async () => {
    await writeFile(path, 'wrong');
    const grid = { latitudesDegrees: Float64Array.of(45), longitudesDegrees: Float64Array.of(9), resolutionDegrees: 1 };

    await assert.rejects(readTruth(ref, new AbortController().signal), isChanged);
    const config = parseDomainConfig(
      {
        name: 'swapped',
        boundingBox: { north: 46, west: 8, south: 44, east: 10 },
        pollutants: ['pm10'],
        source: { path },
        covariates: { elevation: { path } },
      },
      'swapped',
    );
    await assert.rejects(elevationOf(ref, config, grid), isChanged);
  });
});
