// SPDX-License-Identifier: Apache-2.0
export {
  ARROW_MEDIA_TYPE,
  JSON_MEDIA_TYPE,
  type ArtifactCondition,
  type ArtifactKind,
  type ArtifactRef,
} from './artifact-ref.js';
export type { HeldLease, LeaseOptions, Leases } from './leases.js';
export { fileUriOf, hashFile, pathOfFileUri, placeOf, referToFile } from './local-files.js';
export type { ObjectStore, StoredObject } from './object-store.js';
export { openFolderStorage, openStorage, type Storage, type StorageChoice } from './open-storage.js';
export { probeStorage } from './probe-storage.js';
export { StageCache, type StageLookup, type StageRecord } from './stage-cache.js';
export { stageKey, type StageIdentity } from './stage-cache-identity.js';
export { GRACE_MS, pruneStore, type Removal, type RetentionOptions, type RetentionSummary } from './store-retention.js';
export type { RetentionNeeds } from './retention-needs.js';
export type { ArtifactStore } from './store.js';
export { readVerified } from './verified-read.js';
