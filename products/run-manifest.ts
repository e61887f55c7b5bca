// SPDX-License-Identifier: Apache-2.0
/**
 * `COMPLETE`: the marker of a finished run, which lists every other file with its size and hash.
 *
 * @module
 */
import { join } from 'node:path';

import { z } from 'zod';

import { hashFile } from '../artifacts/index.js';
import { TramontanaError, messageOf } from '../common/errors.js';
import { readRegular } from '../common/regular-file.js';

/** Marker of a complete run, written last. */
export const COMPLETE_FILE = 'COMPLETE';

const entry = z.object({
  /** Relative to the folder of the run. */
  path: z.string().min(1),
  bytes: z.int().nonnegative(),
  /** Lower-case hex. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/u),
});

const manifest = z.object({
  schema: z.literal('tramontana-run/1'),
  domain: z.string(),
  cycle: z.string(),
  /** ISO 8601, UTC. */
  publishedAt: z.string(),
  /** Every file of the run but `COMPLETE` itself. */
  files: z.array(entry),
});

/** One file of a run, as it was meant to be. */
export type ManifestEntry = Readonly<z.infer<typeof entry>>;

/** Content of `COMPLETE`. */
export type RunManifest = Readonly<z.infer<typeof manifest>>;

/** Text of `COMPLETE`. */
export function formatManifest(content: RunManifest): string {
  return `${JSON.stringify(content, null, 2)}\n`;
}

/**
 * Reads the manifest of a finished run.
 *
 * @throws {TramontanaError} `Products.NotWhole` when `COMPLETE` is absent or holds no manifest
 */
export async function readManifest(folder: string): Promise<RunManifest> {
  const path = join(folder, COMPLETE_FILE);
  try {
    return manifest.parse(JSON.parse((await readRegular(path)).toString('utf8')));
  } catch (error) {
    throw new TramontanaError(
      'Products.NotWhole',
      `${path}: expected the list of the files of a run, got: ${error instanceof z.ZodError ? 'something else' : messageOf(error)}`,
      { facts: { path }, cause: error },
    );
  }
}

/**
 * Reads back and hashes every file.
 *
 * @throws {TramontanaError} `Products.NotWhole` (retryable) names the first file that is not what was written
 */
export async function verifyEntries(folder: string, entries: readonly ManifestEntry[]): Promise<void> {
  for (const { path, bytes, sha256 } of entries) {
    const found = await hashFile(join(folder, path)).catch((error: unknown) => messageOf(error));
    if (typeof found !== 'string' && found.bytes === bytes && found.sha256 === sha256) continue;
    const got = typeof found === 'string' ? found : `${found.bytes} bytes with sha256 ${found.sha256}`;
    throw new TramontanaError(
      'Products.NotWhole',
      `${join(folder, path)}: expected the ${bytes} bytes with sha256 ${sha256} that were written, read back ${got}`,
      { facts: { path, expected: { bytes, sha256 }, found }, retryable: true },
    );
  }
}

/**
 * Proves that a run is as it was published: its marker is there and every file in it has its hash.
 *
 * @throws {TramontanaError} `Products.NotWhole`
 */
export async function verifyRun(folder: string): Promise<RunManifest> {
  const content = await readManifest(folder);
  await verifyEntries(folder, content.files);
  return content;
}
