// SPDX-License-Identifier: Apache-2.0
import { join, resolve } from 'node:path';

import { FileLeases } from './file-leases.js';
import { FolderObjects } from './folder-objects.js';
import type { Leases } from './leases.js';
import { LocalArtifactStore } from './local-store.js';
import type { ObjectStore } from './object-store.js';
import { StageCache } from './stage-cache.js';
import type { ArtifactStore } from './store.js';

/** What outlives a run, besides its products. */
export interface Storage {
  readonly artifacts: ArtifactStore;
  readonly stages: StageCache;
  readonly leases: Leases;
  readonly objects: ObjectStore;
}

/** The store in a state folder: artifacts and records in `store/`, locks beside the jobs of the engine. */
export function openFolderStorage(stateFolder: string): Storage & { readonly artifacts: LocalArtifactStore } {
  const objects = new FolderObjects(join(resolve(stateFolder), 'store'));
  const artifacts = new LocalArtifactStore(objects);
  const leases = new FileLeases(join(resolve(stateFolder), 'jobs'));
  return { artifacts, stages: new StageCache(objects, artifacts), leases, objects };
}
