// SPDX-License-Identifier: Apache-2.0
/**
 * What a store may forget. Whatever is missing is computed again, so that too much costs only time; but what a run under way, a
 * schedule or a product in place needs is not too much.
 *
 * @module
 */
import { DAY_MS } from '../common/days.js';
import { USED_PREFIX, type ObjectStore, type StoredObject } from './object-store.js';
import { judgeRecords, type JudgedRecord, type KeepReason, type RetentionNeeds } from './retention-needs.js';
import { parseStageRecord, STAGES_PREFIX } from './stage-cache.js';
import { OBJECTS_PREFIX } from './store.js';

export interface RetentionOptions {
  /** Stage results and checkpoints not used for longer than this are removed, unless something needs them. */
  readonly maximumAgeMs: number;
  readonly needs: RetentionNeeds;
  /** Says what would be removed, and removes nothing. Default false. */
  readonly dryRun?: boolean;
  /** Default: now. */
  readonly nowMs?: number;
}

export interface Removal {
  readonly name: string;
  readonly bytes: number;
  readonly reason: string;
}

export interface RetentionSummary {
  readonly removed: readonly Removal[];
  readonly removedStages: number;
  readonly removedObjects: number;
  readonly removedBytes: number;
  readonly keptObjects: number;
  /** How many records of stages are kept, by the first reason that holds. */
  readonly keptStages: Readonly<Partial<Record<KeepReason, number>>>;
  /** Uploads that killed workers left. */
  readonly abandonedUploads: number;
}

/**
 * Objects younger than this may belong to a stage that has not recorded its outputs yet; and times of use are kept to half of it
 * in a bucket, so that what a run used at its start may look this much older than the run.
 */
export const GRACE_MS = DAY_MS;

/** What is not a result. */
const LOOSE = {
  'checkpoints/': 'a fit that nobody came back to',
  'leases/': 'a lease that nobody holds',
  'probe/': 'a look at the store that never ended',
} as const;

/** Removes what nobody used for a while and nothing needs: records first, then every object that no remaining record names. */
export async function pruneStore(objects: ObjectStore, options: RetentionOptions): Promise<RetentionSummary> {
  const { maximumAgeMs, needs, dryRun = false, nowMs = Date.now() } = options;
  const pruning = await Pruning.begin(objects, dryRun);
  const isRunning = (usedMs: number): boolean =>
    usedMs >= (needs.oldestOpenRunMs ?? Number.POSITIVE_INFINITY) - GRACE_MS;
  // a run that began since the server was asked may have looked at a record whose time of use is kept to half a day
  const recentMs = needs.isShared ? Math.max(maximumAgeMs, GRACE_MS) : maximumAgeMs;
  const isRecent = (usedMs: number): boolean => nowMs - usedMs <= recentMs;

  const records = await pruning.records();
  const judged = await judgeRecords(records, { needs, nowMs, isRecent, isRunning });
  const referenced = new Set<string>();
  const keptStages: Partial<Record<KeepReason, number>> = {};
  for (const record of records) {
    const reason = judged.reasons.get(record.name);
    if (reason === undefined) {
      await pruning.remove(record, record.record === undefined ? 'a record that cannot be read' : 'not used for long');
      continue;
    }
    keptStages[reason] = (keptStages[reason] ?? 0) + 1;
    for (const ref of Object.values(record.record?.outputs ?? {})) referenced.add(ref.sha256);
  }
  const removedStages = pruning.removed.length;
  for (const sha256 of judged.neededInputs) referenced.add(sha256);

  let keptObjects = 0;
  for await (const object of objects.list(OBJECTS_PREFIX)) {
    const usedMs = pruning.usedMs(object);
    const sha256 = object.name.slice(object.name.lastIndexOf('/') + 1);
    if (nowMs - usedMs < GRACE_MS || isRunning(usedMs) || referenced.has(sha256)) keptObjects += 1;
    else await pruning.remove(object, 'no result names it');
  }
  const removedObjects = pruning.removed.length - removedStages;
  for (const [prefix, reason] of Object.entries(LOOSE)) {
    for await (const object of objects.list(prefix)) {
      const isOld = nowMs - object.modifiedMs > Math.max(maximumAgeMs, GRACE_MS);
      if (isOld && !isRunning(object.modifiedMs)) await pruning.remove(object, reason);
    }
  }
  const abandonedUploads = (await objects.removeUnfinished?.(nowMs - GRACE_MS, dryRun)) ?? 0;
  const { removed } = pruning;
  const removedBytes = removed.reduce((sum, { bytes }) => sum + bytes, 0);
  return { removed, removedStages, removedObjects, removedBytes, keptObjects, keptStages, abandonedUploads };
}

class Pruning {
  readonly removed: Removal[] = [];

  private constructor(
    private readonly objects: ObjectStore,
    private readonly marks: ReadonlyMap<string, number>,
    private readonly dryRun: boolean,
  ) {}

  static async begin(objects: ObjectStore, dryRun: boolean): Promise<Pruning> {
    const marks = new Map<string, number>();
    for await (const { name, modifiedMs } of objects.list(USED_PREFIX)) {
      marks.set(name.slice(USED_PREFIX.length), modifiedMs);
    }
    return new Pruning(objects, marks, dryRun);
  }

  usedMs({ name, modifiedMs }: StoredObject): number {
    return Math.max(modifiedMs, this.marks.get(name) ?? 0);
  }

  async records(): Promise<JudgedRecord[]> {
    const records: JudgedRecord[] = [];
    for await (const object of this.objects.list(STAGES_PREFIX)) {
      const text = (await this.objects.read(object.name))?.toString('utf8') ?? '';
      records.push({ ...object, usedMs: this.usedMs(object), record: parseStageRecord(text) });
    }
    return records;
  }

  /** Removes an object, unless somebody used it since it was listed. */
  async remove(object: StoredObject, reason: string): Promise<void> {
    const { name, bytes, modifiedMs } = object;
    if (!this.dryRun) {
      const now = await this.objects.stat(name);
      if (now !== undefined && now.modifiedMs > modifiedMs) return;
      await this.objects.remove(name);
      if (this.marks.has(name)) await this.objects.remove(`${USED_PREFIX}${name}`);
    }
    this.removed.push({ name, bytes, reason });
  }
}
