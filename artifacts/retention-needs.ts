// SPDX-License-Identifier: Apache-2.0
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';

import { startOfDayMs } from '../common/days.js';
import { placeOf } from './local-files.js';
import { STAGES_PREFIX, type StageRecord } from './stage-cache.js';
import type { StoredObject } from './object-store.js';

/** Who else may need what is in a store. */
export interface RetentionNeeds {
  /** Start of the oldest run that is under way or waits, ms since 1970; absent when there is none. */
  readonly oldestOpenRunMs?: number;
  /** Domains that are forecast by themselves: what they computed last is kept for their next morning. */
  readonly scheduledDomains: readonly string[];
  /** Products of cycles older than this need nothing any more, although they stay. Default: as long as they are in place. */
  readonly productsMaximumAgeMs?: number;
  /** Products may lie where this machine does not see them: then they count as in place. */
  readonly isShared: boolean;
}

/** Why a record of a stage is kept, in the order in which the reasons are asked. */
export const KEEP_REASONS = ['used lately', 'a run under way', 'a schedule', 'a product'] as const;

export type KeepReason = (typeof KEEP_REASONS)[number];

/** A record as it is stored; the content is absent where it cannot be read. */
export interface JudgedRecord extends StoredObject {
  readonly usedMs: number;
  readonly record: StageRecord | undefined;
}

export interface Judgement {
  /** By the name of the record; those without a reason may go. */
  readonly reasons: ReadonlyMap<string, KeepReason>;
  /** Hashes of what products in place were made of. */
  readonly neededInputs: ReadonlySet<string>;
}

/** Judges every record of a store. */
export async function judgeRecords(
  records: readonly JudgedRecord[],
  by: {
    readonly needs: RetentionNeeds;
    readonly nowMs: number;
    readonly isRecent: (usedMs: number) => boolean;
    readonly isRunning: (usedMs: number) => boolean;
  },
): Promise<Judgement> {
  const { needs, nowMs, isRecent, isRunning } = by;
  const scheduled = new Set(needs.scheduledDomains);
  const ofSchedules = records.filter(({ name }) => scheduled.has(domainOfLatest(name) ?? ''));
  const scheduledKeys = new Set(ofSchedules.flatMap(({ record }) => record?.key ?? []));
  const product = await neededByProducts(records, needs, nowMs);
  const reasons = new Map<string, KeepReason>();
  for (const { name, usedMs, record } of records) {
    // what cannot be read is of use to nobody, but may be being written
    if (isRecent(usedMs)) reasons.set(name, 'used lately');
    else if (record === undefined) continue;
    else if (isRunning(usedMs)) reasons.set(name, 'a run under way');
    else if (scheduledKeys.has(record.key)) reasons.set(name, 'a schedule');
    else if (product.keys.has(record.key)) reasons.set(name, 'a product');
  }
  return { reasons, neededInputs: product.inputs };
}

/** The domain whose latest computation a name stands for, of a tile that of the whole. */
function domainOfLatest(name: string): string | undefined {
  const scope = new RegExp(`^${STAGES_PREFIX}latest/([^/]+)/`, 'u').exec(name)?.[1];
  return scope === undefined ? undefined : decodeURIComponent(scope).split('/')[0];
}

/** Records and artifacts from which products in place could be made again: what they were made of, and what that was made of. */
async function neededByProducts(
  records: readonly JudgedRecord[],
  { productsMaximumAgeMs = Number.POSITIVE_INFINITY, isShared }: RetentionNeeds,
  nowMs: number,
): Promise<{ readonly keys: ReadonlySet<string>; readonly inputs: ReadonlySet<string> }> {
  const published = new Map<string, StageRecord>();
  const makers = new Map<string, StageRecord[]>();
  for (const { record } of records) {
    if (record === undefined) continue;
    for (const { sha256 } of Object.values(record.outputs)) makers.set(sha256, [...(makers.get(sha256) ?? []), record]);
    const { folder } = record.identity.parameters;
    if (record.identity.stage !== 'publish' || typeof folder !== 'string') continue;
    // of several publications of one cycle the last one is in place
    if ((published.get(folder)?.computedAt ?? '') < record.computedAt) published.set(folder, record);
  }
  const keys = new Set<string>();
  const inputs = new Set<string>();
  const open: StageRecord[] = [];
  for (const [folder, record] of published) {
    const cycleMs = startOfDayMs(String(record.identity.parameters['cycle']));
    if (nowMs - cycleMs > productsMaximumAgeMs) continue;
    if (await isInPlace(record, folder, isShared)) open.push(record);
  }
  for (let record = open.pop(); record !== undefined; record = open.pop()) {
    if (keys.has(record.key)) continue;
    keys.add(record.key);
    for (const sha256 of Object.values(record.identity.inputs)) {
      inputs.add(sha256);
      open.push(...(makers.get(sha256) ?? []));
    }
  }
  return { keys, inputs };
}

/** By name and size: what is damaged is to be made again, so that it needs its inputs too. */
async function isInPlace(record: StageRecord, folder: string, isShared: boolean): Promise<boolean> {
  const exists = (path: string): Promise<boolean> =>
    stat(path).then(
      () => true,
      () => false,
    );
  // <runs>/<domain>/<cycle>
  if (!(await exists(dirname(dirname(folder))))) return isShared;
  for (const ref of Object.values(record.outputs)) if (await exists(placeOf(ref))) return true;
  return false;
}
