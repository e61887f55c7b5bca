// SPDX-License-Identifier: Apache-2.0
import { sha256Hex } from '../common/hash.js';
import { JSON_MEDIA_TYPE, type ArtifactCondition, type ArtifactKind, type ArtifactRef } from './artifact-ref.js';
import type { ArtifactCache } from './artifact-cache.js';
import { artifactCorrupt, artifactMissing, conditionOfFile, hashFile, isFileUri, readFileOf } from './local-files.js';
import type { S3Objects } from './s3/s3-objects.js';
import { objectNameOf, type ArtifactStore } from './store.js';
import { readVerified } from './verified-read.js';

/** Artifacts in a bucket that several machines share; what this machine wrote or read lies in its cache too. */
export class SharedArtifactStore implements ArtifactStore {
  constructor(
    private readonly objects: S3Objects,
    private readonly cache: ArtifactCache,
  ) {}

  get place(): string {
    return this.objects.address;
  }

  owns(ref: ArtifactRef): boolean {
    return ref.uri === this.objects.addressOf(objectNameOf(ref.sha256));
  }

  async put(bytes: Uint8Array, kind: ArtifactKind, signal?: AbortSignal): Promise<ArtifactRef> {
    const ref = this.refTo({ sha256: sha256Hex(bytes), bytes: bytes.byteLength }, kind);
    await this.store(ref, () => this.objects.write(objectNameOf(ref.sha256), bytes, signal));
    await this.cache.keep(ref.sha256, bytes);
    return ref;
  }

  async putJson(value: unknown, schema: string): Promise<ArtifactRef> {
    return this.put(Buffer.from(`${JSON.stringify(value)}\n`, 'utf8'), { mediaType: JSON_MEDIA_TYPE, schema });
  }

  async putFile(path: string, kind: ArtifactKind, signal?: AbortSignal): Promise<ArtifactRef> {
    const ref = this.refTo(await hashFile(path, signal), kind);
    await this.store(ref, () => this.objects.uploadFile(objectNameOf(ref.sha256), path, ref.sha256, signal));
    return ref;
  }

  async get(ref: ArtifactRef, signal?: AbortSignal): Promise<Buffer> {
    if (isFileUri(ref.uri)) return readFileOf(ref);
    this.requireOwn(ref);
    // a copy that another process removes between the two is fetched again
    const bytes = (await this.cache.read(ref.sha256)) ?? (await this.fetched(ref, signal));
    return bytes ?? this.get(ref, signal);
  }

  async getJson<T>(ref: ArtifactRef): Promise<T> {
    return JSON.parse((await this.get(ref)).toString('utf8')) as T;
  }

  async withLocalFile<Result>(
    ref: ArtifactRef,
    use: (path: string) => Promise<Result>,
    signal?: AbortSignal,
  ): Promise<Result> {
    if (isFileUri(ref.uri)) return readVerified(ref, use);
    this.requireOwn(ref);
    for (;;) {
      const lent = await this.cache.lend(ref.sha256, use);
      if (lent !== undefined) return lent.result;
      await this.fetch(ref, signal);
    }
  }

  /** By presence and size: what somebody changed and kept at its size is found out, and removed, when it is read. */
  async conditionOf(ref: ArtifactRef): Promise<ArtifactCondition> {
    if (isFileUri(ref.uri)) return conditionOfFile(ref);
    const found = this.owns(ref) ? await this.objects.stat(objectNameOf(ref.sha256)) : undefined;
    if (found === undefined) return 'missing';
    return found.bytes === ref.bytes ? 'intact' : 'corrupt';
  }

  /** Writes what is not there in its size; what is there was used now. */
  private async store(ref: ArtifactRef, write: () => Promise<void>): Promise<void> {
    if ((await this.conditionOf(ref)) === 'intact') await this.objects.touch(objectNameOf(ref.sha256));
    else await write();
  }

  private async fetched(ref: ArtifactRef, signal?: AbortSignal): Promise<Buffer | undefined> {
    await this.fetch(ref, signal);
    return this.cache.read(ref.sha256);
  }

  /**
   * Brings an artifact into the cache.
   *
   * @throws {TramontanaError} `Artifact.Missing`, `Artifact.Corrupt`: the object is removed then, so that the next look finds out
   */
  private async fetch(ref: ArtifactRef, signal?: AbortSignal): Promise<void> {
    const name = objectNameOf(ref.sha256);
    await this.cache.fill(ref.sha256, async (path) => {
      const found = await this.objects.download(name, path, signal);
      if (found === undefined) throw artifactMissing(ref, 'no such object');
      if (found.sha256 === ref.sha256) return;
      await this.objects.removeVersion(name, found.tag);
      throw artifactCorrupt(ref, found);
    });
  }

  private requireOwn(ref: ArtifactRef): void {
    if (!this.owns(ref)) throw artifactMissing(ref, `an address outside of ${this.place}`);
  }

  private refTo(content: Pick<ArtifactRef, 'sha256' | 'bytes'>, kind: ArtifactKind): ArtifactRef {
    return { uri: this.objects.addressOf(objectNameOf(content.sha256)), ...content, ...kind };
  }
}
