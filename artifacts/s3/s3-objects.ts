// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';

import { FILE_MODE } from '../../common/atomic-file.js';
import { USED_PREFIX, type ObjectStore, type StoredObject } from '../object-store.js';
import type { S3Client } from './s3-client.js';
import type { S3Refusal } from './s3-failures.js';
import { upload } from './s3-upload.js';

/** An object and the tag of this version of it. */
export interface TaggedObject {
  readonly bytes: Buffer;
  readonly tag: string;
}

/** The time of use is kept to this: a store is not asked to write for every reading. Retention allows for it. */
export const TOUCH_GRAIN_MS = 12 * 3_600_000;

/** Of a bucket or a key of access that is not there servers say 404 too; the answer to HEAD has no words. */
const ABSENT_CODES: readonly string[] = ['', 'NoSuchKey', 'NoSuchUpload', 'NotFound'];
const isAbsent = ({ status, code }: S3Refusal): boolean => status === 404 && ABSENT_CODES.includes(code);
const isTaken = (refusal: S3Refusal): boolean => refusal.status === 412 || refusal.status === 409 || isAbsent(refusal);

/** Objects in a bucket, below a prefix. Several machines may write at once: each object is one of them, whole. */
export class S3Objects implements ObjectStore {
  constructor(
    private readonly client: S3Client,
    private readonly partBytes?: number,
  ) {}

  get address(): string {
    return this.addressOf('');
  }

  addressOf(name: string): string {
    return `s3://${this.client.settings.bucket}/${this.client.keyOf(name)}`;
  }

  async read(name: string, signal?: AbortSignal): Promise<Buffer | undefined> {
    return (await this.readTagged(name, signal))?.bytes;
  }

  async readTagged(name: string, signal?: AbortSignal): Promise<TaggedObject | undefined> {
    const answer = await this.client.send({ method: 'GET', name, signal, understands: isAbsent });
    return answer.status === 404 ? undefined : { bytes: answer.body, tag: answer.headers.get('etag') ?? '' };
  }

  async write(name: string, data: Uint8Array | string, signal?: AbortSignal): Promise<void> {
    const bytes = typeof data === 'string' ? Buffer.from(data, 'utf8') : data;
    const read = (offset: number, length: number): Promise<Uint8Array> =>
      Promise.resolve(bytes.subarray(offset, offset + length));
    await upload(this.client, name, { bytes: bytes.byteLength, read }, this.options({ signal }));
  }

  /** Writes only where there is nothing; the tag of what was written, undefined where something is. */
  create(name: string, data: string, signal?: AbortSignal): Promise<string | undefined> {
    return this.writeIf(name, data, { 'if-none-match': '*' }, signal);
  }

  /** Writes only over the version with this tag; the new tag, undefined where there is another version. */
  replace(name: string, data: string, tag: string, signal?: AbortSignal): Promise<string | undefined> {
    return this.writeIf(name, data, { 'if-match': tag }, signal);
  }

