// SPDX-License-Identifier: Apache-2.0
import { constants, type Stats } from 'node:fs';
import { open, readlink, realpath, type FileHandle } from 'node:fs/promises';

import { TramontanaError } from './errors.js';

/** What a file system entry is, in words. */
function kindOf(entry: Stats): string {
  if (entry.isDirectory()) return 'a folder';
  if (entry.isFIFO()) return 'a named pipe (FIFO)';
  if (entry.isSocket()) return 'a socket';
  return entry.isCharacterDevice() || entry.isBlockDevice() ? 'a device' : 'something else';
}

/** Judges where an open file really lies; throws to refuse it. */
export type PathJudge = (realPath: string) => Promise<void>;

/**
 * Has an open file judged by where it really lies. What was judged by its name before may have been exchanged for a link since; the
 * handle cannot be. Where the system does not tell the place of a handle (it does on Linux), the name is followed once more.
 */
export async function judgeOpened(file: FileHandle, path: string, judge: PathJudge | undefined): Promise<void> {
  if (judge === undefined) return;
  await judge(await readlink(`/proc/self/fd/${file.fd}`).catch(() => realpath(path)));
}

/**
 * Opens a regular file for reading. A pipe or a device is refused without waiting for it: their bytes may never come, or never
 * end. Close the handle after use.
 *
 * @throws TramontanaError `Input.NotRegularFile`; the system's error when there is no such file or it may not be read
 */
export async function openRegular(
  path: string,
  judge?: PathJudge,
): Promise<{ readonly file: FileHandle; readonly bytes: number }> {
  // without O_NONBLOCK the opening of a pipe waits for its writer, in one of the few threads that all file access shares
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    await judgeOpened(file, path, judge);
    const entry = await file.stat();
    if (!entry.isFile()) {
      throw new TramontanaError('Input.NotRegularFile', `${path}: expected a regular file, got ${kindOf(entry)}`, {
        facts: { file: path },
      });
    }
    return { file, bytes: entry.size };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/**
 * The whole of a regular file.
 *
 * @throws as {@link openRegular}
 */
export async function readRegular(path: string): Promise<Buffer> {
  const { file } = await openRegular(path);
  try {
    return await file.readFile();
  } finally {
    await file.close();
  }
}
