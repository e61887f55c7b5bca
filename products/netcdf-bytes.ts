// SPDX-License-Identifier: Apache-2.0

/** The bytes of an array, as they are. */
export function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
