// SPDX-License-Identifier: Apache-2.0
/**
 * Runs that an older release left as plain folders. No call of Node.js exchanges a folder for a link, and a run must be
 * there at every moment: so the folder stays, its files become links through one pointer, and what turns is the pointer.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import { lstat, readdir, readlink, rename, rm, symlink, utimes } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

import { synchroniseFolder } from '../common/atomic-file.js';
import { makeFolder } from '../common/paths.js';
import { COMPLETE_FILE, type RunManifest } from './run-manifest.js';
import { linkPath, NEW_LINK_PREFIX, pointerPath, PRIOR_TOKEN, VERSIONS_FOLDER, type RunPlace } from './run-place.js';
import { shareFile } from './share-file.js';

/** The moments between the steps of {@link turnFolder}, in order; `named` once a name. */
export const FOLDER_STEPS = ['kept', 'pointed', 'named', 'turned', 'tidied'] as const;

export type FolderStep = (typeof FOLDER_STEPS)[number];

/**
 * Makes a plain folder show a version. Until the pointer turns every name in it gives the earlier run, afterwards the new
 * one; a kill anywhere leaves one of the two, and the next call goes on from there.
 *
 * @param name - of the version, which is whole
 */
export async function turnFolder(
  place: RunPlace,
  name: string,
  manifest: RunManifest,
  onStep: (step: FolderStep) => Promise<void>,
): Promise<void> {
  const folder = linkPath(place);
  const pointer = pointerPath(place);
  const versions = dirname(pointer);
  const names = (await readdir(folder, { withFileTypes: true, recursive: true }))
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
  if ((await lstat(pointer).catch(() => undefined)) === undefined) {
    const prior = `${place.cycle}-${PRIOR_TOKEN}-${randomBytes(4).toString('hex')}`;
    await keep(folder, names, join(versions, prior));
    await onStep('kept');
    await replaceLink(pointer, prior);
  }
  await onStep('pointed');
  const wanted = [...manifest.files.map(({ path }) => path), COMPLETE_FILE];
  for (const path of new Set([...names, ...wanted])) {
    await pointName(folder, path, pointer);
    await onStep('named');
  }
  for (const parent of new Set(wanted.map((path) => dirname(join(folder, path))))) await synchroniseFolder(parent);
  // the grace of the replaced version counts from now
  const now = new Date();
  await utimes(pointer, now, now).catch(() => undefined);
  await replaceLink(pointer, name);
  await onStep('turned');
  for (const path of names) if (!wanted.includes(path)) await rm(join(folder, path), { force: true });
  await onStep('tidied');
}

/** The files of the folder under names of a version; marked last, so that an unfinished one is a leftover. */
async function keep(folder: string, names: readonly string[], version: string): Promise<void> {
  await makeFolder(version);
  const markerLast = [...names].sort((a, b) => Number(a === COMPLETE_FILE) - Number(b === COMPLETE_FILE));
  for (const path of markerLast) {
    await makeFolder(dirname(join(version, path)));
    await shareFile(join(folder, path), join(version, path));
  }
  await synchroniseFolder(version);
}

/** Makes a name in the folder a link through the pointer. */
async function pointName(folder: string, path: string, pointer: string): Promise<void> {
  const parent = dirname(join(folder, path));
  const target = join(relative(parent, pointer), path);
  if ((await readlink(join(folder, path)).catch(() => undefined)) === target) return;
  await makeFolder(parent);
  const fresh = join(dirname(pointer), `${NEW_LINK_PREFIX}${randomBytes(8).toString('hex')}`);
  await symlink(target, fresh);
  await rename(fresh, join(folder, path));
}

async function replaceLink(link: string, target: string): Promise<void> {
  const fresh = join(dirname(link), `${NEW_LINK_PREFIX}${randomBytes(8).toString('hex')}`);
  await symlink(target, fresh);
  await rename(fresh, link);
  await synchroniseFolder(dirname(link));
}

/** Name of the version that readers of a run see; undefined when none does. */
export async function currentVersion(place: RunPlace): Promise<string | undefined> {
  const target = await readlink(linkPath(place)).catch(() => undefined);
  if (target !== undefined) return dirname(target) === VERSIONS_FOLDER ? relative(VERSIONS_FOLDER, target) : undefined;
  const isFolder = (await lstat(linkPath(place)).catch(() => undefined))?.isDirectory() === true;
  return isFolder ? readlink(pointerPath(place)).catch(() => undefined) : undefined;
}
