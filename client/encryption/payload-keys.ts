// SPDX-License-Identifier: Apache-2.0
/**
 * The keys of encrypted payloads: from a file that nobody else may read, or from the environment. Nothing of a key is ever in a message.
 *
 * @module
 */
import { createSecretKey, type KeyObject } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';

import { messageOf, TramontanaError } from '../../common/errors.js';

/** AES-256. */
const KEY_BYTES = 32;
const LINE = /^([A-Za-z0-9._-]{1,64}):([A-Za-z0-9+/]{43}=)$/u;

/** What payloads are encrypted with, and what they were encrypted with before. */
export interface PayloadKeys {
  /** Of the key that encrypts. */
  readonly currentId: string;
  readonly byId: ReadonlyMap<string, KeyObject>;
}

type Environment = Readonly<Record<string, string | undefined>>;

function invalid(where: string, expected: string): never {
  throw new TramontanaError('Config.InvalidPayloadKey', `${where}: expected ${expected}`, { facts: { where } });
}

/**
 * The keys of `TRAMONTANA_PAYLOAD_KEY_FILE` or `TRAMONTANA_PAYLOAD_KEY`: lines `ID:KEY`, the key 32 bytes in base64. The first one encrypts,
 * all decrypt. Undefined where neither is set: payloads are plain then.
 *
 * @throws {TramontanaError} `Config.InvalidPayloadKey`
 */
export function payloadKeysOf(environment: Environment): PayloadKeys | undefined {
  const { TRAMONTANA_PAYLOAD_KEY_FILE: file = '', TRAMONTANA_PAYLOAD_KEY: text = '' } = environment;
  if (file !== '' && text !== '') {
    invalid('TRAMONTANA_PAYLOAD_KEY_FILE and TRAMONTANA_PAYLOAD_KEY', 'one of them, got both');
  }
  if (file !== '') return parse(readOwn(file), `TRAMONTANA_PAYLOAD_KEY_FILE (${file})`);
  return text === '' ? undefined : parse(text, 'TRAMONTANA_PAYLOAD_KEY');
}

/** Reads a file that only its owner may read; judged once it is open, so that it cannot be exchanged in between. */
function readOwn(path: string): string {
  let descriptor: number;
  try {
    // a pipe would hold the start of the worker until somebody writes
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    return invalid('TRAMONTANA_PAYLOAD_KEY_FILE', `a file that can be read, got ${messageOf(error)}`);
  }
  try {
    const status = fstatSync(descriptor);
    if (!status.isFile()) invalid(`TRAMONTANA_PAYLOAD_KEY_FILE (${path})`, 'a regular file, got something else');
    const mode = status.mode & 0o777;
    if ((mode & 0o177) !== 0) {
      invalid(
        `TRAMONTANA_PAYLOAD_KEY_FILE (${path})`,
        `mode 0600 or 0400, for nobody else may read it, got 0${mode.toString(8)}`,
      );
    }
    return readFileSync(descriptor, 'utf8');
  } finally {
    closeSync(descriptor);
  }
}

function parse(text: string, where: string): PayloadKeys {
  const byId = new Map<string, KeyObject>();
  for (const line of text.split(/[\n,]/u).map((part) => part.trim())) {
    if (line === '' || line.startsWith('#')) continue;
    const [, id = '', encoded = ''] = LINE.exec(line) ?? [];
    const key = Buffer.from(encoded, 'base64');
    if (id === '' || key.length !== KEY_BYTES) invalid(where, 'lines ID:KEY with a key of 32 bytes in base64');
    if (byId.has(id)) invalid(where, `one key for each id, got two for "${id}"`);
    byId.set(id, createSecretKey(key));
  }
  const [currentId] = byId.keys();
  return currentId === undefined ? invalid(where, 'a key, got none') : { currentId, byId };
}
