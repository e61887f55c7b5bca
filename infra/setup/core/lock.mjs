// SPDX-License-Identifier: Apache-2.0
/**
 * One set-up at a time in one checkout. The lock is a file with the holder's process id and start time; it is made by a hard link, so it is
 * never seen half-written, and it is taken over when its holder no longer lives.
 */
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { STAMP_FOLDER } from './paths.mjs';

const POLL_MS = 300;

/** Start time of a process in clock ticks since boot, or null where the system does not tell (then the id alone counts). */
function startTicks(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field may hold blanks and brackets; the 22nd of all fields is the start time.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

function isAlive(holder) {
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if (error.code === 'ESRCH') return false;
  }
  const ticks = startTicks(holder.pid);
  return ticks === null || holder.startTicks === null || ticks === holder.startTicks;
}

function readText(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
}

function parseHolder(text) {
  try {
    const holder = JSON.parse(text);
    return Number.isInteger(holder.pid) ? holder : null;
  } catch {
    return null;
  }
}

/** Takes a dead holder's lock away; when another process replaced it in between, puts that one back. */
function takeAway(lockFile, staleText) {
  const aside = `${lockFile}.${process.pid}.stale`;
  try {
    renameSync(lockFile, aside);
    if (readText(aside) !== staleText) linkSync(aside, lockFile);
  } catch (error) {
    // ENOENT: another process took it first. EEXIST: a new holder is already there. Both are settled by the next try.
    if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

/**
 * Waits for the lock and holds it.
 *
 * @param {(pid: number) => void} onWait called once when a living process holds it
 * @param {string} [lockFile] where the lock lies
 * @returns {Promise<() => void>} releases it; also released when this process ends
 */
export async function acquireLock(onWait, lockFile = join(STAMP_FOLDER, 'lock')) {
  mkdirSync(dirname(lockFile), { recursive: true });
  const own = `${lockFile}.${process.pid}.new`;
  const ownText = JSON.stringify({ pid: process.pid, startTicks: startTicks(process.pid) });
  writeFileSync(own, ownText);
  let told = false;
  try {
    for (;;) {
      try {
        linkSync(own, lockFile);
        break;
      } catch (error) {
        if (error.code !== 'EEXIST') throw error;
      }
      const text = readText(lockFile);
      if (text === null) continue;
      const holder = parseHolder(text);
      if (holder === null || !isAlive(holder)) {
        takeAway(lockFile, text);
        continue;
      }
      if (!told) onWait(holder.pid);
      told = true;
      await sleep(POLL_MS);
    }
  } finally {
    rmSync(own, { force: true });
  }
  const release = () => {
    process.off('exit', release);
    if (readText(lockFile) === ownText) rmSync(lockFile, { force: true });
  };
  process.on('exit', release);
  return release;
}
