// SPDX-License-Identifier: Apache-2.0
/**
 * How much memory the reading of a file may take. A size written in a file is a claim: it is compared with the file that makes
 * it before anything is allocated.
 *
 * @module
 */
import { statSync } from 'node:fs';
import { totalmem } from 'node:os';
import { TramontanaError } from '../../common/errors.js';

const MEBIBYTE = 1024 * 1024;
/** Enough for a year of a region; a reader process itself takes 120 MiB of it. */
const BASE_BYTES = 768 * MEBIBYTE;
/** Packed shorts become doubles (4), and compressed files are commonly a half to a third of their content. */
const BYTES_PER_FILE_BYTE = 12;
/** A reader process without any file. */
const PROCESS_BYTES = 192 * MEBIBYTE;

/** Most memory, in bytes, that a process may have while it reads a file of this size; at most half of the machine's. */
export function memoryLimitBytes(fileBytes: number): number {
  return Math.max(BASE_BYTES, Math.min(BASE_BYTES + BYTES_PER_FILE_BYTE * fileBytes, totalmem() / 2));
}

/**
 * Checks a size that a file declares before memory is taken for it.
 *
 * @param what - for the message, e.g. `variable "pm10"`
 * @throws TramontanaError `Ingest.DeclaredTooLarge`
 */
export function requireAllocatable(path: string, what: string, bytes: number): void {
  const fileBytes = statSync(path).size;
  const limit = memoryLimitBytes(fileBytes) - PROCESS_BYTES;
  if (bytes <= limit) return;
  throw new TramontanaError(
    'Ingest.DeclaredTooLarge',
    `${path}: ${what}: expected at most ${Math.round(limit / MEBIBYTE)} MiB to be read at once from a file of ${fileBytes} bytes, it declares ${Math.round(bytes / MEBIBYTE)} MiB; the file is damaged, or choose fewer cells (boundingBox)`,
    { facts: { file: path, declaredBytes: bytes, limitBytes: limit, fileBytes } },
  );
}
