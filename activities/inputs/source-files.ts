// SPDX-License-Identifier: Apache-2.0
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { TramontanaError } from '../../common/errors.js';
import { sniffFile, type FileSniff } from '../../ingest/index.js';

const NETCDF_NAME = /\.(?:nc|nc3|nc4|cdf|netcdf)$/iu;
const SHOWN_NAMES = 5;
/** Kinds that are read; content decides, not the name. */
const READ_KINDS: readonly FileSniff['kind'][] = [
  'netcdf3-classic',
  'netcdf3-64bit-offset',
  'netcdf3-64bit-data',
  'hdf5',
];
/** Kinds that may hold data which nobody will see. */
const DATA_KINDS: readonly FileSniff['kind'][] = ['zip', 'gzip', 'grib'];

const UNPACK = '; unpack it into the folder';
const REMEDIES: Partial<Record<FileSniff['kind'], string>> = {
  zip: UNPACK,
  gzip: UNPACK,
  grib: '; `tramontana inspect` of it names the commands that convert it',
};

/** A file of the input folder that is not read, and why. */
export interface UnreadFile {
  readonly path: string;
  readonly reason: string;
  /** True when it looks as if data were meant: the products then say so. */
  readonly isSuspicious: boolean;
}

/** What lies behind the path of a configuration. */
export interface SourceListing {
  readonly files: readonly string[];
  readonly unread: readonly UnreadFile[];
}

/**
 * The input files behind a path: the file itself, or the NetCDF files of a folder (not of its subfolders), by name. What a file
 * is, its first bytes tell; the others are listed with what they are.
 *
 * @param requireAllowed - throws for a file that must not be looked into; asked before the first byte is read
 * @throws {TramontanaError} `Input.Missing`, `Input.NoFiles`
 */
export async function listSourceFiles(
  path: string,
  requireAllowed: (file: string) => Promise<void> = () => Promise.resolve(),
): Promise<SourceListing> {
  const entry = await stat(path).catch((error: unknown) => {
    throw new TramontanaError(
      'Input.Missing',
      `${path}: expected a CAMS NetCDF file or a folder of them, got nothing there`,
      { facts: { path }, cause: error },
    );
  });
  if (entry.isFile()) return { files: [path], unread: [] };
  const entries = entry.isDirectory() ? await readdir(path) : [];
  const names = entries.sort().filter((name) => !name.startsWith('.'));
  const files: string[] = [];
  const unread: UnreadFile[] = [];
  for (const name of names) {
    const full = join(path, name);
    const isFile = (await stat(full).catch(() => undefined))?.isFile();
    if (isFile !== true) {
      unread.push({ path: full, reason: 'it is no file; folders within the folder are not read', isSuspicious: false });
      continue;
    }
    await requireAllowed(full);
    const { kind, description } = await sniffFile(full);
    if (READ_KINDS.includes(kind)) files.push(full);
    else {
      const remedy = REMEDIES[kind] ?? '';
      const isSuspicious = DATA_KINDS.includes(kind) || NETCDF_NAME.test(name);
      unread.push({ path: full, reason: `it is ${description}, not NetCDF${remedy}`, isSuspicious });
    }
  }
  if (files.length > 0) return { files, unread };
  const shown = unread.slice(0, SHOWN_NAMES).map(({ path: file, reason }) => `${basename(file)} (${reason})`);
  const others = shown.join(', ') + (unread.length > SHOWN_NAMES ? ', ...' : '');
  throw new TramontanaError(
    'Input.NoFiles',
    `${path}: expected at least one NetCDF file, got ${names.length === 0 ? 'an empty folder' : `only ${others}`}`,
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
