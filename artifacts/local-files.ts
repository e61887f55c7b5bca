// SPDX-License-Identifier: Apache-2.0
/**
 * Files of this machine behind references: inputs and products, which stay where they are, and the objects of a store that is a
 * folder. The only place where an address becomes a path.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { messageOf, TramontanaError } from '../common/errors.js';
import { sha256Hex } from '../common/hash.js';
import { codeOf } from '../common/paths.js';
import { openRegular, readRegular, type PathJudge } from '../common/regular-file.js';
import { shortened } from '../common/text.js';
import type { ArtifactCondition, ArtifactKind, ArtifactRef } from './artifact-ref.js';

/** The `file:` address of a path. */
export function fileUriOf(path: string): string {
  return pathToFileURL(resolve(path)).href;
}

/** True for the address of a file of this machine. */
export function isFileUri(uri: string): boolean {
  try {
    return fileURLToPath(uri) !== '';
  } catch {
    return false;
  }
}

/**
 * The path behind a `file:` address that somebody gave.
 *
 * @param name - of the address in the input, for the message
 * @throws {TramontanaError} `Input.Invalid`
 */
export function pathOfFileUri(uri: string, name: string): string {
  try {
    return fileURLToPath(uri);
  } catch (error) {
    throw new TramontanaError(
      'Input.Invalid',
      `${name}: expected a file: address, got "${shortened(uri)}": ${messageOf(error)}`,
      { facts: { name, uri }, cause: error },
    );
  }
}

/** Where the bytes of a reference lie, as a person reads it: the path of a file, the address of anything else. */
export function placeOf({ uri }: Pick<ArtifactRef, 'uri'>): string {
  return isFileUri(uri) ? fileURLToPath(uri) : uri;
}

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
  return { uri: fileUriOf(path), ...(await hashFile(path, signal, judge)), ...kind };
}

/** Tells whether the bytes behind a `file:` reference are still those that were hashed. */
export async function conditionOfFile(ref: ArtifactRef): Promise<ArtifactCondition> {
  const path = fileURLToPath(ref.uri);
  try {
    const { size } = await stat(path);
    if (size !== ref.bytes) return 'corrupt';
    return (await hashFile(path)).sha256 === ref.sha256 ? 'intact' : 'corrupt';
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 'missing';
    throw error;
  }
}

/**
 * The bytes behind a `file:` reference, proved by their hash.
 *
 * @throws {TramontanaError} `Artifact.Missing`, `Artifact.Corrupt`
 */
export async function readFileOf(ref: ArtifactRef): Promise<Buffer> {
  const path = fileURLToPath(ref.uri);
  let bytes: Buffer;
  try {
    bytes = await readRegular(path);
  } catch (error) {
    throw artifactMissing(ref, messageOf(error), error);
  }
  const sha256 = sha256Hex(bytes);
  if (sha256 !== ref.sha256) throw artifactCorrupt(ref, { bytes: bytes.byteLength, sha256 });
  return bytes;
}

/** @param got - what was found in its place, in words */
export function artifactMissing(ref: ArtifactRef, got: string, cause?: unknown): TramontanaError {
  const place = placeOf(ref);
  return new TramontanaError(
    'Artifact.Missing',
    `${place}: expected the ${ref.schema} artifact of ${ref.bytes} bytes, got: ${got}`,
    { facts: { path: place, ...ref }, ...(cause === undefined ? {} : { cause }) },
  );
}

/** @param found - what the bytes in its place are */
export function artifactCorrupt(
  ref: ArtifactRef,
  found: { readonly bytes: number; readonly sha256: string },
): TramontanaError {
  const place = placeOf(ref);
  return new TramontanaError(
    'Artifact.Corrupt',
    `${place}: expected ${ref.bytes} bytes with sha256 ${ref.sha256}, got ${found.bytes} bytes with sha256 ${found.sha256}`,
    { facts: { path: place, ...ref, foundSha256: found.sha256 } },
  );
}
