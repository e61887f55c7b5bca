// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';

import { z } from 'zod';

/** True when a process with this id exists, whoever owns it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * A mark that tells a process from a later one with the same id: its start time in clock ticks since boot, where the system
 * tells it (Linux); undefined elsewhere and for a process that is gone.
 */
export async function startMark(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // the command's name, in parentheses, may hold anything; field 22 counts from after it [proc(5)]
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // a zombie has ended: it only waits for its parent
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

/** An identity as files and memos hold it; ids of 0 and below name groups of processes to the system. */
export const processIdentitySchema = z.object({
  pid: z.int().min(1).max(0x7f_ff_ff_ff),
  startMark: z.string().exactOptional(),
});

/** Names a process beyond reuse of its id. */
export type ProcessIdentity = Readonly<z.infer<typeof processIdentitySchema>>;

/** Reads a file that holds the identity of a process; undefined when it is absent or holds something else. */
export async function readProcessIdentity(path: string): Promise<ProcessIdentity | undefined> {
  try {
    return processIdentitySchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return undefined;
  }
}

/** The identity of a running process. */
export async function identifyProcess(pid: number): Promise<ProcessIdentity> {
  const mark = await startMark(pid);
  return mark === undefined ? { pid } : { pid, startMark: mark };
}

/** True when this very process still runs. */
export async function isSameProcess(identity: ProcessIdentity): Promise<boolean> {
  if (!isAlive(identity.pid)) return false;
  return identity.startMark === undefined || (await startMark(identity.pid)) === identity.startMark;
}

/** Waits some time. */
export function delay(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** The promise's value, or undefined when the time is up first; leaves no timer behind that would keep the process alive. */
export async function within<T>(promise: Promise<T>, timeoutMs: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), timeoutMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits until a condition holds; false when the time is up first. */
export async function waitUntil(
  condition: () => boolean | Promise<boolean>,
  timeoutMs: number,
  intervalMs = 50,
): Promise<boolean> {
  const end = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() >= end) return false;
    await delay(intervalMs);
  }
  return true;
}

/** Ends one process: asks first, forces after the grace time. Resolves when it is gone. */
export async function endProcess(identity: ProcessIdentity, graceMs: number): Promise<void> {
  const gone = async () => !(await isSameProcess(identity));
  if (await gone()) return;
  signalQuietly(identity.pid, 'SIGTERM');
  if (await waitUntil(gone, graceMs)) return;
  signalQuietly(identity.pid, 'SIGKILL');
  await waitUntil(gone, 5000);
}

/** Sends a signal to a process that may just have ended. */
export function signalQuietly(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
