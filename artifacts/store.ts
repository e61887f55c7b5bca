// SPDX-License-Identifier: Apache-2.0
/**
 * Content-addressed storage: an artifact is named by the hash of its bytes, so it never changes, equal results are
 * kept once, and every reader can prove that what it reads is what was written.
 *
 * @module
 */
import type { ArtifactCondition, ArtifactKind, ArtifactRef } from './artifact-ref.js';

/** Below which the objects of a store lie. */
export const OBJECTS_PREFIX = 'objects/';

/** Name of the object that holds the bytes with this hash. */
export function objectNameOf(sha256: string): string {
  return `${OBJECTS_PREFIX}${sha256.slice(0, 2)}/${sha256}`;
}

/**
 * Where artifacts are kept. References to files that stay where they are (`file:` addresses: inputs, products) are read by every
 * store as what they are, files of this machine.
 */
export interface ArtifactStore {
  /** A folder or the address of a bucket, for messages. */
  readonly place: string;
  /** True for a reference to an object of this store. */
  owns(ref: ArtifactRef): boolean;
  /** Stores bytes; the same bytes are kept once. A damaged earlier copy is replaced. Nothing half-written is ever seen. */
  put(bytes: Uint8Array, kind: ArtifactKind, signal?: AbortSignal): Promise<ArtifactRef>;
  /** Stores a value as JSON. */
  putJson(value: unknown, schema: string): Promise<ArtifactRef>;
  /** Stores a file, read in pieces. */
  putFile(path: string, kind: ArtifactKind, signal?: AbortSignal): Promise<ArtifactRef>;
  /**
   * Reads an artifact and proves its hash.
   *
   * @throws {TramontanaError} `Artifact.Missing` or `Artifact.Corrupt`; both mean: recompute the stage that made it
   */
  get(ref: ArtifactRef, signal?: AbortSignal): Promise<Uint8Array>;
  /** Reads an artifact that holds JSON. Its hash vouches for its shape: only {@link putJson} of the same schema wrote it. */
  getJson<T>(ref: ArtifactRef): Promise<T>;
  /**
   * Gives a file with the proved bytes of an artifact to somebody who wants a path; the file is to be read only, and gone afterwards.
   *
   * @throws {TramontanaError} as {@link get}; `Input.Changed` for a file outside the store
   */
  withLocalFile<Result>(
    ref: ArtifactRef,
    use: (path: string) => Promise<Result>,
    signal?: AbortSignal,
  ): Promise<Result>;
  /** Whether the bytes are still those that were stored; each store says how much of that it proves. */
  conditionOf(ref: ArtifactRef): Promise<ArtifactCondition>;
}
