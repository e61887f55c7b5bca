// SPDX-License-Identifier: Apache-2.0
/**
 * Checkpoints of a fit in the shared store, so that it goes on with a worker of another state folder. The engine writes and reads files
 * of its own machine; these are carried there and back.
 *
 * @module
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

import type { ObjectStore } from '../../artifacts/index.js';
import { writeFileAtomic } from '../../common/atomic-file.js';
import { messageOf } from '../../common/errors.js';
import { within } from '../../common/processes.js';

/** Below which they lie: `checkpoints/<job>/<token>-<file>`. */
const CHECKPOINTS_PREFIX = 'checkpoints/';

/** As the engine keeps them itself: the newest, and one more should it be damaged. */
const KEPT = 2;

/** At the end of an attempt; with the engine's own ten seconds within those that a worker has for its end. */
const SETTLE_MS = 4000;

const TOKEN_DIGITS = 16;

export interface CheckpointJob {
  /** Kind and key. */
  readonly name: string;
  /** Of the lease on the job: what a holder writes that lost it is passed over. */
  readonly token: number;
  /** Where the engine keeps them on this machine. */
  readonly folder: string;
}

export class SharedCheckpoints {
  private readonly prefix: string;
  private carried: Promise<void> = Promise.resolve();
  private waiting: string | undefined;
  private kept: string[] = [];

  constructor(
    private readonly objects: ObjectStore,
    private readonly job: CheckpointJob,
    private readonly warn: (message: string) => void,
  ) {
    this.prefix = prefixOf(job.name);
  }

  /** Removes those of a job, once its result is stored. */
  static async remove(objects: ObjectStore, name: string): Promise<void> {
    for await (const object of objects.list(prefixOf(name))) await objects.remove(object.name);
  }

  /** Brings the newest to this machine; the engine takes the newest valid one of all that are there. */
  async fetch(): Promise<void> {
    const names: string[] = [];
    for await (const { name } of this.objects.list(this.prefix)) names.push(name);
    // tokens have one length, and so have the numbers in the names of the files
    for (const name of names.sort().slice(-KEPT)) {
      const path = join(this.job.folder, name.slice(this.prefix.length + TOKEN_DIGITS + 1));
      const bytes = existsSync(path) ? undefined : await this.objects.read(name);
      if (bytes !== undefined) await writeFileAtomic(path, bytes);
    }
  }

  /** Carries a checkpoint to the store, by and by: when several wait, the last one. The fit does not wait, and goes on without. */
  share(path: string): void {
    const isIdle = this.waiting === undefined;
    this.waiting = path;
    if (isIdle) this.carried = this.carried.then(() => this.carry());
  }

  /** Waits until what was shared is there, but not for long. */
  async settle(): Promise<void> {
    await within(this.carried, SETTLE_MS);
  }

  private async carry(): Promise<void> {
    const path = this.waiting;
    this.waiting = undefined;
    if (path === undefined) return;
    try {
      const name = `${this.prefix}${String(this.job.token).padStart(TOKEN_DIGITS, '0')}-${basename(path)}`;
      await this.objects.write(name, await readFile(path));
      this.kept.push(name);
      for (const old of this.kept.splice(0, this.kept.length - KEPT)) await this.objects.remove(old);
    } catch (error) {
      this.warn(`a checkpoint did not reach the shared store: ${messageOf(error)}`);
    }
  }
}

function prefixOf(name: string): string {
  return `${CHECKPOINTS_PREFIX}${name}/`;
}
