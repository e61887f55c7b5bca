// SPDX-License-Identifier: Apache-2.0
import { copyFile } from 'node:fs/promises';

import { replaceFile } from '../common/atomic-file.js';
import { sha256Hex } from '../common/hash.js';
import { JSON_MEDIA_TYPE, type ArtifactCondition, type ArtifactKind, type ArtifactRef } from './artifact-ref.js';
import type { FolderObjects } from './folder-objects.js';
import { artifactCorrupt, conditionOfFile, fileUriOf, hashFile, placeOf, readFileOf } from './local-files.js';
import { objectNameOf, type ArtifactStore } from './store.js';
import { readVerified } from './verified-read.js';

/** Artifacts in a folder of this machine, one file each, named by hash. Safe for several processes at once. */
export class LocalArtifactStore implements ArtifactStore {
  constructor(private readonly objects: FolderObjects) {}

  get place(): string {
    return this.objects.folder;
  }

  /** Where an artifact with this hash lies, whether or not it exists. */
  pathOf(sha256: string): string {
    return this.objects.pathOf(objectNameOf(sha256));
  }

  owns(ref: ArtifactRef): boolean {
    return ref.uri === this.objects.addressOf(objectNameOf(ref.sha256));
  }

  async put(bytes: Uint8Array, kind: ArtifactKind): Promise<ArtifactRef> {
    const ref = this.refTo({ sha256: sha256Hex(bytes), bytes: bytes.byteLength }, kind);
    const name = objectNameOf(ref.sha256);
    // what is put again is used again; retention asks
    if ((await conditionOfFile(ref)) === 'intact') await this.objects.touch(name);
    else await this.objects.write(name, bytes);
    return ref;
  }

  async putJson(value: unknown, schema: string): Promise<ArtifactRef> {
    return this.put(Buffer.from(`${JSON.stringify(value)}\n`, 'utf8'), { mediaType: JSON_MEDIA_TYPE, schema });
  }

  async putFile(path: string, kind: ArtifactKind, signal?: AbortSignal): Promise<ArtifactRef> {
    const ref = this.refTo(await hashFile(path, signal), kind);
    if ((await conditionOfFile(ref)) === 'intact') {
      await this.objects.touch(objectNameOf(ref.sha256));
      return ref;
    }
    await replaceFile(this.pathOf(ref.sha256), async (temporary) => {
      await copyFile(path, temporary);
      // it may have been exchanged since it was hashed
      const found = await hashFile(temporary, signal);
      if (found.sha256 !== ref.sha256) throw artifactCorrupt({ ...ref, uri: fileUriOf(path) }, found);
    });
    return ref;
  }

  get(ref: ArtifactRef): Promise<Uint8Array> {
    return readFileOf(ref);
  }

  async getJson<T>(ref: ArtifactRef): Promise<T> {
    return JSON.parse((await readFileOf(ref)).toString('utf8')) as T;
  }

  async withLocalFile<Result>(ref: ArtifactRef, use: (path: string) => Promise<Result>): Promise<Result> {
    if (!this.owns(ref)) return readVerified(ref, use);
    if ((await conditionOfFile(ref)) !== 'intact') await readFileOf(ref);
    return use(placeOf(ref));
  }

  conditionOf(ref: ArtifactRef): Promise<ArtifactCondition> {
    return conditionOfFile(ref);
  }

  private refTo(content: Pick<ArtifactRef, 'sha256' | 'bytes'>, kind: ArtifactKind): ArtifactRef {
    return { uri: this.objects.addressOf(objectNameOf(content.sha256)), ...content, ...kind };
  }
}
