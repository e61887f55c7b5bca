// SPDX-License-Identifier: Apache-2.0
import type { StorageType } from './types.js';

type NumberView =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array;

const VIEWS: Readonly<Partial<Record<StorageType, (buffer: ArrayBuffer, length: number) => NumberView>>> = {
  byte: (buffer, length) => new Int8Array(buffer, 0, length),
  ubyte: (buffer, length) => new Uint8Array(buffer, 0, length),
  char: (buffer, length) => new Uint8Array(buffer, 0, length),
  short: (buffer, length) => new Int16Array(buffer, 0, length),
  ushort: (buffer, length) => new Uint16Array(buffer, 0, length),
  int: (buffer, length) => new Int32Array(buffer, 0, length),
  uint: (buffer, length) => new Uint32Array(buffer, 0, length),
  int64: (buffer, length) => new BigInt64Array(buffer, 0, length),
  uint64: (buffer, length) => new BigUint64Array(buffer, 0, length),
  float: (buffer, length) => new Float32Array(buffer, 0, length),
  double: (buffer, length) => new Float64Array(buffer, 0, length),
};

/**
 * Writes stored numbers as doubles into `target` from `at` on. 64-bit integers are rounded to the nearest double.
 *
 * @param buffer - bytes of the numbers from its start on; swapped in place when big-endian (machines that Node runs on are
 *   little-endian)
 * @param count - how many numbers
 */
export function decodeNumbers(
  buffer: ArrayBuffer,
  count: number,
  type: StorageType,
  elementBytes: number,
  isLittleEndian: boolean,
  target: Float64Array,
  at: number,
): void {
  const view = VIEWS[type];
  if (view === undefined) throw new RangeError(`type ${type} holds no numbers`);
  if (!isLittleEndian) {
    const bytes = Buffer.from(buffer, 0, count * elementBytes);
    if (elementBytes === 2) bytes.swap16();
    else if (elementBytes === 4) bytes.swap32();
    else if (elementBytes === 8) bytes.swap64();
  }
  const numbers = view(buffer, count);
  if (numbers instanceof BigInt64Array || numbers instanceof BigUint64Array) {
    for (let i = 0; i < count; i += 1) target[at + i] = Number(numbers[i]);
  } else {
    target.set(numbers, at);
  }
}
