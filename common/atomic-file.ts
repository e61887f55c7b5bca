// SPDX-License-Identifier: Apache-2.0
/**
 * How everything that Tramontana keeps is written: whole or not at all, and readable by owner and group only, whatever
 * the umask of the process that happens to write it.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { makeFolder } from './paths.js';

/** Permissions of files: the owner writes, the group reads. */
export const FILE_MODE = 0o640;

/** The umask that gives children of this process (engine, server) the permissions of its own files and folders. */
export const CHILD_UMASK = 0o027;

/**
 * Writes a file so that a reader sees the old content or the whole new one, never a part:
 * temporary file in the same folder, fsync, rename, fsync of the folder.
 */
export async function writeFileAtomic(path: string, data: Uint8Array | string): Promise<void> {
  await replaceFile(path, async (temporary) => {
    const file = await open(temporary, 'wx', FILE_MODE);
    try {
      await file.writeFile(data);
    } finally {
      await file.close();
    }
  });
}

/**
 * As {@link writeFileAtomic}, for a writer that wants a path.
 *
 * @param write - makes the file at the path that it is given; after it fails nothing is left
 */
export async function replaceFile(path: string, write: (temporary: string) => Promise<void> | void): Promise<void> {
  const folder = dirname(path);
  await makeFolder(folder);
  const temporary = join(folder, `.${basename(path)}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`);
  try {
    await write(temporary);
    const file = await open(temporary, 'r+');
    try {
      await file.chmod(FILE_MODE);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await synchroniseFolder(folder);
}

/** Makes the names in a folder survive a power cut. */
export async function synchroniseFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
