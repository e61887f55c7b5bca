// SPDX-License-Identifier: Apache-2.0
/** How operators exchange files under a run that has hashed them: by links, by folders, by a download that went on. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFile, mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';

import { openFolderStorage, referToFile, type ArtifactRef } from '../../artifacts/index.js';
import { isTramontanaError } from '../../common/errors.js';
import { parseDomainConfig } from '../../config/index.js';
import { readCamsTimes } from '../../ingest/index.js';
import { elevationOf } from '../model/model-inputs.js';
import { readTruth } from '../stages/product-inputs.js';
import { readSources } from './read-sources.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tramontana-verified-cases-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const isChanged = (error: unknown): boolean => isTramontanaError(error, 'Input.Changed') && !error.retryable;

const referTo = (path: string): Promise<ArtifactRef> => referToFile(path, { mediaType: 'x', schema: 'x' });

/** The heights that a run would use under the hash of `ref`. */
function heightsOf(ref: ArtifactRef, path: string): Promise<unknown> {
  const config = parseDomainConfig(
    {
      name: 'swapped',
      boundingBox: { north: 46, west: 8, south: 44, east: 10 },
      pollutants: ['pm10'],
      source: { path: folder },
      covariates: { elevation: { path } },
    },
    'swapped',
  );
  const grid = { latitudesDegrees: Float64Array.of(45), longitudesDegrees: Float64Array.of(9), resolutionDegrees: 1 };
  return elevationOf(ref, config, grid);
}

/** Makes a link lead elsewhere, as `ln -sfn` does. */
async function turn(link: string, target: string): Promise<void> {
  await symlink(target, `${link}.new`);
  await rename(`${link}.new`, link);
}

describe('an elevation grid', () => {
  it('in a folder "current" whose link turned to the next release is another file', async () => {
    for (const release of ['r1', 'r2']) {
      await mkdir(join(folder, release));
      await writeFile(join(folder, release, 'dem.nc'), release);
    }
    await turn(join(folder, 'current'), 'r1');
    const path = join(folder, 'current', 'dem.nc');
    const ref = await referTo(path);

    await turn(join(folder, 'current'), 'r2');

    await assert.rejects(heightsOf(ref, path), isChanged);
  });

  it('to which a download still appends is another file', async () => {
    const path = join(folder, 'dem.nc');
    await writeFile(path, 'the first part');
    const ref = await referTo(path);

    await appendFile(path, ' and the rest');

    await assert.rejects(heightsOf(ref, path), isChanged);
  });
});

describe('a truth', () => {
  it('behind a link that turned is another file', async () => {
    for (const name of ['t1.nc', 't2.nc']) await writeFile(join(folder, name), name);
    const path = join(folder, 'truth.nc');
    await turn(path, 't1.nc');
    const ref = await referTo(path);

    await turn(path, 't2.nc');

    await assert.rejects(readTruth(ref, new AbortController().signal), isChanged);
  });
});

describe('a source', () => {
  it('that was replaced between the hashing and the look for the cycle gives no cycle', async () => {
    const path = join(folder, 'ENS.nc');
    await writeFile(path, 'of 1 July');
    const ref = await referTo(path);
    await writeFile(path, 'of 9 July');
    const boundingBox = { north: 46, west: 8, south: 44, east: 10 };
    const config = { boundingBox, source: { path }, pollutants: ['pm2_5' as const] };

    await assert.rejects(
      readSources([ref], config, readCamsTimes, { signal: new AbortController().signal }),
      isChanged,
    );
  });
});

describe('an artifact', () => {
  it('whose place a pipe has taken is missing, at once', { timeout: 20_000 }, async () => {
    const store = openFolderStorage(folder).artifacts;
    const ref = await store.putJson({ a: 1 }, 'x/1');
    await rm(store.pathOf(ref.sha256));
    execFileSync('mkfifo', [store.pathOf(ref.sha256)]);

    await assert.rejects(
      store.get(ref),
      (error) => isTramontanaError(error, 'Artifact.Missing') && /a named pipe/u.test(error.message),
    );
  });
});
