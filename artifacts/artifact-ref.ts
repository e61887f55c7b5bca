// SPDX-License-Identifier: Apache-2.0
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
export type ArtifactKind = Pick<ArtifactRef, 'mediaType' | 'schema'>;

/** State of the bytes behind a reference. */
export type ArtifactCondition = 'intact' | 'missing' | 'corrupt';

export const ARROW_MEDIA_TYPE = 'application/vnd.apache.arrow.file';
export const JSON_MEDIA_TYPE = 'application/json';
