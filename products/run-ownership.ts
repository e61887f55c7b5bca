// SPDX-License-Identifier: Apache-2.0
import { constants } from 'node:fs';
import { access, lstat, readlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { TramontanaError } from '../common/errors.js';
import { codeOf } from '../common/paths.js';
import { readRegular } from '../common/regular-file.js';
import { COMPLETE_FILE, readManifest } from './run-manifest.js';
import { linkPath, VERSION_NAME, VERSIONS_FOLDER, type RunPlace } from './run-place.js';
import { readSummary } from './summary.js';

/** What releases before the manifest wrote into the marker: the time. */
const OLD_MARKER = /^\d{4}-\d{2}-\d{2}T[\d:.]+Z\n$/u;

/** True when a folder holds a run of this domain and cycle that Tramontana wrote, of this release or an older one. */
export async function isOwnRun(folder: string, { domain, cycle }: RunPlace): Promise<boolean> {
  const identity = await readManifest(folder).catch(
    async () => (await readSummary(folder).catch(() => undefined))?.run as Partial<RunPlace> | undefined,
  );
  if (identity !== undefined) return identity.domain === domain && identity.cycle === cycle;
  const marker = await readRegular(join(folder, COMPLETE_FILE)).then(String, () => '');
  const product = await lstat(join(folder, 'forecast.nc')).catch(() => undefined);
  return OLD_MARKER.test(marker) && product?.isFile() === true;
}

/**
 * Refuses to publish over what Tramontana did not write.
 *
 * @throws {TramontanaError} `Products.NotOurs`
 */
export async function requireOwn(place: RunPlace): Promise<void> {
  const path = linkPath(place);
  const found = await lstat(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  });
  if (found === undefined) return;
  if (found.isSymbolicLink()) {
    const target = await readlink(path);
    if (dirname(target) === VERSIONS_FOLDER && VERSION_NAME.test(basename(target))) return;
  }
  if ((found.isSymbolicLink() || found.isDirectory()) && (await isOwnRun(path, place))) return;
  const kind = found.isDirectory() ? 'a folder' : found.isSymbolicLink() ? 'a link' : 'a file';
  throw new TramontanaError(
    'Products.NotOurs',
    `${path}: expected nothing or an earlier run of ${place.domain}, got ${kind} that Tramontana did not write; move it away or publish elsewhere`,
    { facts: { path, kind } },
  );
}

/**
 * Whether a run can be published at a place, as far as can be told before it is computed: nothing foreign lies there, and the
 * folder may be written. Writes nothing.
 *
 * @throws {TramontanaError} `Products.NotOurs`
 * @throws the system's error for a place where no folder can be, or none may be made
 */
export async function requireRoom(place: RunPlace): Promise<void> {
  await requireOwn(place);
  let folder = dirname(linkPath(place));
  for (;;) {
    try {
      await access(folder, constants.W_OK | constants.X_OK);
      return;
    } catch (error) {
      if (codeOf(error) !== 'ENOENT' || dirname(folder) === folder) throw error;
      folder = dirname(folder);
    }
  }
}
