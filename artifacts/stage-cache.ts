// SPDX-License-Identifier: Apache-2.0
/**
 * Remembers what every stage made, so that the same work is never done twice. A stage is identified by its name, its
 * version, its parameters and the hashes of its inputs; the key is the hash of these four.
 *
 * @module
 */
import { z } from 'zod';

import type { ArtifactRef } from './artifact-ref.js';
import { isFileUri } from './local-files.js';
import type { ObjectStore } from './object-store.js';
import { explainDifference } from './stage-cache-difference.js';
import { stageKey, type StageIdentity } from './stage-cache-identity.js';
import type { ArtifactStore } from './store.js';

/** What one computation of a stage left behind. */
export interface StageRecord {
  readonly schema: 'stage-record/1';
  readonly key: string;
  readonly identity: StageIdentity;
  readonly outputs: Readonly<Record<string, ArtifactRef>>;
  /** Small figures for people and for later stages. */
  readonly facts: Readonly<Record<string, unknown>>;
  /** Time the computation took. */
  readonly seconds: number;
  /** ISO 8601, UTC. */
  readonly computedAt: string;
}

/** Refers to a file or an object of a bucket; of any other address nothing could be proved. */
const artifactRefSchema = z.object({
  uri: z.string().refine((uri) => uri.startsWith('s3://') || isFileUri(uri)),
  sha256: z.string().regex(/^[0-9a-f]{64}$/u),
  bytes: z.int().nonnegative(),
  mediaType: z.string(),
  schema: z.string(),
});

const stageRecordSchema = z.object({
  schema: z.literal('stage-record/1'),
  key: z.string(),
  identity: z.object({
    stage: z.string(),
    version: z.number(),
    parameters: z.record(z.string(), z.unknown()),
    inputs: z.record(z.string(), z.string()),
  }),
  outputs: z.record(z.string(), artifactRefSchema),
  facts: z.record(z.string(), z.unknown()),
  seconds: z.number(),
  computedAt: z.string(),
});

/** The record in a text; undefined for a damaged one, which may still be JSON. */
export function parseStageRecord(text: string): StageRecord | undefined {
  try {
    return stageRecordSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Answer to "must this stage run?", with the reason in words. */
export type StageLookup =
  | { readonly hit: true; readonly key: string; readonly record: StageRecord; readonly reason: string }
  | { readonly hit: false; readonly key: string; readonly reason: string };

/** Below which the records of computed stages lie. */
export const STAGES_PREFIX = 'stages/';

/** The index of computed stages: one record a key, and for each scope (a domain) the latest record of each stage. */
export class StageCache {
  constructor(
    private readonly objects: ObjectStore,
    private readonly artifacts: Pick<ArtifactStore, 'conditionOf'>,
  ) {}

  /**
   * Looks for a computation with this identity whose outputs are intact, as far as the store proves it.
   *
   * @param scope - whose latest computation is compared to explain a miss, e.g. the domain's name
   */
  async lookup(identity: StageIdentity, scope: string): Promise<StageLookup> {
    const key = stageKey(identity);
    const record = await this.recordOf(key);
    if (record === undefined) {
      const latest = await this.latestOf(identity.stage, scope);
      return { hit: false, key, reason: explainDifference(latest?.identity, identity) };
    }
    for (const [name, ref] of Object.entries(record.outputs)) {
      const condition = await this.artifacts.conditionOf(ref);
      if (condition !== 'intact') {
        const happened = condition === 'missing' ? 'is missing' : 'has changed';
        return { hit: false, key, reason: `stored output "${name}" ${happened}` };
      }
    }
    // the time of last use decides what retention may remove
    await this.objects.touch(recordName(key));
    return { hit: true, key, record, reason: `unchanged since ${record.computedAt}` };
  }

  /** What a computation left behind, whether or not its outputs are still there. */
  async recordOf(key: string): Promise<StageRecord | undefined> {
    const record = await this.readRecord(recordName(key));
    return record?.key === key ? record : undefined;
  }

  /** What a stage made when it was last computed in a scope. */
  latestOf(stage: string, scope: string): Promise<StageRecord | undefined> {
    return this.readRecord(latestName(scope, stage));
  }

  /** Records a computation, once all its outputs are stored. */
  async record(
    identity: StageIdentity,
    scope: string,
    result: Pick<StageRecord, 'outputs' | 'facts' | 'seconds'>,
  ): Promise<StageRecord> {
    const record: StageRecord = {
      schema: 'stage-record/1',
      key: stageKey(identity),
      identity,
      outputs: result.outputs,
      facts: result.facts,
      seconds: result.seconds,
      computedAt: new Date().toISOString(),
    };
    const text = `${JSON.stringify(record, null, 2)}\n`;
    for (const name of [recordName(record.key), latestName(scope, identity.stage)])
      await this.objects.write(name, text);
    return record;
  }

  /** A record that cannot be read is as good as none: the stage is computed again and the record replaced. */
  private async readRecord(name: string): Promise<StageRecord | undefined> {
    const bytes = await this.objects.read(name);
    return bytes === undefined ? undefined : parseStageRecord(bytes.toString('utf8'));
  }
}

function recordName(key: string): string {
  return `${STAGES_PREFIX}${key}.json`;
}

function latestName(scope: string, stage: string): string {
  return `${STAGES_PREFIX}latest/${encodeURIComponent(scope)}/${stage}.json`;
}
