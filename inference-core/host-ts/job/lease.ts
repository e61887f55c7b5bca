// SPDX-License-Identifier: Apache-2.0
/**
 * A lease on a folder of checkpoints. Every attempt takes the next token by creating `attempt-<token>.fence` exclusively; the largest
 * token owns the folder. An older attempt that is still alive (a worker that lost its network, a slow shutdown) sees the newer fence
 * before its next write and stops.
 *
 * @module
 */
import { open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { TramontanaError } from '../../../common/errors.js';
import { makeFolder } from '../../../common/paths.js';

const FENCE = /^attempt-([0-9]{1,9})\.fence$/u;

function fenceName(token: number): string {
  return `attempt-${String(token).padStart(6, '0')}.fence`;
}

async function fenceTokens(folder: string): Promise<{ token: number; name: string }[]> {
  const names = await readdir(folder);
  return names.flatMap((name) => {
    const match = FENCE.exec(name);
    return match?.[1] === undefined ? [] : [{ token: Number(match[1]), name }];
  });
}

/** The largest token taken so far; 0 when there is none. */
export async function newestToken(folder: string): Promise<number> {
  return Math.max(0, ...(await fenceTokens(folder)).map((fence) => fence.token));
}

/** Takes the folder over: the attempts before may not write from now on. Makes the folder if needed. @returns the token */
export async function takeLease(folder: string): Promise<number> {
  await makeFolder(folder);
  for (;;) {
    const token = (await newestToken(folder)) + 1;
    try {
      // 'wx' makes the creation the decision: of two attempts that race for a token one gets EEXIST
      await (await open(join(folder, fenceName(token)), 'wx')).close();
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EEXIST') continue;
      throw error;
    }
    for (const fence of await fenceTokens(folder)) {
      if (fence.token < token) await rm(join(folder, fence.name), { force: true });
    }
    return token;
  }
}

/**
 * To be called right before every write into the folder.
 *
 * @throws TramontanaError `Engine.Superseded` (retryable) when a newer attempt has taken the lease
 */
export async function assertLease(folder: string, token: number): Promise<void> {
  const newest = await newestToken(folder);
  if (newest <= token) return;
  throw new TramontanaError(
    'Engine.Superseded',
    `${folder}: attempt ${token} may not write any more, attempt ${newest} has taken over`,
    { facts: { folder, token, newest }, retryable: true },
  );
}
