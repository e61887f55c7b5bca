// SPDX-License-Identifier: Apache-2.0
import { fileURLToPath } from 'node:url';

import type { DataConverter } from '@temporalio/common';

import { EncryptionCodec } from './payload-codec.js';
import { payloadKeysOf } from './payload-keys.js';

/** Of the converter that puts the words of failures into payloads. */
export const FAILURE_CONVERTER_PATH = fileURLToPath(new URL('failure-converter.cjs', import.meta.url));

/**
 * How payloads are encrypted, for every client and worker of one namespace alike: by the keys that the environment names. Undefined where it
 * names none. A worker whose workflows come as a bundle needs {@link FAILURE_CONVERTER_PATH} in the bundle too.
 *
 * @throws {TramontanaError} `Config.InvalidPayloadKey`
 */
export function payloadEncryption(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): DataConverter | undefined {
  const keys = payloadKeysOf(environment);
  if (keys === undefined) return undefined;
  return { payloadCodecs: [new EncryptionCodec(keys)], failureConverterPath: FAILURE_CONVERTER_PATH };
}
