// SPDX-License-Identifier: Apache-2.0
/**
 * An HDF5 file may send its reader to other files: virtual datasets, external raw storage, external links. Those would be read
 * with the rights of this process, whatever they are, and nobody would have hashed them. So the library opens no file but the
 * one that it was given.
 *
 * @module
 */
import { resolve } from 'node:path';
import type { ready } from 'h5wasm/node';
import { TramontanaError } from '../../common/errors.js';
import { isWithin } from '../../common/paths.js';
import { PLUGIN_FOLDER } from './hdf5-filters.js';

type H5Module = Awaited<typeof ready>;

/** The part of the binding's file system that matters here. */
interface Files {
  open: (path: string, ...rest: unknown[]) => unknown;
  readonly ErrnoError: new (errno: number) => Error;
}

/** "Permission denied", as the C library within the binding counts its errors. */
const NOT_PERMITTED = 2;

/**
 * Runs calls of the HDF5 library that read a file, and refuses every other file meanwhile.
 *
 * @param body - synchronous: nothing else of this process comes in between
 * @throws TramontanaError `Ingest.ValuesElsewhere` when the file asked for another one, whatever became of it; what `body` throws
 */
export function confined<T>(module: H5Module, path: string, body: () => T): T {
  const files = module.FS as unknown as Files;
  const { open } = files;
  const own = resolve(path);
  const refused: string[] = [];
  files.open = (name, ...rest) => {
    const target = resolve(name);
    if (target === own || isWithin(PLUGIN_FOLDER, target)) return open(name, ...rest);
    refused.push(target);
    throw new files.ErrnoError(NOT_PERMITTED);
  };
  let outcome: { readonly value: T } | { readonly error: unknown };
  try {
    outcome = { value: body() };
  } catch (error) {
    outcome = { error };
  } finally {
    files.open = open;
  }
  if (refused.length > 0) throw elsewhere(path);
  if ('error' in outcome) throw outcome.error;
  return outcome.value;
}

// the name of the other file is the stranger's, and of no use where it is not to be read
function elsewhere(path: string): TramontanaError {
  return new TramontanaError(
    'Ingest.ValuesElsewhere',
    `${path}: expected a file that holds its own values, got one that takes them from other files (an HDF5 virtual dataset, external storage or external link); ` +
      'put the other files themselves into the folder, or write the values into one file where they are (`nccopy IN.nc OUT.nc`)',
    { facts: { file: path } },
  );
}
