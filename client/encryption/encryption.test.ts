// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { defaultPayloadConverter, type Payload } from '@temporalio/common';

import { entry } from '../../common/entry.js';
import { isTramontanaError, type TramontanaError } from '../../common/errors.js';
import { payloadEncryption } from './index.js';

const key = (): string => randomBytes(32).toString('base64');
const [OLD, NEW, OTHER] = [key(), key(), key()];

function codecOf(text: string) {
  const [codec] = payloadEncryption({ TRAMONTANA_PAYLOAD_KEY: text })?.payloadCodecs ?? [];
  assert.ok(codec !== undefined);
  return codec;
}
const VALUE = { domain: 'a very secret valley', numbers: [1, 2.5, null], text: 'ü' };
const plain = (): Payload => defaultPayloadConverter.toPayload(VALUE);
const bytesIn = ({ metadata, data }: Payload): string =>
  Buffer.concat([...Object.values(metadata ?? {}), data ?? new Uint8Array()].map((part) => Buffer.from(part))).toString(
    'latin1',
  );
const refusedAs = (tag: Parameters<typeof isTramontanaError>[1]) => (error: unknown) => isTramontanaError(error, tag);

describe('encrypted payloads', () => {
  it('come back as they were, and hold nothing that can be read', async () => {
    const codec = codecOf(`k1:${NEW}`);
    const [encrypted] = await codec.encode([plain()]);
    assert.ok(encrypted !== undefined);
    assert.doesNotMatch(bytesIn(encrypted), /secret|valley|domain|json/u);
    const [decrypted] = await codec.decode([encrypted]);
    assert.deepEqual(defaultPayloadConverter.fromPayload(decrypted ?? {}), VALUE);
    const [again] = await codec.encode([plain()]);
    assert.notDeepEqual(again?.data, encrypted.data, 'no nonce comes twice');
  });

  it('are refused when any byte of them was changed', async () => {
    const codec = codecOf(`k1:${NEW}`);
    const encrypted = entry(await codec.encode([plain()]), 0);
    const data = Buffer.from(encrypted.data ?? []);
    for (const at of [0, 12, 28, data.length - 1]) {
      const changed = Buffer.from(data);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      await assert.rejects(codec.decode([{ ...encrypted, data: changed }]), refusedAs('Payload.NotDecryptable'));
    }
    for (const length of [0, 5, 12, 20, 28, data.length - 1]) {
      const cut = { ...encrypted, data: data.subarray(0, length) };
      await assert.rejects(codec.decode([cut]), refusedAs('Payload.NotDecryptable'), `${length} bytes`);
    }
    // both ids have this key: what is refused is that the id was changed
    const relabelled = {
      ...encrypted,
      metadata: { ...encrypted.metadata, 'encryption-key-id': Buffer.from('k2') },
    };
    await assert.rejects(codecOf(`k1:${NEW}\nk2:${NEW}`).decode([relabelled]), refusedAs('Payload.NotDecryptable'));
  });

  it('are refused with another key, and by whoever lacks the key', async () => {
    const encrypted = await codecOf(`k1:${NEW}`).encode([plain()]);
    await assert.rejects(codecOf(`k1:${OTHER}`).decode(encrypted), refusedAs('Payload.NotDecryptable'));
    await assert.rejects(codecOf(`k2:${OTHER}`).decode(encrypted), (error: TramontanaError) => {
      assert.deepEqual(error.facts, { keyId: 'k1', known: ['k2'] });
      return isTramontanaError(error, 'Payload.UnknownKey');
    });
  });

  it('of an old key are read beside a new one, which encrypts; plain ones are read as they are', async () => {
    const old = await codecOf(`k1:${OLD}`).encode([plain()]);
    const both = codecOf(`# turned in March\nk2:${NEW}\nk1:${OLD}\n`);
    assert.deepEqual(defaultPayloadConverter.fromPayload(entry(await both.decode(old), 0)), VALUE);
    await assert.rejects(codecOf(`k1:${OLD}`).decode(await both.encode([plain()])), refusedAs('Payload.UnknownKey'));
    assert.deepEqual(await both.decode([plain()]), [plain()]);
  });
});

describe('keys of payloads', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tramontana-keys-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('are not needed', () => {
    assert.equal(payloadEncryption({}), undefined);
    assert.equal(payloadEncryption({ TRAMONTANA_PAYLOAD_KEY: '', TRAMONTANA_PAYLOAD_KEY_FILE: '' }), undefined);
  });

  it('come from a file that its owner alone may read', async () => {
    const path = join(folder, 'keys');
    await writeFile(path, `k1:${NEW}\n`);
    for (const mode of [0o600, 0o400]) {
      await chmod(path, mode);
      assert.ok(payloadEncryption({ TRAMONTANA_PAYLOAD_KEY_FILE: path }) !== undefined);
    }
    for (const mode of [0o640, 0o604, 0o660, 0o644, 0o700]) {
      await chmod(path, mode);
      assert.throws(() => payloadEncryption({ TRAMONTANA_PAYLOAD_KEY_FILE: path }), {
        tag: 'Config.InvalidPayloadKey',
        message: `TRAMONTANA_PAYLOAD_KEY_FILE (${path}): expected mode 0600 or 0400, for nobody else may read it, got 0${mode.toString(8)}`,
      });
    }
  });

  it('are refused in words that hold nothing of them', () => {
    const bad = [
      NEW,
      `k1:${NEW.slice(0, 20)}`,
      `k1:${NEW}\nk1:${OLD}`,
      `k 1:${NEW}`,
      '# none',
      `k1:${randomBytes(16).toString('base64')}`,
    ];
    for (const text of bad) {
      assert.throws(
        () => payloadEncryption({ TRAMONTANA_PAYLOAD_KEY: text }),
        (error: TramontanaError) => {
          const told = JSON.stringify([error.message, error.facts, error.stack]);
          return error.tag === 'Config.InvalidPayloadKey' && !told.includes(NEW.slice(0, 8));
        },
      );
    }
    for (const path of [folder, join(folder, 'absent')]) {
      assert.throws(() => payloadEncryption({ TRAMONTANA_PAYLOAD_KEY_FILE: path }), {
        tag: 'Config.InvalidPayloadKey',
      });
    }
    const both = { TRAMONTANA_PAYLOAD_KEY: `k1:${NEW}`, TRAMONTANA_PAYLOAD_KEY_FILE: join(folder, 'keys') };
    assert.throws(() => payloadEncryption(both), { tag: 'Config.InvalidPayloadKey' });
  });
});
