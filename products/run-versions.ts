// SPDX-License-Identifier: Apache-2.0
/**
 * Publication by versions: `<runs>/<domain>/<cycle>` is a link to `.versions/<cycle>-<token>/`, where a run is made,
 * read back and marked before one rename turns the link. Readers find the old run or the new one at every moment, and so
 * they do after a kill at every moment.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import { lstat, readdir, realpath, rename, rm, symlink, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { synchroniseFolder, writeFileAtomic } from '../common/atomic-file.js';
import { isTramontanaError } from '../common/errors.js';
import { withFileLock } from '../common/file-lock.js';
import { sha256Hex } from '../common/hash.js';
import { codeOf, makeFolder } from '../common/paths.js';
import { COMPLETE_FILE, formatManifest, verifyEntries, type ManifestEntry, type RunManifest } from './run-manifest.js';
import { currentVersion, turnFolder, type FolderStep } from './run-folder.js';
import { hasPublications, removeLeftovers, restoreRuns } from './run-leftovers.js';
import { requireOwn } from './run-ownership.js';
import { linkPath, NEW_LINK_PREFIX, VERSIONS_FOLDER, versionTarget, type RunPlace } from './run-place.js';

/** A publication of a large domain takes minutes; the next one of the domain waits for it. */
const LOCK_TIMEOUT_MS = 3_600_000;

/** How long a replaced version stays for those who are still reading it. */
const DEFAULT_GRACE_MS = 3_600_000;

/** The moments between the steps of a publication, in order. */
export const PUBLICATION_STEPS = ['started', 'written', 'verified', 'marked', 'linked', 'switched'] as const;

export type PublicationStep = (typeof PUBLICATION_STEPS)[number];

export interface VersionOptions {
  /** Before the link is turned; nothing is left behind. */
  readonly signal?: AbortSignal;
  /** Versions that were replaced longer ago are removed; default an hour, ms. */
  readonly graceMs?: number;
  /** Told after each step, with the folder of the new version. */
  readonly onStep?: (step: PublicationStep | FolderStep, versionFolder: string) => void | Promise<void>;
}

/** What the maker of a version returns: what it wrote, as it meant it. */
export interface FilledVersion<Result> {
  readonly entries: readonly ManifestEntry[];
  readonly result: Result;
}

/** A run that readers see. */
export interface PublishedVersion<Result> {
  /** `<runsFolder>/<domain>/<cycle>`, the link. */
  readonly folder: string;
  readonly manifest: RunManifest;
  readonly result: Result;
}

/**
 * Makes a new version of a run and turns the link to it. One publication of a domain at a time; what killed ones left is
 * restored or removed first.
 *
 * @param fill - writes the files into the folder that it is given
 * @throws {TramontanaError} `Products.NotOurs` when something else lies where the run should be; `Products.NotWhole`
 *   (retryable) when a file cannot be read back as it was written; `Lock.NotFree`; whatever `fill` throws. The earlier
 *   run stays as it was.
 */
export async function publishVersion<Result>(
  place: RunPlace,
  fill: (versionFolder: string) => Promise<FilledVersion<Result>>,
  options: VersionOptions = {},
): Promise<PublishedVersion<Result>> {
  const { signal, graceMs = DEFAULT_GRACE_MS } = options;
  const domainFolder = join(place.runsFolder, place.domain);
  const versions = join(domainFolder, VERSIONS_FOLDER);
  const lock = { timeoutMs: LOCK_TIMEOUT_MS, ...(signal === undefined ? {} : { signal }) };
  await requireOwn(place);
  await makeFolder(versions);
  return withFileLock(join(versions, 'lock'), lock, async () => {
    await restoreRuns(domainFolder);
    await removeLeftovers(domainFolder, graceMs);
    await requireOwn(place);
    const name = `${place.cycle}-${process.pid}-${randomBytes(4).toString('hex')}`;
    const folder = join(versions, name);
    try {
      const { manifest, result } = await fillAndProve(place, folder, fill, options);
      signal?.throwIfAborted();
      await showVersion(place, name, manifest, options);
      await options.onStep?.('switched', folder);
      await synchroniseFolder(domainFolder);
      return { folder: linkPath(place), manifest, result };
    } catch (error) {
      if ((await currentVersion(place)) !== name) await rm(folder, { recursive: true, force: true });
      throw error;
    }
  });
}

