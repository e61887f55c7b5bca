// SPDX-License-Identifier: Apache-2.0
/**
 * Uploads that nobody sees before they are whole: one request for what is small, parts that are joined at the end for the rest.
 *
 * @module
 */
import { createHash } from 'node:crypto';

import { messageOf, TramontanaError } from '../../common/errors.js';
import type { S3Client } from './s3-client.js';

/** What is uploaded, read from anywhere. */
export interface UploadSource {
  readonly bytes: number;
  read(offset: number, length: number): Promise<Uint8Array>;
}

export interface UploadOptions {
  /** Nothing is made visible when what was read has another hash. */
  readonly sha256?: string;
  readonly signal?: AbortSignal | undefined;
  /** Default {@link PART_BYTES}. */
  readonly partBytes?: number;
}

/** In memory at a time. Servers want 5 MiB at least, and take 10,000 parts: enough for 80 GB. */
const PART_BYTES = 8 * 2 ** 20;
const MOST_PARTS = 10_000;

/** @throws {TramontanaError} `Artifact.Store*`; `Artifact.Corrupt` when the source is not what it was said to be */
export async function upload(
  client: S3Client,
  name: string,
  source: UploadSource,
  options: UploadOptions = {},
): Promise<void> {
  const { signal, partBytes = PART_BYTES } = options;
  const length = Math.max(partBytes, Math.ceil(source.bytes / MOST_PARTS));
  if (source.bytes > length) return uploadParts(client, name, source, { ...options, partBytes: length });
  const body = await source.read(0, source.bytes);
  requireHash(name, options.sha256, createHash('sha256').update(body).digest('hex'));
  await client.send({ method: 'PUT', name, body, signal });
}

async function uploadParts(
  client: S3Client,
  name: string,
  source: UploadSource,
  { sha256, signal, partBytes }: UploadOptions & { readonly partBytes: number },
): Promise<void> {
  const started = await client.send({ method: 'POST', name, query: { uploads: '' }, signal });
  const uploadId = /<UploadId>([^<]+)<\/UploadId>/u.exec(started.body.toString('utf8'))?.[1] ?? '';
  try {
    const hash = createHash('sha256');
    const tags: string[] = [];
    for (let offset = 0; offset < source.bytes; offset += partBytes) {
      const body = await source.read(offset, Math.min(partBytes, source.bytes - offset));
      hash.update(body);
      const query = { partNumber: String(tags.length + 1), uploadId };
      const { headers } = await client.send({ method: 'PUT', name, query, body, signal });
      tags.push(headers.get('etag') ?? '');
    }
    requireHash(name, sha256, hash.digest('hex'));
    await complete(client, name, { uploadId, tags, bytes: source.bytes, signal });
  } catch (error) {
    // what a killed worker leaves is removed by retention; here it can be done at once, whatever the server says
    await client.send({ method: 'DELETE', name, query: { uploadId }, understands: () => true }).catch(() => undefined);
    throw error;
  }
}

async function complete(
  client: S3Client,
  name: string,
  upload: {
    readonly uploadId: string;
    readonly tags: readonly string[];
    readonly bytes: number;
    readonly signal: AbortSignal | undefined;
  },
): Promise<void> {
  const { uploadId, tags, bytes, signal } = upload;
  const parts = tags.map((tag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${tag}</ETag></Part>`);
  const body = Buffer.from(`<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`, 'utf8');
  const answer = await client.send({
    ...{ method: 'POST', name, query: { uploadId }, body, signal },
    // an earlier attempt was done, and its answer lost
    understands: ({ code }) => code === 'NoSuchUpload',
  });
  // a server that takes long answers 200 first and may fail afterwards [Amazon S3, CompleteMultipartUpload]
  const text = answer.body.toString('utf8');
  if (answer.code === '' && !text.includes('<Error>')) return;
  const { headers } = await client.send({ method: 'HEAD', name, signal, understands: ({ status }) => status === 404 });
  if (Number(headers.get('content-length')) === bytes && headers.has('etag')) return;
  throw new TramontanaError(
    'Artifact.StoreUnreachable',
    `s3://${client.settings.bucket}/${client.keyOf(name)}: expected its ${tags.length} parts to be joined, got: ${messageOf(text === '' ? answer.code : text)}`,
    { facts: { key: client.keyOf(name), parts: tags.length }, retryable: true },
  );
}

function requireHash(name: string, expected: string | undefined, found: string): void {
  if (expected === undefined || expected === found) return;
  throw new TramontanaError(
    'Artifact.Corrupt',
    `${name}: expected to upload bytes with sha256 ${expected}, got bytes with sha256 ${found}: the file was changed meanwhile`,
    { facts: { name, expectedSha256: expected, foundSha256: found }, retryable: true },
  );
}
