// SPDX-License-Identifier: Apache-2.0
/**
 * The readers of foreign files, each call in a process of its own limits: time, memory, length of messages. A damaged file costs
 * that process, not the worker. The same names, options and results as the readers within the fence.
 *
 * @module
 */
import { openRegular } from '../../common/regular-file.js';
import { TramontanaError, messageOf } from '../../common/errors.js';
import type { ReadAreasOptions } from '../areas/read-areas.js';
import type { AreasFile } from '../areas/areas-file.js';
import type { ReadCamsOptions } from '../cams/read-cams-file.js';
import type { CamsTimes } from '../cams/read-cams-times.js';
import type { ElevationGrid } from '../dem/elevation-grid.js';
import type { ReadElevationOptions } from '../dem/read-elevation.js';
import type { FileInspection } from '../inspect-file.js';
import type { LabelledField } from '../labelled-field.js';
import type { ReaderName, ReaderOptions } from './protocol.js';
import { ReaderPool, limitsOf } from './reader-pool.js';

const pool = new ReaderPool();

async function fenced<T>(
  reader: ReaderName,
  path: string,
  { signal, ...options }: ReaderOptions & { readonly signal?: AbortSignal },
): Promise<T> {
  signal?.throwIfAborted();
  return (await pool.read(reader, path, options, limitsOf(await sizeOf(path)), signal)) as T;
}

/** Size of a regular file; whatever else it is does not reach a reader. */
async function sizeOf(path: string): Promise<number> {
  try {
    const { file, bytes } = await openRegular(path);
    await file.close();
    return bytes;
  } catch (error) {
    throw new TramontanaError('Ingest.FileNotReadable', `${path}: expected a readable file; ${messageOf(error)}`, {
      facts: { file: path },
      cause: error,
    });
  }
}

/**
 * As `cams/read-cams-file.ts` readCamsFile, behind the fence.
 *
 * @throws also TramontanaError `Ingest.ReaderTimedOut`, `Ingest.ReaderOutOfMemory`, `Ingest.ReaderCrashed`
 */
export function readCamsFile(path: string, options: ReadCamsOptions = {}): Promise<LabelledField> {
  return fenced('readCamsFile', path, camsOptions(options));
}

function camsOptions({ species, ...rest }: ReadCamsOptions): ReaderOptions & { readonly signal?: AbortSignal } {
  return { ...rest, ...(species === undefined ? {} : { species: [...species] }) };
}

/**
 * Times, origins and runs of a CAMS file, without its values; behind the fence.
 *
 * @throws as {@link readCamsFile}
 */
export function readCamsTimes(path: string, options: ReadCamsOptions = {}): Promise<CamsTimes> {
  return fenced('readCamsTimes', path, camsOptions(options));
}

/**
 * As `dem/read-elevation.ts` readElevation, behind the fence.
 *
 * @throws also as {@link readCamsFile}
 */
export function readElevation(path: string, options: ReadElevationOptions = {}): Promise<ElevationGrid> {
  return fenced('readElevation', path, options);
}

/**
 * As `areas/read-areas.ts` readAreas, behind the fence.
 *
 * @throws also as {@link readCamsFile}
 */
export function readAreas(path: string, options: ReadAreasOptions = {}): Promise<AreasFile> {
  return fenced('readAreas', path, options);
}

/**
 * As `inspect-file.ts` inspectFile, behind the fence.
 *
 * @throws also as {@link readCamsFile}
 */
export function inspectFile(path: string, options: { readonly signal?: AbortSignal } = {}): Promise<FileInspection> {
  return fenced('inspectFile', path, options);
}
