// SPDX-License-Identifier: Apache-2.0
/**
 * Content-addressed storage: an artifact is named by the hash of its bytes, so it never changes, equal results are
 * kept once, and every reader can prove that what it reads is what was written.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { writeFileAtomic } from '../common/atomic-file.js';
import { messageOf, TramontanaError } from '../common/errors.js';
import { sha256Hex } from '../common/hash.js';
import { openRegular, readRegular, type PathJudge } from '../common/regular-file.js';

/** Names an artifact. Small and serialisable: this is what travels through Temporal instead of the data. */
export interface ArtifactRef {
  /** Where the bytes lie, e.g. `file:///data/objects/ab/ab12...`. */
  readonly uri: string;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly bytes: number;
  /** IANA media type, e.g. `application/vnd.apache.arrow.file`. */
  readonly mediaType: string;
  /** Name and version of the schema of the bytes, e.g. `gridded-field/1`. */
  readonly schema: string;
}

/** What the writer of an artifact knows about its bytes. */
export interface ArtifactKind {
  readonly mediaType: string;
  readonly schema: string;
}

/** State of the bytes behind a reference. */
export type ArtifactCondition = 'intact' | 'missing' | 'corrupt';

export const ARROW_MEDIA_TYPE = 'application/vnd.apache.arrow.file';
export const JSON_MEDIA_TYPE = 'application/json';

/**
 * SHA-256 and size of a file, read in pieces so that its size does not matter.
 *
 * @throws {TramontanaError} `Input.NotRegularFile`; the system's error when the file cannot be read; the signal's reason
 */
export async function hashFile(
  path: string,
  signal?: AbortSignal,
  judge?: PathJudge,
): Promise<{ sha256: string; bytes: number }> {
  signal?.throwIfAborted();
  const hash = createHash('sha256');
  let bytes = 0;
  const { file } = await openRegular(path, judge);
  for await (const piece of file.createReadStream() as AsyncIterable<Buffer>) {
    signal?.throwIfAborted();
    hash.update(piece);
    bytes += piece.length;
  }
  return { sha256: hash.digest('hex'), bytes };
}

/**
 * A reference to a file that stays where it is (an input, a product), by the hash it has now.
 *
 * @param judge - of where the file lies that is hashed; the hash vouches for every later reading
 */
export async function referToFile(
  path: string,
  kind: ArtifactKind,
  signal?: AbortSignal,
  judge?: PathJudge,
): Promise<ArtifactRef> {
  return { uri: pathToFileURL(resolve(path)).href, ...(await hashFile(path, signal, judge)), ...kind };
}

/** Tells whether the bytes behind a `file:` reference are still those that were hashed. */
export async function conditionOf(ref: ArtifactRef): Promise<ArtifactCondition> {
  const path = fileURLToPath(ref.uri);
  try {
    const { size } = await stat(path);
    if (size !== ref.bytes) return 'corrupt';
    return (await hashFile(path)).sha256 === ref.sha256 ? 'intact' : 'corrupt';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'missing';
    throw error;
  }
}

/** Artifacts in a folder of this machine, one file each, named by hash. Safe for several processes at once. */
export class ArtifactStore {
  private readonly objectsFolder: string;

  /** @param folder - holds `objects/`; created on the first write */
  constructor(readonly folder: string) {
    this.objectsFolder = join(resolve(folder), 'objects');
  }

  /** Where an artifact with this hash lies, whether or not it exists. */
  pathOf(sha256: string): string {
    return join(this.objectsFolder, sha256.slice(0, 2), sha256);
  }

  /**
   * Stores bytes; the same bytes are written once. A damaged earlier copy is replaced.
   *
   * @throws the system's error when the disk refuses (full, read-only); nothing half-written is left
   */
  async put(bytes: Uint8Array, kind: ArtifactKind): Promise<ArtifactRef> {
    const sha256 = sha256Hex(bytes);
    const path = this.pathOf(sha256);
    const ref: ArtifactRef = { uri: pathToFileURL(path).href, sha256, bytes: bytes.byteLength, ...kind };
    if ((await conditionOf(ref)) !== 'intact') {
      await writeFileAtomic(path, bytes);
    }
    return ref;
  }

  /** Stores a value as JSON. */
  async putJson(value: unknown, schema: string): Promise<ArtifactRef> {
    return this.put(Buffer.from(`${JSON.stringify(value)}\n`, 'utf8'), { mediaType: JSON_MEDIA_TYPE, schema });
  }

  /**
   * Reads an artifact and proves its hash.
   *
   * @throws {TramontanaError} `Artifact.Missing` or `Artifact.Corrupt`; both mean: recompute the stage that made it
   */
  async get(ref: ArtifactRef): Promise<Uint8Array> {
    const path = fileURLToPath(ref.uri);
    let bytes: Uint8Array;
    try {
      bytes = await readRegular(path);
    } catch (error) {
      throw new TramontanaError(
        'Artifact.Missing',
        `${path}: expected the ${ref.schema} artifact of ${ref.bytes} bytes, got: ${messageOf(error)}`,
        { facts: { path, ...ref }, cause: error },
      );
    }
    const found = sha256Hex(bytes);
    if (found !== ref.sha256) {
      throw new TramontanaError(
        'Artifact.Corrupt',
        `${path}: expected ${ref.bytes} bytes with sha256 ${ref.sha256}, got ${bytes.byteLength} bytes with sha256 ${found}`,
        { facts: { path, ...ref, foundSha256: found } },
      );
    }
    return bytes;
  }

  /** Reads an artifact that holds JSON. Its hash vouches for its shape: only {@link putJson} of the same schema wrote it. */
  async getJson<T>(ref: ArtifactRef): Promise<T> {
    return JSON.parse(Buffer.from(await this.get(ref)).toString('utf8')) as T;
  }
}
