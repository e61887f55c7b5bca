// SPDX-License-Identifier: Apache-2.0
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { parseStageRecord } from './stage-cache.js';

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

async function listFiles(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true, recursive: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/**
 * Removes stage results that nobody used for a while, and then every object that no remaining result names.
 * Only costs time when it removes too much: whatever is missing is computed again.
 *
 * @param folder - the folder of the {@link ArtifactStore} and {@link StageCache}
 */
export async function pruneStore(folder: string, options: RetentionOptions): Promise<RetentionSummary> {
  const nowMs = options.nowMs ?? Date.now();
  const stagesFolder = join(resolve(folder), 'stages');
  const referenced = new Set<string>();
  let removedStages = 0;
  for (const path of await listFiles(stagesFolder)) {
    if (nowMs - (await stat(path)).mtimeMs > options.maximumAgeMs) {
      await rm(path, { force: true });
      removedStages += 1;
      continue;
    }
    for (const ref of Object.values(parseStageRecord(await readFile(path, 'utf8'))?.outputs ?? {}))
      referenced.add(ref.sha256);
  }
  let removedObjects = 0;
  let removedBytes = 0;
  let keptObjects = 0;
  for (const path of await listFiles(join(resolve(folder), 'objects'))) {
    const { mtimeMs, size } = await stat(path);
    const young = nowMs - mtimeMs < UNRECORDED_GRACE_MS;
    if (young || referenced.has(path.slice(path.lastIndexOf('/') + 1))) {
      keptObjects += 1;
      continue;
    }
    await rm(path, { force: true });
    removedObjects += 1;
    removedBytes += size;
  }
  return { removedStages, removedObjects, removedBytes, keptObjects };
}
