// SPDX-License-Identifier: Apache-2.0
/**
 * Paths as the file system sees them: where a name really leads, and folders made in bounded time.
 *
 * @module
 */
import { chmod, mkdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';

import { TramontanaError } from './errors.js';

/** Permissions of folders: the owner writes, the group reads, whatever the umask of the process that makes them. */
export const FOLDER_MODE = 0o750;

/** Code of an error of the system, such as `ENOENT`; undefined for other errors. */
export function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code;
}

/**
 * Where a path really leads: symbolic links and `..` resolved. Of a path that does not exist yet, the part that does is
 * resolved and the rest appended, so that a new file below a link is judged by the link's target.
 *
 * @throws the system's error other than for an absent file, e.g. a loop of links
 */
export async function realPathOf(path: string): Promise<string> {
  const absent: string[] = [];
  let existing = resolve(path);
  for (;;) {
    try {
      return join(await realpath(existing), ...absent);
    } catch (error) {
      const parent = dirname(existing);
      if (!['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '') || parent === existing) throw error;
      absent.unshift(basename(existing));
      existing = parent;
    }
  }
}

/** True when `path` is `root` or lies below it; both absolute and without links. */
export function isWithin(root: string, path: string): boolean {
  const inner = relative(root, path);
  return inner === '' || (inner !== '..' && !inner.startsWith(`..${sep}`) && !isAbsolute(inner));
}

/**
 * Makes a folder and those above it that are absent, each with {@link FOLDER_MODE}; one that exists keeps its permissions. `mkdir` with `recursive` of Node never returns below a folder in which nothing can be
 * made although it is there (`/proc/x`): it takes the parent for missing again and again.
 *
 * @throws {TramontanaError} `Storage.NoFolder` where something else has the name or the file system takes no folders
 * @throws the system's error for a full disk, a missing permission and the like
 */
export async function makeFolder(path: string): Promise<void> {
  const missing: string[] = [];
  let folder = resolve(path);
  while (!(await isFolder(folder))) {
    missing.unshift(folder);
    folder = dirname(folder);
  }
  for (const next of missing) {
    try {
      await mkdir(next, { mode: FOLDER_MODE });
      await chmod(next, FOLDER_MODE);
    } catch (error) {
      const code = codeOf(error);
      // another process may have made it in between
      if (code === 'EEXIST' && (await isFolder(next))) continue;
      if (code !== 'ENOENT' && code !== 'EEXIST' && code !== 'ENOTDIR') throw error;
      throw noFolder(next, 'the file system makes none here', error);
    }
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    const entry = await stat(path);
    if (entry.isDirectory()) return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT' && dirname(path) !== path) return false;
    if (codeOf(error) !== 'ENOTDIR') throw error;
  }
  throw noFolder(path, 'something else has that name');
}

function noFolder(path: string, found: string, cause?: unknown): TramontanaError {
  return new TramontanaError('Storage.NoFolder', `${path}: expected a folder or room for one, but ${found}`, {
    facts: { path },
    ...(cause === undefined ? {} : { cause }),
  });
}
