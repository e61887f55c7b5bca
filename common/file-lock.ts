// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import { link, open, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';

import { z } from 'zod';

import { FILE_MODE } from './atomic-file.js';
import { TramontanaError } from './errors.js';
import { makeFolder } from './paths.js';
import { delay, identifyProcess, isSameProcess, processIdentitySchema } from './processes.js';

const POLL_MS = 100;

/** A new lock file gets its owner's name within milliseconds. */
const NAMELESS_GRACE_MS = 5000;

/** A folder may be one that several machines see. Who holds a lock touches it, for those who cannot ask its machine about processes. */
const TOUCH_MS = 10_000;

/** Six touches were left out: the machine of the owner is gone, or does not see the folder any more. */
const FOREIGN_GRACE_MS = 60_000;

const ownerSchema = processIdentitySchema.extend({ host: z.string().exactOptional() });

/**
 * Runs `body` while no other process, of any machine that sees the folder, holds the lock. A lock whose owner is gone is taken over.
 *
 * @param path - lock file; holds the identity of its owner
 * @param options.timeoutMs - how long to wait for another owner
 * @param options.signal - stops the waiting; its reason is thrown
 * @param options.onWait - told at every look who holds the lock
 * @throws {TramontanaError} `Lock.NotFree` (retryable) when the owner does not let go in time
 */
export async function withFileLock<Result>(
  path: string,
  options: { readonly timeoutMs: number; readonly signal?: AbortSignal; readonly onWait?: (ownerPid: number) => void },
  body: () => Promise<Result>,
): Promise<Result> {
  const { timeoutMs, signal, onWait } = options;
  await makeFolder(dirname(path));
  const end = Date.now() + timeoutMs;
  while (!(await tryTake(path))) {
    await removeWhenStale(path);
    signal?.throwIfAborted();
    const owner = await ownerOf(path);
    if (owner !== undefined) onWait?.(owner.pid);
    if (Date.now() > end) {
      throw new TramontanaError(
        'Lock.NotFree',
        `${path}: expected the lock to be free within ${timeoutMs} ms, process ${owner?.pid ?? 'unknown'} holds it`,
        { facts: { path, timeoutMs, ownerPid: owner?.pid }, retryable: true },
      );
    }
    await delay(POLL_MS);
  }
  const touching = setInterval(() => {
    const now = new Date();
    // taken away by hand: no reason to stop
    void utimes(path, now, now).catch(() => undefined);
  }, TOUCH_MS).unref();
  try {
    return await body();
  } finally {
    clearInterval(touching);
    await rm(path, { force: true });
  }
}

async function tryTake(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx', FILE_MODE);
    try {
      await file.writeFile(JSON.stringify({ ...(await identifyProcess(process.pid)), host: hostname() }));
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** The owner that a lock names, if it names one. */
async function ownerOf(path: string): Promise<Readonly<z.infer<typeof ownerSchema>> | undefined> {
  try {
    return ownerSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return undefined;
  }
}

/** By the clock of the file system alone, which both machines see. */
async function isUntouched(path: string): Promise<boolean> {
  const probe = `${path}.now-${randomBytes(4).toString('hex')}`;
  try {
    await writeFile(probe, '', { mode: FILE_MODE });
    const nowMs = (await stat(probe)).mtimeMs;
    const touchedMs = (await stat(path).catch(() => undefined))?.mtimeMs;
    return touchedMs !== undefined && nowMs - touchedMs > FOREIGN_GRACE_MS;
  } finally {
    await rm(probe, { force: true });
  }
}

/** True when the owner is gone, or died before it wrote its name. */
async function isStale(path: string): Promise<boolean> {
  const owner = await ownerOf(path);
  if (owner?.host !== undefined && owner.host !== hostname()) return isUntouched(path);
  if (owner !== undefined) return !(await isSameProcess(owner));
  const madeMs = (await stat(path).catch(() => undefined))?.mtimeMs;
  return madeMs !== undefined && Date.now() - madeMs > NAMELESS_GRACE_MS;
}

/** Renaming decides between processes that all find the owner gone; a lock taken in between is put back. */
async function removeWhenStale(path: string): Promise<void> {
  if (!(await isStale(path))) return;
  const aside = `${path}.stale-${randomBytes(4).toString('hex')}`;
  try {
    await rename(path, aside);
    if (!(await isStale(aside))) await link(aside, path);
    await rm(aside, { force: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'EEXIST') throw error;
  }
}
