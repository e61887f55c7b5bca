// SPDX-License-Identifier: Apache-2.0
/**
 * Reads NumPy's .npy and .npz files: little-endian float64, int32 and int64, C and Fortran order, format versions 1 to 3.
 *
 * @module
 */
import { readFile } from 'node:fs/promises';
import { endianness } from 'node:os';

import { unzipSync } from 'fflate';

import { entry } from '../../../common/entry.js';
import { messageOf, TramontanaError } from '../../../common/errors.js';

export interface NpyArray {
  readonly shape: readonly number[];
  /** In C order (last index fastest) whatever the order in the file; int64 values come as exact doubles. */
  readonly values: Float64Array | Int32Array;
}

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

function malformed(source: string, expectation: string, value: string, cause?: unknown): TramontanaError {
  return new TramontanaError('Npy.Malformed', `${source}: expected ${expectation}, got ${value}`, {
    facts: { source },
    cause,
  });
}

interface NpyHeader {
  readonly descr: string;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
  readonly dataOffset: number;
}

function parseHeader(bytes: Uint8Array, source: string): NpyHeader {
  const version = bytes[6] ?? 0;
  if (bytes.byteLength < 12 || MAGIC.some((byte, index) => bytes[index] !== byte) || version < 1 || version > 3) {
    throw malformed(source, 'an .npy array of version 1 to 3', `${bytes.byteLength} bytes of something else`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const lengthBytes = version === 1 ? 2 : 4;
  const headerLength = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const start = 8 + lengthBytes;
  if (start + headerLength > bytes.byteLength) {
    throw malformed(source, `a header of ${headerLength} bytes`, `a file of ${bytes.byteLength} bytes`);
  }
  const text = Buffer.from(bytes.subarray(start, start + headerLength)).toString(version === 3 ? 'utf8' : 'latin1');
  const descr = /'descr'\s*:\s*'([^']*)'/u.exec(text)?.[1];
  const order = /'fortran_order'\s*:\s*(True|False)/u.exec(text)?.[1];
  const shapeText = /'shape'\s*:\s*\(([0-9,\sL]*)\)/u.exec(text)?.[1];
  if (descr === undefined || order === undefined || shapeText === undefined) {
    throw malformed(source, 'a header with descr, fortran_order and shape', JSON.stringify(text.trim()));
  }
  const shape = [...shapeText.matchAll(/[0-9]+/gu)].map(([digits]) => Number(digits));
  return { descr, fortranOrder: order === 'True', shape, dataOffset: start + headerLength };
}

function readInt64(view: DataView, length: number, source: string): Float64Array {
  return Float64Array.from({ length }, (_, index) => {
    const value = Number(view.getBigInt64(8 * index, true));
    if (!Number.isSafeInteger(value)) throw malformed(source, 'int64 values below 2^53', `${value} at index ${index}`);
    return value;
  });
}

/** Reorders values whose first index is fastest into values whose last index is fastest. */
function fromFortranOrder<T extends Float64Array | Int32Array>(values: T, shape: readonly number[]): T {
  const result = values.slice() as T;
  const index = shape.map(() => 0);
  for (let target = 0; target < values.length; target += 1) {
    let source = 0;
    for (let axis = shape.length - 1; axis >= 0; axis -= 1) source = source * entry(shape, axis) + entry(index, axis);
    result[target] = entry(values, source);
    for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
      const next = entry(index, axis) + 1;
      index[axis] = next === shape[axis] ? 0 : next;
      if (next !== shape[axis]) break;
    }
  }
  return result;
}

/**
 * Parses one .npy array.
 *
 * @param source - its name, for messages
 * @throws TramontanaError `Npy.Malformed`, also for types other than `<f8`, `<i4`, `<i8`
 */
export function parseNpy(bytes: Uint8Array, source: string): NpyArray {
  const { descr, fortranOrder, shape, dataOffset } = parseHeader(bytes, source);
  const itemBytes = { '<f8': 8, '<i4': 4, '<i8': 8 }[descr];
  if (itemBytes === undefined) throw malformed(source, 'type <f8, <i4 or <i8', descr);
  const length = shape.reduce((product, extent) => product * extent, 1);
  const found = bytes.byteLength - dataOffset;
  if (found !== length * itemBytes) {
    throw malformed(
      source,
      `${length * itemBytes} bytes for shape (${shape.join(', ')}) of ${descr}`,
      `${found} bytes`,
    );
  }
  if (endianness() !== 'LE') throw malformed(source, 'a little-endian machine', endianness());
  // a copy: the array's offset in the file need not be aligned
  const data = new Uint8Array(bytes.subarray(dataOffset));
  const values =
    descr === '<f8'
      ? new Float64Array(data.buffer)
      : descr === '<i4'
        ? new Int32Array(data.buffer)
        : readInt64(new DataView(data.buffer), length, source);
  return { shape, values: fortranOrder && shape.length > 1 ? fromFortranOrder(values, shape) : values };
}

/** The arrays of one .npz file; each is parsed when it is asked for. */
export class NpzFile {
  private constructor(
    readonly path: string,
    private readonly entries: ReadonlyMap<string, Uint8Array>,
  ) {}

  /**
   * @param wanted - which arrays to unpack (a file may hold large ones that nobody needs); default all
   * @throws TramontanaError `Npy.Malformed` when the file cannot be read or is not a zip archive
   */
  static async open(path: string, wanted: (name: string) => boolean = () => true): Promise<NpzFile> {
    const entries = new Map<string, Uint8Array>();
    try {
      const unzipped = unzipSync(await readFile(path), {
        filter: ({ name }) => name.endsWith('.npy') && wanted(name.slice(0, -'.npy'.length)),
      });
      for (const [name, bytes] of Object.entries(unzipped)) entries.set(name.slice(0, -'.npy'.length), bytes);
    } catch (error) {
      throw malformed(path, 'an .npz archive', messageOf(error), error);
    }
    return new NpzFile(path, entries);
  }

  get names(): string[] {
    return [...this.entries.keys()];
  }

  has(name: string): boolean {
    return this.entries.has(name);
  }

  /** @throws TramontanaError `Npy.Malformed` naming file and array */
  get(name: string): NpyArray {
    const bytes = this.entries.get(name);
    if (bytes === undefined) throw malformed(this.path, `an array "${name}"`, `only ${this.names.join(', ')}`);
    return parseNpy(bytes, `${this.path}: ${name}`);
  }
}
