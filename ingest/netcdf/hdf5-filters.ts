// SPDX-License-Identifier: Apache-2.0
/**
 * Filters (compression) of HDF5 beyond the built-in ones, by h5wasm-plugins.
 *
 * @module
 */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { ready } from 'h5wasm/node';
import { TramontanaError } from '../../common/errors.js';

type H5Module = Awaited<typeof ready>;

/** Identifiers below are built into the HDF5 library (deflate, shuffle, fletcher32, szip, nbit, scaleoffset). */
const FIRST_REGISTERED_FILTER = 256;
/** Registered identifiers [HDF Group, registered filter plugins] of those that h5wasm-plugins reads. */
const PLUGIN_FILTERS: ReadonlySet<number> = new Set([
  307, 32000, 32001, 32004, 32008, 32013, 32015, 32019, 32022, 32023, 32026,
]);
/** Names of others, for files whose writer left the name out. */
const OTHER_FILTERS: Readonly<Record<number, string>> = {
  32017: 'SZ',
  32018: 'FCIDECOMP',
  32020: 'VBZ',
  32024: 'SZ3',
  32028: 'SPERR',
};

/** Where the plugins lie. */
export const PLUGIN_FOLDER = join(dirname(createRequire(import.meta.url).resolve('h5wasm-plugins')), 'plugins');

let hasPlugins = false;

/** Lets the HDF5 library find the plugins; once a process. */
export function useFilterPlugins(module: H5Module): void {
  if (hasPlugins) return;
  module.insert_plugin_search_path(PLUGIN_FOLDER, 0);
  hasPlugins = true;
}

/**
 * Checks that the filters of a variable can be undone, before the library prints pages of its own.
 *
 * @throws TramontanaError `Ingest.UnsupportedFilter` with the command that writes the file without it
 */
export function checkFilters(
  module: Pick<H5Module, 'get_dataset_filters'>,
  fileId: bigint,
  path: string,
  variable: string,
): void {
  const unknown = module
    .get_dataset_filters(fileId, `/${variable}`)
    .filter(({ id }) => id >= FIRST_REGISTERED_FILTER && !PLUGIN_FILTERS.has(id));
  if (unknown.length === 0) return;
  const names = unknown.map(({ id, name }) => {
    // Some writers put a sentence with versions and addresses where the name belongs.
    const given = name.trim().split(/[\s;,]/)[0] ?? '';
    const known = given === '' ? OTHER_FILTERS[id] : given.slice(0, 40);
    return known === undefined ? `HDF5 filter ${id}` : `${known} (HDF5 filter ${id})`;
  });
  throw new TramontanaError(
    'Ingest.UnsupportedFilter',
    `${path}: variable "${variable}": expected a compression that can be read here (deflate, szip, zstd, blosc, lz4, bzip2, zfp, ...), got ${names.join(' and ')}; ` +
      'where the file was written, `nccopy -F none IN.nc OUT.nc` or `h5repack -f GZIP=4 IN.nc OUT.nc` writes it without',
    { facts: { file: path, variable, filters: unknown.map(({ id }) => id) } },
  );
}
