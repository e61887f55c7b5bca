// SPDX-License-Identifier: Apache-2.0
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

import { METADATA_ENCODING_KEY, type Payload, type PayloadCodec } from '@temporalio/common';
import protocol from '@temporalio/proto';

import { TramontanaError } from '../../common/errors.js';
import type { PayloadKeys } from './payload-keys.js';

/** As in Temporal's own samples, so that tools show what it is. */
const ENCODING = 'binary/encrypted';
const CIPHER = 'AES-256-GCM';
const KEY_ID = 'encryption-key-id';
const CIPHER_KEY = 'encryption-cipher';
/** Of GCM, in bytes. Nonces are drawn: by 2^32 payloads a key two of 96 bits meet with probability 2^-33; then change the key. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

const { Payload: PayloadMessage } = protocol.temporal.api.common.v1;
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array | null | undefined): string => new TextDecoder().decode(bytes ?? new Uint8Array());

/**
 * Encrypts whole payloads, metadata included, by AES-256-GCM: nonce, tag and ciphertext of the payload as protobuf. The id of the key stands
 * beside it and is authenticated with it. Payloads that are plain are read as they are: histories of before, and what the Web UI sends.
 */
export class EncryptionCodec implements PayloadCodec {
  constructor(private readonly keys: PayloadKeys) {}

  encode(payloads: Payload[]): Promise<Payload[]> {
    return Promise.resolve(payloads.map((payload) => this.encrypt(payload)));
  }

  /** @throws {TramontanaError} `Payload.UnknownKey`, `Payload.NotDecryptable` */
  async decode(payloads: Payload[]): Promise<Payload[]> {
    return Promise.resolve().then(() => payloads.map((payload) => this.decrypt(payload)));
  }

  private encrypt(payload: Payload): Payload {
    const { currentId, byId } = this.keys;
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', keyOf(byId, currentId), nonce);
    cipher.setAAD(bytesOf(currentId));
    const text = Buffer.concat([cipher.update(PayloadMessage.encode(payload).finish()), cipher.final()]);
    return {
      metadata: {
        [METADATA_ENCODING_KEY]: bytesOf(ENCODING),
        [CIPHER_KEY]: bytesOf(CIPHER),
        [KEY_ID]: bytesOf(currentId),
      },
      data: Buffer.concat([nonce, cipher.getAuthTag(), text]),
    };
  }

  private decrypt(payload: Payload): Payload {
    if (textOf(payload.metadata?.[METADATA_ENCODING_KEY]) !== ENCODING) return payload;
    const keyId = textOf(payload.metadata?.[KEY_ID]);
    const key = keyOf(this.keys.byId, keyId);
    const data = Buffer.from(payload.data ?? []);
    try {
      const decipher = createDecipheriv('aes-256-gcm', key, data.subarray(0, NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(bytesOf(keyId));
      decipher.setAuthTag(data.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
      const text = data.subarray(NONCE_BYTES + TAG_BYTES);
      const { metadata, data: plain } = PayloadMessage.decode(Buffer.concat([decipher.update(text), decipher.final()]));
      return { metadata, data: plain };
    } catch (error) {
      const message = `a payload encrypted by the key "${keyId}": expected it as it was written, got one that was changed, or another key of this id`;
      throw new TramontanaError('Payload.NotDecryptable', message, { facts: { keyId }, cause: error });
    }
  }
}

function keyOf(byId: PayloadKeys['byId'], id: string) {
  const key = byId.get(id);
  if (key !== undefined) return key;
  throw new TramontanaError(
    'Payload.UnknownKey',
    `a payload encrypted by the key "${id}": expected one of ${[...byId.keys()].join(', ')}`,
    { facts: { keyId: id, known: [...byId.keys()] } },
  );
}
