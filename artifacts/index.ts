// SPDX-License-Identifier: Apache-2.0
export {
  ARROW_MEDIA_TYPE,
  ArtifactStore,
  conditionOf,
  hashFile,
  JSON_MEDIA_TYPE,
  referToFile,
  type ArtifactCondition,
  type ArtifactKind,
  type ArtifactRef,
} from './store.js';
export { StageCache, type StageLookup, type StageRecord } from './stage-cache.js';
export { stageKey, type StageIdentity } from './stage-cache-identity.js';
export { pruneStore, type RetentionOptions, type RetentionSummary } from './store-retention.js';
