// SPDX-License-Identifier: Apache-2.0
/**
 * A lease on a folder of checkpoints. Every attempt takes the next token by creating `attempt-<token>.fence` exclusively; the largest
 * token owns the folder. An older attempt that is still alive (a worker that lost its network, a slow shutdown) sees the newer fence
 * before its next write and stops.
 *
 * A scheduler may start one attempt again while what is left of it still runs on a lost node. Starts of one attempt are told apart by a
 * second number: `attempt-<token>.start-<restart>.fence`.
 *
 * @module
 */
import { open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { TramontanaError } from '../../../common/errors.js';
import { makeFolder } from '../../../common/paths.js';

const FENCE = /^attempt-([0-9]{1,9})(?:\.start-([0-9]{1,9}))?\.fence$/u;

/** Who may write: the newest attempt, and of that the newest start. */
export interface Lease {
  readonly token: number;
  /** How often a scheduler has started this attempt again; 0 for its first start. */
  readonly restart: number;
}

interface Fence extends Lease {
  readonly name: string;
}

function fenceName({ token, restart }: Lease): string {
  const start = restart === 0 ? '' : `.start-${String(restart).padStart(4, '0')}`;
  return `attempt-${String(token).padStart(6, '0')}${start}.fence`;
}

async function fencesOf(folder: string): Promise<Fence[]> {
  const names = await readdir(folder);
  return names.flatMap((name) => {
    const [, token, restart = '0'] = FENCE.exec(name) ?? [];
    return token === undefined ? [] : [{ token: Number(token), restart: Number(restart), name }];
  });
}

const isOlder = (one: Lease, other: Lease): boolean =>
  one.token < other.token || (one.token === other.token && one.restart < other.restart);

async function newestLease(folder: string): Promise<Lease> {
  const none: Lease = { token: 0, restart: 0 };
  return (await fencesOf(folder)).reduce<Lease>((newest, fence) => (isOlder(newest, fence) ? fence : newest), none);
}

/** The largest token taken so far; 0 when there is none. */
export async function newestToken(folder: string): Promise<number> {
  return (await newestLease(folder)).token;
}

async function dropOlder(folder: string, lease: Lease): Promise<void> {
  for (const fence of await fencesOf(folder)) {
    if (isOlder(fence, lease)) await rm(join(folder, fence.name), { force: true });
  }
}

/** Takes the folder over: the attempts before may not write from now on. Makes the folder if needed. @returns the token */
export async function takeLease(folder: string): Promise<number> {
  await makeFolder(folder);
  for (;;) {
    const token = (await newestToken(folder)) + 1;
    try {
      // 'wx' makes the creation the decision: of two attempts that race for a token one gets EEXIST
      await (await open(join(folder, fenceName({ token, restart: 0 })), 'wx')).close();
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EEXIST') continue;
      throw error;
    }
    await dropOlder(folder, { token, restart: 0 });
    return token;
  }
}

/**
 * Takes the folder over from earlier starts of the same attempt. To be called by a start that is not the first one, before it reads.
 *
 * @throws TramontanaError `Engine.Superseded` (retryable) when a newer attempt, or a later start, has taken the lease
 */
export async function takeOver(folder: string, lease: Lease): Promise<void> {
  await assertLease(folder, lease);
  await (await open(join(folder, fenceName(lease)), 'a')).close();
  await dropOlder(folder, lease);
}

/**
 * To be called right before every write into the folder.
 *
 * @throws TramontanaError `Engine.Superseded` (retryable) when a newer attempt, or a later start of this one, has taken the lease
 */
export async function assertLease(folder: string, lease: Lease): Promise<void> {
  const newest = await newestLease(folder);
  if (!isOlder(lease, newest)) return;
  const name = ({ token, restart }: Lease): string => `attempt ${token}${restart === 0 ? '' : `, restart ${restart}`}`;
  throw new TramontanaError(
    'Engine.Superseded',
    `${folder}: ${name(lease)} may not write any more, ${name(newest)} has taken over`,
    { facts: { folder, token: lease.token, newest: newest.token }, retryable: true },
  );
}
