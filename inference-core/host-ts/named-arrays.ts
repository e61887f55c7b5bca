// SPDX-License-Identifier: Apache-2.0
/**
 * Numeric arrays of different lengths in one Arrow IPC file.
 *
 * Layout: one record batch with one row; column `name` is a non-nullable `List<Float64>` or `List<Int32>` whose only element is the array.
 * The schema metadata holds one JSON document under the key `tramontana`. Values are stored as raw little-endian words, so every
 * bit survives: -0, NaN payloads and subnormal numbers included.
 *
 * @module
 */
import {
  Field,
  Float64,
  Int32,
  List,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  tableFromIPC,
  tableToIPC,
  type Data,
  type DataType,
} from 'apache-arrow';

import { messageOf, TramontanaError } from '../../common/errors.js';

export type NamedArray = Float64Array | Int32Array;

export interface NamedArrays {
  readonly arrays: ReadonlyMap<string, NamedArray>;
  /** JSON value that says how to put the arrays together. */
  readonly metadata: unknown;
}

const METADATA_KEY = 'tramontana';

function listData(values: NamedArray): Data<List<Float64>> | Data<List<Int32>> {
  const valueOffsets = new Int32Array([0, values.length]);
  if (values instanceof Float64Array) {
    const child = makeData({ type: new Float64(), length: values.length, nullCount: 0, data: values });
    return makeData({
      type: new List(new Field('item', child.type, false)),
      length: 1,
      nullCount: 0,
      valueOffsets,
      child,
    });
  }
  const child = makeData({ type: new Int32(), length: values.length, nullCount: 0, data: values });
  return makeData({
    type: new List(new Field('item', child.type, false)),
    length: 1,
    nullCount: 0,
    valueOffsets,
    child,
  });
}

/** Encodes arrays as an Arrow IPC file (layout: see module). */
export function encodeNamedArrays(content: NamedArrays): Uint8Array {
  const fields: Field<DataType>[] = [];
  const children: Data[] = [];
  for (const [name, values] of content.arrays) {
    const data = listData(values);
    fields.push(new Field(name, data.type, false));
    children.push(data);
  }
  const schema = new Schema<Record<string, DataType>>(
    fields,
    new Map([[METADATA_KEY, JSON.stringify(content.metadata)]]),
  );
  const row = makeData({ type: new Struct<Record<string, DataType>>(fields), length: 1, nullCount: 0, children });
  return tableToIPC(new Table(new RecordBatch(schema, row)), 'file');
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
  let table: Table;
  try {
    table = tableFromIPC(bytes);
  } catch (error) {
    throw invalid(`but it cannot be read: ${messageOf(error)}`, error);
  }
  const metadataText = table.schema.metadata.get(METADATA_KEY);
  if (metadataText === undefined || table.numRows !== 1) {
    throw invalid(`got ${table.numRows} rows and ${metadataText === undefined ? 'no' : 'a'} "${METADATA_KEY}" entry`);
  }
  const arrays = new Map<string, NamedArray>();
  for (const field of table.schema.fields) {
    const element: unknown = table.getChild(field.name)?.get(0);
    const values = hasToArray(element) ? element.toArray() : undefined;
    if (!(values instanceof Float64Array || values instanceof Int32Array)) {
      throw invalid(`but column "${field.name}" is ${String(field.type)}, not List<Float64> or List<Int32>`);
    }
    arrays.set(field.name, values);
  }
  return { arrays, metadata: JSON.parse(metadataText) as unknown };
}

function hasToArray(value: unknown): value is { toArray(): unknown } {
  return typeof value === 'object' && value !== null && 'toArray' in value && typeof value.toArray === 'function';
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
