// SPDX-License-Identifier: Apache-2.0
import type { ObjectStore } from './object-store.js';
import { parseStageRecord, STAGES_PREFIX } from './stage-cache.js';
import type { ArtifactStore } from './store.js';

export interface RetentionOptions {
  /** Stage results not used for longer than this are removed. */
  readonly maximumAgeMs: number;
  /** Default: now. */
  readonly nowMs?: number;
}

export interface RetentionSummary {
  readonly removedStages: number;
  readonly removedObjects: number;
  readonly removedBytes: number;
  readonly keptObjects: number;
}

/** Objects younger than this may belong to a stage that has not recorded its outputs yet. */
const UNRECORDED_GRACE_MS = 24 * 3600 * 1000;

/**
 * Removes stage results that nobody used for a while, and then every object that no remaining result names.
 * Only costs time when it removes too much: whatever is missing is computed again.
 */
export async function pruneStore(
  store: { readonly objects: ObjectStore; readonly artifacts: ArtifactStore },
  options: RetentionOptions,
): Promise<RetentionSummary> {
  const { objects, artifacts } = store;
  const nowMs = options.nowMs ?? Date.now();
  const referenced = new Set<string>();
  let removedStages = 0;
  for await (const { name, modifiedMs } of objects.list(STAGES_PREFIX)) {
    if (nowMs - modifiedMs > options.maximumAgeMs) {
      await objects.remove(name);
      removedStages += 1;
      continue;
    }
    const text = (await objects.read(name))?.toString('utf8') ?? '';
    for (const ref of Object.values(parseStageRecord(text)?.outputs ?? {})) referenced.add(ref.sha256);
  }
  let removedObjects = 0;
  let removedBytes = 0;
  let keptObjects = 0;
  for await (const { sha256, bytes, modifiedMs } of artifacts.list()) {
    if (nowMs - modifiedMs < UNRECORDED_GRACE_MS || referenced.has(sha256)) {
      keptObjects += 1;
      continue;
    }
    await artifacts.remove(sha256);
    removedObjects += 1;
    removedBytes += bytes;
  }
  return { removedStages, removedObjects, removedBytes, keptObjects };
}
