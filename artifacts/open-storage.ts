// SPDX-License-Identifier: Apache-2.0
import { join, resolve } from 'node:path';

import { TramontanaError } from '../common/errors.js';
import { ArtifactCache } from './artifact-cache.js';
import { FileLeases } from './file-leases.js';
import { FolderObjects } from './folder-objects.js';
import type { Leases } from './leases.js';
import { LocalArtifactStore } from './local-store.js';
import type { ObjectStore } from './object-store.js';
import { S3Client } from './s3/s3-client.js';
import { S3Leases } from './s3/s3-leases.js';
import { S3Objects } from './s3/s3-objects.js';
import { s3SettingsOf } from './s3/s3-settings.js';
import { SharedArtifactStore } from './shared-store.js';
import { StageCache } from './stage-cache.js';
import type { ArtifactStore } from './store.js';

/** What outlives a run, besides its products. */
export interface Storage {
  readonly artifacts: ArtifactStore;
  readonly stages: StageCache;
  readonly leases: Leases;
  readonly objects: ObjectStore;
  /** True where workers with other state folders see the same. */
  readonly isShared: boolean;
}

export interface StorageChoice {
  /** Of this worker: the store itself, or the copies of what lies in a shared one. */
  readonly stateFolder: string;
  /** `s3://bucket/prefix`. Default: `$TRAMONTANA_STORE`, else the state folder. */
  readonly store?: string;
  /** Default: that of this process. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

const DEFAULT_CACHE_GIB = 20;

/**
 * Opens the store of a worker; nothing is asked of it yet.
 *
 * @throws {TramontanaError} `Config.InvalidStore`
 */
export function openStorage({ stateFolder, store, environment = process.env }: StorageChoice): Storage {
  const address = store ?? environment['TRAMONTANA_STORE'] ?? '';
  if (address === '') return openFolderStorage(stateFolder);
  const objects = new S3Objects(new S3Client(s3SettingsOf(address, environment)));
  const cache = new ArtifactCache(join(resolve(stateFolder), 'cache', 'artifacts'), cacheBytesOf(environment));
  const artifacts = new SharedArtifactStore(objects, cache);
  return {
    ...{ artifacts, objects, isShared: true },
    stages: new StageCache(objects, artifacts),
    leases: new S3Leases(objects),
  };
}

/** The store in a state folder: artifacts and records in `store/`, locks beside the jobs of the engine. */
export function openFolderStorage(stateFolder: string): Storage & { readonly artifacts: LocalArtifactStore } {
  const objects = new FolderObjects(join(resolve(stateFolder), 'store'));
  const artifacts = new LocalArtifactStore(objects);
  const leases = new FileLeases(join(resolve(stateFolder), 'jobs'));
  return { artifacts, stages: new StageCache(objects, artifacts), leases, objects, isShared: false };
}

function cacheBytesOf(environment: Readonly<Record<string, string | undefined>>): number {
  const text = environment['TRAMONTANA_STORE_CACHE_GIB'] ?? String(DEFAULT_CACHE_GIB);
  const gibibytes = Number(text);
  if (gibibytes > 0 && text.trim() !== '') return gibibytes * 2 ** 30;
  throw new TramontanaError(
    'Config.InvalidStore',
    `TRAMONTANA_STORE_CACHE_GIB: expected a number above 0, got "${text}"`,
    { facts: { value: text } },
  );
}
