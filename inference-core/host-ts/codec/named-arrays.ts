// SPDX-License-Identifier: Apache-2.0
/**
 * Numeric arrays of different lengths in one Arrow IPC file.
 *
 * Layout: that of artifacts/schemas/arrow-arrays.ts with columns of `List<Float64>` and `List<Int32>`; the schema metadata holds
 * one JSON document under the key `tramontana`.
 *
 * @module
 */
import { z } from 'zod';

import { encodeArrays, readArrays, type StoredArrays } from '../../../artifacts/schemas/arrow-arrays.js';
import { messageOf, TramontanaError } from '../../../common/errors.js';

export type NamedArray = Float64Array | Int32Array;

/** Arrays on their way into a file. */
export type Arrays = Map<string, NamedArray>;

export interface NamedArrays {
  readonly arrays: ReadonlyMap<string, NamedArray>;
  /** JSON value that says how to put the arrays together. */
  readonly metadata: unknown;
}

const METADATA_KEY = 'tramontana';

/** Encodes arrays as an Arrow IPC file (layout: see module). */
export function encodeNamedArrays(content: NamedArrays): Uint8Array {
  const columns = Array.from(content.arrays, ([name, values]) => ({ name, values }));
  return encodeArrays(columns, new Map([[METADATA_KEY, JSON.stringify(content.metadata)]]));
}

/**
 * Decodes what encodeNamedArrays wrote.
 *
 * @param source - name of the file, for messages
 * @throws TramontanaError `Engine.InvalidInput` when the bytes are not such a file
 */
export function decodeNamedArrays(bytes: Uint8Array, source: string): NamedArrays {
  const invalid = (reason: string, cause?: unknown): TramontanaError =>
    new TramontanaError('Engine.InvalidInput', `${source}: expected an Arrow IPC file of named arrays, ${reason}`, {
      facts: { file: source },
      cause,
    });
  let file: StoredArrays;
  try {
    file = readArrays(bytes);
  } catch (error) {
    throw invalid(`but it cannot be read: ${messageOf(error)}`, error);
  }
  const metadataText = file.metadata.get(METADATA_KEY);
  if (metadataText === undefined || file.numRows !== 1) {
    throw invalid(`got ${file.numRows} rows and ${metadataText === undefined ? 'no' : 'a'} "${METADATA_KEY}" entry`);
  }
  const arrays = new Map<string, NamedArray>();
  for (const { name, type } of file.columns) {
    const values = file.array(name);
    if (!(values instanceof Float64Array || values instanceof Int32Array)) {
      throw invalid(`but column "${name}" is ${type}, not List<Float64> or List<Int32>`);
    }
    arrays.set(name, values);
  }
  try {
    return { arrays, metadata: JSON.parse(metadataText) as unknown };
  } catch (error) {
    throw invalid(`but its metadata is no JSON: ${messageOf(error)}`, error);
  }
}

/** The metadata document of a file. @throws TramontanaError `Engine.InvalidInput` naming file and field */
export function parseMetadata<Output>(schema: z.ZodType<Output>, metadata: unknown, source: string): Output {
  const parsed = schema.safeParse(metadata);
  if (parsed.success) return parsed.data;
  throw new TramontanaError('Engine.InvalidInput', `${source}: unexpected metadata: ${z.prettifyError(parsed.error)}`, {
    facts: { file: source },
  });
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Without the entries that are undefined: an absent option is absent in the file, too. */
export function definedOnly<T extends object>(entries: T): Defined<T> {
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined)) as Defined<T>;
}

/** Takes typed arrays out of a decoded file by name, with an error that names what is missing. */
export class ArrayReader {
  constructor(
    private readonly arrays: ReadonlyMap<string, NamedArray>,
    private readonly source: string,
  ) {}

  has(name: string): boolean {
    return this.arrays.has(name);
  }

  float64(name: string): Float64Array {
    const values = this.arrays.get(name);
    if (values instanceof Float64Array) return values;
    throw this.missing(name, 'List<Float64>');
  }

  int32(name: string): Int32Array {
    const values = this.arrays.get(name);
    if (values instanceof Int32Array) return values;
    throw this.missing(name, 'List<Int32>');
  }

  private missing(name: string, expected: string): TramontanaError {
    const found = this.arrays.has(name) ? 'another type' : 'no such column';
    return new TramontanaError(
      'Engine.InvalidInput',
      `${this.source}: expected column "${name}" of type ${expected}, found ${found}`,
      {
        facts: { file: this.source, column: name, expected },
      },
    );
  }
}