/**
 * Restores or removes what killed publications left under a folder of runs, domain by domain: for the start of a worker. A domain
 * that is being published is left to its publication.
 */
export async function recoverRuns(runsFolder: string, graceMs: number = DEFAULT_GRACE_MS): Promise<void> {
  const entries = await readdir(runsFolder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const domainFolder = join(runsFolder, entry.name);
    const isDomain =
      entry.isDirectory() || (entry.isSymbolicLink() && (await leadsElsewhere(domainFolder, runsFolder)));
    if (!isDomain || !(await hasPublications(domainFolder))) continue;
    const versions = join(domainFolder, VERSIONS_FOLDER);
    try {
      await makeFolder(versions);
      await withFileLock(join(versions, 'lock'), { timeoutMs: 0 }, async () => {
        await restoreRuns(domainFolder);
        await removeLeftovers(domainFolder, graceMs);
      });
    } catch (error) {
      // busy, or not ours to change: the next publication of the domain tries again, and tells
      if (!isTramontanaError(error, 'Lock.NotFree') && codeOf(error) === undefined) throw error;
    }
  }
}

/** True for the link to a domain on another disk; a second name of a domain beside it is left to the first. */
async function leadsElsewhere(domainFolder: string, runsFolder: string): Promise<boolean> {
  const [target, root] = await Promise.all(
    [domainFolder, runsFolder].map((path) => realpath(path).catch(() => undefined)),
  );
  return target !== undefined && root !== undefined && dirname(target) !== root;
}

async function fillAndProve<Result>(
  place: RunPlace,
  folder: string,
  fill: (versionFolder: string) => Promise<FilledVersion<Result>>,
  { onStep }: VersionOptions,
): Promise<{ manifest: RunManifest; result: Result }> {
  await makeFolder(folder);
  await onStep?.('started', folder);
  const { entries, result } = await fill(folder);
  await onStep?.('written', folder);
  await verifyEntries(folder, entries);
  await onStep?.('verified', folder);
  const manifest: RunManifest = {
    schema: 'tramontana-run/1',
    domain: place.domain,
    cycle: place.cycle,
    publishedAt: new Date().toISOString(),
    files: [...entries],
  };
  const text = formatManifest(manifest);
  await writeFileAtomic(join(folder, COMPLETE_FILE), text);
  const bytes = Buffer.byteLength(text);
  await verifyEntries(folder, [{ path: COMPLETE_FILE, bytes, sha256: sha256Hex(text) }]);
  await synchroniseFolder(join(folder, '..'));
  await onStep?.('marked', folder);
  return { manifest, result };
}

/** Makes readers see a version: by its link, or by the pointer behind a folder of an older release. */
async function showVersion(
  place: RunPlace,
  name: string,
  manifest: RunManifest,
  { onStep }: VersionOptions,
): Promise<void> {
  const link = linkPath(place);
  const versions = join(place.runsFolder, place.domain, VERSIONS_FOLDER);
  const found = await lstat(link).catch(() => undefined);
  if (found?.isDirectory() === true) {
    await turnFolder(place, name, manifest, async (step) => onStep?.(step, join(versions, name)));
    return;
  }
  const fresh = join(versions, `${NEW_LINK_PREFIX}${name}`);
  await symlink(versionTarget(name), fresh);
  try {
    await onStep?.('linked', join(versions, name));
    // the grace of the replaced version counts from now
    const now = new Date();
    if (found !== undefined) await utimes(link, now, now).catch(() => undefined);
    await rename(fresh, link);
  } catch (error) {
    await rm(fresh, { force: true });
    throw error;
  }
}
