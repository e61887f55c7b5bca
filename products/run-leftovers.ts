// SPDX-License-Identifier: Apache-2.0
/**
 * What publications of a domain left when their process died, or when their successor replaced them. Called only while the
 * domain's lock is held: no publication is under way then.
 *
 * @module
 */
import { lstat, readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { COMPLETE_FILE } from './run-manifest.js';
import { isOwnRun } from './run-ownership.js';
import { currentVersion } from './run-folder.js';
import { NEW_LINK_PREFIX, VERSION_NAME, VERSIONS_FOLDER, type RunPlace } from './run-place.js';

/** Folders beside the runs by which releases before the versions published. */
const OLD_NAME = /^\.(?<kind>staging|replaced)-(?<cycle>\d{4}-\d{2}-\d{2})-\d+-(?<token>[0-9a-f]{8})$/u;

const exists = async (path: string): Promise<boolean> => (await lstat(path).catch(() => undefined)) !== undefined;

/** Whether publications were at work in a folder, and may have left something. */
export async function hasPublications(domainFolder: string): Promise<boolean> {
  const names = await readdir(domainFolder).catch((): string[] => []);
  return names.some((name) => name === VERSIONS_FOLDER || OLD_NAME.test(name));
}

/** Gives back runs that lost their place: an older release was killed while it moved one out of the way of its successor. */
export async function restoreRuns(domainFolder: string): Promise<void> {
  for (const name of await readdir(domainFolder)) {
    const { kind, cycle } = OLD_NAME.exec(name)?.groups ?? {};
    if (kind !== 'replaced' || cycle === undefined || !(await isRunOf(domainFolder, name, cycle))) continue;
    if (!(await exists(join(domainFolder, cycle)))) await rename(join(domainFolder, name), join(domainFolder, cycle));
  }
}

/**
 * Removes unfinished versions, and replaced ones whose grace is over. A version that any link of the domain shows stays: people
 * rename runs to keep them. What cannot be removed is left for the next time: it harms nobody.
 *
 * @param graceMs - age since the replacement from which on a version is removed
 */
export async function removeLeftovers(domainFolder: string, graceMs: number): Promise<void> {
  const versions = join(domainFolder, VERSIONS_FOLDER);
  const discard = (path: string): Promise<void> => rm(path, { recursive: true, force: true }).catch(() => undefined);
  for (const name of await readdir(domainFolder)) {
    if (OLD_NAME.test(name)) await discard(join(domainFolder, name));
  }
  const shown = await shownBy(domainFolder);
  for (const name of await readdir(versions)) {
    const path = join(versions, name);
    if (name.startsWith(NEW_LINK_PREFIX) && (await lstat(path)).isSymbolicLink()) await discard(path);
    const cycle = VERSION_NAME.exec(name)?.groups?.['cycle'];
    if (cycle === undefined || shown.has(await realpath(path).catch(() => path))) continue;
    if ((await currentVersion(placeIn(domainFolder, cycle))) === name) continue;
    const isWhole = await exists(join(path, COMPLETE_FILE));
    const replacedMs = (await stat(path).catch(() => undefined))?.mtimeMs ?? 0;
    if (!isWhole || Date.now() - replacedMs >= graceMs) await discard(path);
  }
}

/** Where the links of a folder lead, whatever links lie on the way: the folder may be one itself. */
async function shownBy(domainFolder: string): Promise<ReadonlySet<string>> {
  const names = await readdir(domainFolder);
  const targets = await Promise.all(names.map((name) => realpath(join(domainFolder, name)).catch(() => undefined)));
  return new Set(targets.flatMap((target) => (target === undefined ? [] : [target])));
}

async function isRunOf(domainFolder: string, name: string, cycle: string): Promise<boolean> {
  return isOwnRun(join(domainFolder, name), placeIn(domainFolder, cycle));
}

function placeIn(domainFolder: string, cycle: string): RunPlace {
  return { runsFolder: dirname(domainFolder), domain: basename(domainFolder), cycle };
}
