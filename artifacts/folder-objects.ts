// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import { lstat, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';

import { writeFileAtomic } from '../common/atomic-file.js';
import { isTramontanaError } from '../common/errors.js';
import { codeOf } from '../common/paths.js';
import { readRegular } from '../common/regular-file.js';
import { fileUriOf } from './local-files.js';
import type { ObjectStore, StoredObject } from './object-store.js';

/** Objects as files of one folder, which is made at the first write. Safe for several processes at once. */
export class FolderObjects implements ObjectStore {
  readonly folder: string;
  readonly address: string;

  constructor(folder: string) {
    this.folder = resolve(folder);
    this.address = `${fileUriOf(this.folder)}/`;
  }

  pathOf(name: string): string {
    return join(this.folder, name);
  }

  addressOf(name: string): string {
    return fileUriOf(this.pathOf(name));
  }

  async read(name: string): Promise<Buffer | undefined> {
    try {
      return await readRegular(this.pathOf(name));
    } catch (error) {
      if (codeOf(error) === 'ENOENT' || isTramontanaError(error, 'Input.NotRegularFile')) return undefined;
      throw error;
    }
  }

  /** @throws the system's error when the disk refuses (full, read-only); nothing half-written is left */
  async write(name: string, data: Uint8Array | string): Promise<void> {
    const path = this.pathOf(name);
    await makeWay(path);
    await writeFileAtomic(path, data);
  }

  async stat(name: string): Promise<StoredObject | undefined> {
    try {
      const entry = await stat(this.pathOf(name));
      return entry.isFile() ? { name, bytes: entry.size, modifiedMs: entry.mtimeMs } : undefined;
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  async touch(name: string): Promise<void> {
    const now = new Date();
    // another process may just have removed the file
    await utimes(this.pathOf(name), now, now).catch(() => undefined);
  }

  async *list(prefix: string): AsyncIterable<StoredObject> {
    // names are walked from the last folder that the prefix names
    const top = prefix.slice(0, prefix.lastIndexOf('/') + 1);
    for (const path of await filesBelow(this.pathOf(top))) {
      const name = relative(this.folder, path);
      const found = name.startsWith(prefix) ? await this.stat(name) : undefined;
      if (found !== undefined) yield found;
    }
  }

  async remove(name: string): Promise<void> {
    await rm(this.pathOf(name), { force: true });
  }
}

/** Moves a folder aside that lies where an object goes: a computation must not fail when it is recorded, hours after it began. */
async function makeWay(path: string): Promise<void> {
  const isFolder = await lstat(path).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
  if (isFolder) await rename(path, `${path}.${randomBytes(4).toString('hex')}.aside`);
}

async function filesBelow(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true, recursive: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}
