// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';

import { hashFile } from '../artifacts/index.js';
import { writeFileAtomic } from '../common/atomic-file.js';
import { sha256Hex } from '../common/hash.js';
import type { ManifestEntry } from './run-manifest.js';

/** Collects what is written into the folder of a run, by the hash of what was meant. */
export class ProductFolder {
  private readonly written: ManifestEntry[] = [];

  constructor(readonly folder: string) {}

  /** The files so far, in the order of their writing. */
  get entries(): readonly ManifestEntry[] {
    return this.written;
  }

  /** Writes a product; `path` is relative to the folder. */
  async write(path: string, data: Uint8Array | string): Promise<void> {
    await writeFileAtomic(join(this.folder, path), data);
    this.written.push({ path, bytes: Buffer.byteLength(data), sha256: sha256Hex(data) });
  }

  /**
   * Takes in a product that a library writes to a path.
   *
   * @param make - writes the file and proves that it holds what was meant
   */
  async adopt(path: string, make: (target: string) => Promise<void>): Promise<void> {
    const target = join(this.folder, path);
    await make(target);
    this.written.push({ path, ...(await hashFile(target)) });
  }
}
