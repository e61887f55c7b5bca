// SPDX-License-Identifier: Apache-2.0
/**
 * Copies of artifacts of a store elsewhere, in a folder of this machine, by hash. Losing it costs only time.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import { link, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';

import { writeFileAtomic } from '../common/atomic-file.js';
import { DAY_MS } from '../common/days.js';
import { sha256Hex } from '../common/hash.js';
import { codeOf, makeFolder } from '../common/paths.js';
import { readRegular } from '../common/regular-file.js';
import { hashFile } from './local-files.js';

const UNFINISHED = 'unfinished';
const IN_USE = 'in-use';

/** What processes that were killed left in the two folders above is older than this; nobody works on one copy for longer. */
const LEFT_BEHIND_MS = DAY_MS;

/** After this share of the bound was added the folder is looked through again. */
const LOOK_SHARE = 0.05;

export class ArtifactCache {
  private addedBytes = Number.POSITIVE_INFINITY;

  /**
   * @param maximumBytes - least recently used copies are removed above it
   * @param graceMs - copies that were used this short a time ago stay: somebody is about to open them
   */
  constructor(
    private readonly folder: string,
    private readonly maximumBytes: number,
    private readonly graceMs = 60_000,
  ) {}

  /** The bytes with this hash; undefined where there is no copy, or a damaged one, which is removed. */
  async read(sha256: string): Promise<Buffer | undefined> {
    const path = this.pathOf(sha256);
    const bytes = await readRegular(path).catch(() => undefined);
    if (bytes === undefined) return undefined;
    if (sha256Hex(bytes) === sha256) {
      await markUsed(path);
      return bytes;
    }
    await rm(path, { force: true, recursive: true });
    return undefined;
  }

  /** Keeps bytes whose hash is known to be this one. */
  async keep(sha256: string, bytes: Uint8Array): Promise<void> {
    await writeFileAtomic(this.pathOf(sha256), bytes);
    await this.added(bytes.byteLength);
  }

  /**
   * Takes in a file that `write` makes.
   *
   * @param write - makes it at the path that it is given, and throws unless it has the hash
   */
  async fill(sha256: string, write: (path: string) => Promise<void>): Promise<void> {
    const path = await this.scratchPath(UNFINISHED);
    try {
      await write(path);
      await makeFolder(join(this.folder, sha256.slice(0, 2)));
      await rename(path, this.pathOf(sha256));
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
    await this.added((await stat(this.pathOf(sha256)).catch(() => undefined))?.size ?? 0);
  }

  /**
   * Hands a copy to somebody who wants a path, under a name of its own, so that nobody removes it meanwhile.
   *
   * @returns undefined where there is no intact copy
   */
  async lend<Result>(
    sha256: string,
    use: (path: string) => Promise<Result>,
  ): Promise<{ readonly result: Result } | undefined> {
    const path = this.pathOf(sha256);
    const lent = await this.scratchPath(IN_USE);
    try {
      await link(path, lent);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw error;
    }
    try {
      if ((await hashFile(lent)).sha256 !== sha256) {
        await rm(path, { force: true });
        return undefined;
      }
      await markUsed(path);
      return { result: await use(lent) };
    } finally {
      await rm(lent, { force: true });
    }
  }

  private pathOf(sha256: string): string {
    return join(this.folder, sha256.slice(0, 2), sha256);
  }

  private async scratchPath(kind: string): Promise<string> {
    await makeFolder(join(this.folder, kind));
    return join(this.folder, kind, `${process.pid}-${randomBytes(6).toString('hex')}`);
  }

  private async added(bytes: number): Promise<void> {
    this.addedBytes += bytes;
    if (this.addedBytes < this.maximumBytes * LOOK_SHARE) return;
    this.addedBytes = 0;
    await this.shrink();
  }

  /** Removes the least recently used copies above the bound, and what killed processes left. */
  private async shrink(): Promise<void> {
    const names = await readdir(this.folder, { recursive: true });
    const found = await Promise.all(
      names.map(async (name) => {
        const path = join(this.folder, name);
        // another process may shrink too
        const entry = await stat(path).catch(() => undefined);
        return entry?.isFile() === true ? [{ name, path, bytes: entry.size, usedMs: entry.mtimeMs }] : [];
      }),
    );
    const copies = found.flat().sort((a, b) => b.usedMs - a.usedMs);
    let total = 0;
    for (const { name, path, bytes, usedMs } of copies) {
      const isScratch = name.startsWith(UNFINISHED) || name.startsWith(IN_USE);
      if (isScratch) {
        if (Date.now() - usedMs > LEFT_BEHIND_MS) await rm(path, { force: true });
        continue;
      }
      total += bytes;
      if (total > this.maximumBytes && Date.now() - usedMs >= this.graceMs) await rm(path, { force: true });
    }
  }
}

async function markUsed(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now).catch(() => undefined);
}