  /**
   * Uploads a file in pieces.
   *
   * @throws {TramontanaError} `Artifact.Corrupt` (retryable) when it is not the bytes with this hash; nothing is stored then
   */
  async uploadFile(name: string, path: string, sha256: string, signal?: AbortSignal): Promise<void> {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      const read = async (offset: number, length: number): Promise<Uint8Array> => {
        const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(length), 0, length, offset);
        return buffer.subarray(0, bytesRead);
      };
      await upload(this.client, name, { bytes: size, read }, this.options({ sha256, signal }));
    } finally {
      await file.close();
    }
  }

  /** Downloads an object in pieces into a file; what came, undefined where there is no such object. */
  async download(
    name: string,
    path: string,
    signal?: AbortSignal,
  ): Promise<{ readonly sha256: string; readonly bytes: number; readonly tag: string } | undefined> {
    const file = await open(path, 'w', FILE_MODE);
    try {
      const answer = await this.client.stream(
        { method: 'GET', name, signal, understands: isAbsent },
        async ({ headers }, pieces) => {
          const hash = createHash('sha256');
          let bytes = 0;
          // an attempt before may have broken off
          await file.truncate(0);
          for await (const piece of pieces) {
            await file.write(piece, 0, piece.byteLength, bytes);
            hash.update(piece);
            bytes += piece.byteLength;
          }
          return { sha256: hash.digest('hex'), bytes, tag: headers.get('etag') ?? '' };
        },
      );
      return 'sha256' in answer ? answer : undefined;
    } finally {
      await file.close();
    }
  }

  async stat(name: string): Promise<StoredObject | undefined> {
    const { status, headers } = await this.client.send({ method: 'HEAD', name, understands: isAbsent });
    if (status === 404) return undefined;
    const modifiedMs = Date.parse(headers.get('last-modified') ?? '');
    return { name, bytes: Number(headers.get('content-length')), modifiedMs };
  }

  /** Notes the use in an object beside it: a copy of an object onto itself keeps its time on some servers. */
  async touch(name: string): Promise<void> {
    const isRecent = (object: StoredObject | undefined): boolean =>
      object !== undefined && Date.now() - object.modifiedMs < TOUCH_GRAIN_MS;
    const found = await this.stat(name);
    if (found === undefined || isRecent(found)) return;
    const mark = `${USED_PREFIX}${name}`;
    if (!isRecent(await this.stat(mark))) await this.write(mark, '');
  }

  async *list(prefix: string, signal?: AbortSignal): AsyncIterable<StoredObject> {
    let token: string | undefined;
    do {
      const text = await this.page(
        {
          ...{ 'list-type': '2', 'encoding-type': 'url', prefix: this.client.keyOf(prefix) },
          ...(token === undefined ? {} : { 'continuation-token': token }),
        },
        signal,
      );
      for (const [, entry = ''] of text.matchAll(/<Contents>(.*?)<\/Contents>/gsu)) {
        yield {
          name: this.nameIn(entry, text),
          bytes: Number(valueIn(entry, 'Size')),
          modifiedMs: Date.parse(valueIn(entry, 'LastModified')),
        };
      }
      token = valueIn(text, 'NextContinuationToken');
    } while (token !== '');
  }

  async remove(name: string): Promise<void> {
    await this.client.send({ method: 'DELETE', name, understands: isAbsent });
  }

  /** Removes an object only while it is the version with this tag; some servers do not ask for the tag. */
  async removeVersion(name: string, tag: string): Promise<void> {
    await this.client.send({ method: 'DELETE', name, headers: { 'if-match': tag }, understands: isTaken });
  }

  /** Names and ids of uploads that were begun before and never ended: those of killed workers, or of slow ones. */
  async *unfinishedUploads(): AsyncIterable<{
    readonly name: string;
    readonly uploadId: string;
    readonly begunMs: number;
  }> {
    const text = await this.page({ uploads: '', 'encoding-type': 'url', prefix: this.client.keyOf('') });
    // the next thousand are met by the next call
    for (const [, entry = ''] of text.matchAll(/<Upload>(.*?)<\/Upload>/gsu)) {
      const begunMs = Date.parse(valueIn(entry, 'Initiated'));
      yield { name: this.nameIn(entry, text), uploadId: valueIn(entry, 'UploadId'), begunMs };
    }
  }

  async removeUnfinished(beforeMs: number, dryRun: boolean): Promise<number> {
    let count = 0;
    for await (const { name, uploadId, begunMs } of this.unfinishedUploads()) {
      if (begunMs >= beforeMs) continue;
      count += 1;
      if (dryRun) continue;
      await this.client.send({ method: 'DELETE', name, query: { uploadId }, understands: isAbsent });
    }
    return count;
  }

  private async page(query: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<string> {
    return (await this.client.send({ method: 'GET', query, signal })).body.toString('utf8');
  }

  /** Some servers do not encode what they were asked to. */
  private nameIn(entry: string, page: string): string {
    const text = valueIn(entry, 'Key');
    const isEncoded = valueIn(page, 'EncodingType') === 'url';
    const key = isEncoded ? decodeURIComponent(text.replaceAll('+', '%20')) : text;
    return key.slice(this.client.settings.prefix.length);
  }

  private async writeIf(
    name: string,
    data: string,
    headers: Readonly<Record<string, string>>,
    signal?: AbortSignal,
  ): Promise<string | undefined> {
    const body = Buffer.from(data, 'utf8');
    const answer = await this.client.send({ method: 'PUT', name, headers, body, signal, understands: isTaken });
    return answer.status < 300 ? (answer.headers.get('etag') ?? undefined) : undefined;
  }

  private options<Options extends object>(options: Options): Options & { readonly partBytes?: number } {
    return this.partBytes === undefined ? options : { ...options, partBytes: this.partBytes };
  }
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function valueIn(xml: string, tag: string): string {
  const text = new RegExp(`<${tag}>([^<]*)</${tag}>`, 'u').exec(xml)?.[1] ?? '';
  return text.replace(/&(?:#(\d+)|([a-z]+));/gu, (whole, code: string | undefined, name: string | undefined) =>
    code === undefined ? (ENTITIES[name ?? ''] ?? whole) : String.fromCodePoint(Number(code)),
  );
}
