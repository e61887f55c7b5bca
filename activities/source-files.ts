// SPDX-License-Identifier: Apache-2.0
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { TramontanaError } from '../common/errors.js';

const NETCDF_NAME = /\.(?:nc|nc3|nc4|cdf|netcdf)$/iu;
const SHOWN_NAMES = 5;

/**
 * The input files behind a path: the file itself, or the NetCDF files of a folder (not of its subfolders), by name.
 *
 * @throws {TramontanaError} `Input.Missing`, `Input.NoFiles`
 */
export async function listSourceFiles(path: string): Promise<string[]> {
  const entry = await stat(path).catch((error: unknown) => {
    throw new TramontanaError(
      'Input.Missing',
      `${path}: expected a CAMS NetCDF file or a folder of them, got nothing there`,
      { facts: { path }, cause: error },
    );
  });
  if (entry.isFile()) return [path];
  const names = entry.isDirectory() ? (await readdir(path)).sort() : [];
  const found = names.filter((name) => NETCDF_NAME.test(name) && !name.startsWith('.'));
  if (found.length > 0) return found.map((name) => join(path, name));
  const others = names.slice(0, SHOWN_NAMES).join(', ') + (names.length > SHOWN_NAMES ? ', ...' : '');
  throw new TramontanaError(
    'Input.NoFiles',
    `${path}: expected at least one NetCDF file (*.nc), got ${names.length === 0 ? 'an empty folder' : `only ${others}`}`,
    { facts: { path, entries: names.length } },
  );
}

/**
 * Checks a path that must name one readable file.
 *
 * @param role - names it in messages, e.g. `covariates.elevation.path`
 * @throws {TramontanaError} `Input.Missing`
 */
export async function requireFile(path: string, role: string): Promise<void> {
  const entry = await stat(path).catch(() => undefined);
  if (entry?.isFile() !== true) {
    const got = entry === undefined ? 'nothing there' : `something else named "${basename(path)}"`;
    throw new TramontanaError('Input.Missing', `${role}: expected a file at ${path}, got ${got}`, {
      facts: { path, role },
    });
  }
}
