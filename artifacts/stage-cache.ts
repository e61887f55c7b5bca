// SPDX-License-Identifier: Apache-2.0
/**
 * Remembers what every stage made, so that the same work is never done twice. A stage is identified by its name, its
 * version, its parameters and the hashes of its inputs; the key is the hash of these four.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import { lstat, rename, utimes } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { z } from 'zod';

import { writeFileAtomic } from '../common/atomic-file.js';
import { isTramontanaError } from '../common/errors.js';
import { codeOf } from '../common/paths.js';
import { readRegular } from '../common/regular-file.js';
import { explainDifference } from './stage-cache-difference.js';
import { stageKey, type StageIdentity } from './stage-cache-identity.js';
import { conditionOf, type ArtifactRef } from './store.js';

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

/** Refers to a file of this machine; of any other address nothing could be proved. */
const artifactRefSchema = z.object({
  uri: z.string().refine(isFileAddress),
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

function isFileAddress(uri: string): boolean {
  try {
    return fileURLToPath(uri) !== '';
  } catch {
    return false;
  }
}

/** The record in a text; undefined for a damaged one, which may still be JSON. */
export function parseStageRecord(text: string): StageRecord | undefined {
  try {
    return stageRecordSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Moves a folder aside that lies where a record goes: a computation must not fail when it is recorded, hours after it began. */
async function makeWay(path: string): Promise<void> {
  const isFolder = await lstat(path).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
  if (isFolder) await rename(path, `${path}.${randomBytes(4).toString('hex')}.aside`);
}

/** Answer to "must this stage run?", with the reason in words. */
export type StageLookup =
  | { readonly hit: true; readonly key: string; readonly record: StageRecord; readonly reason: string }
  | { readonly hit: false; readonly key: string; readonly reason: string };

/** The index of computed stages: one file a key, and for each scope (a domain) the latest key of each stage. */
export class StageCache {
  private readonly stagesFolder: string;

  /** @param folder - holds `stages/`; created on the first record */
  constructor(readonly folder: string) {
    this.stagesFolder = join(resolve(folder), 'stages');
  }

  /**
   * Looks for a computation with this identity whose outputs are intact (every byte is hashed again).
   *
   * @param scope - whose latest computation is compared to explain a miss, e.g. the domain's name
   */
  async lookup(identity: StageIdentity, scope: string): Promise<StageLookup> {
    const key = stageKey(identity);
    const record = await this.readRecord(this.recordPath(key));
    if (record === undefined || record.key !== key) {
      const latest = await this.latestOf(identity.stage, scope);
      return { hit: false, key, reason: explainDifference(latest?.identity, identity) };
    }
    for (const [name, ref] of Object.entries(record.outputs)) {
      const condition = await conditionOf(ref);
      if (condition !== 'intact') {
        const happened = condition === 'missing' ? 'is missing' : 'has changed';
        return { hit: false, key, reason: `stored output "${name}" ${happened}` };
      }
    }
    const now = new Date();
    // the time of last use decides what retention may remove; another process may just have removed the file
    await utimes(this.recordPath(key), now, now).catch(() => undefined);
    return { hit: true, key, record, reason: `unchanged since ${record.computedAt}` };
  }

  /** What a stage made when it was last computed in a scope. */
  latestOf(stage: string, scope: string): Promise<StageRecord | undefined> {
    return this.readRecord(this.latestPath(scope, stage));
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
    for (const path of [this.recordPath(record.key), this.latestPath(scope, identity.stage)]) {
      await makeWay(path);
      await writeFileAtomic(path, text);
    }
    return record;
  }

  private recordPath(key: string): string {
    return join(this.stagesFolder, `${key}.json`);
  }

  private latestPath(scope: string, stage: string): string {
    return join(this.stagesFolder, 'latest', encodeURIComponent(scope), `${stage}.json`);
  }

  /** A record that cannot be read is as good as none: the stage is computed again and the file replaced. */
  private async readRecord(path: string): Promise<StageRecord | undefined> {
    let text: string;
    try {
      text = (await readRegular(path)).toString('utf8');
    } catch (error) {
      if (codeOf(error) === 'ENOENT' || isTramontanaError(error, 'Input.NotRegularFile')) return undefined;
      throw error;
    }
    return parseStageRecord(text);
  }
}
