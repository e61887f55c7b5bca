// SPDX-License-Identifier: Apache-2.0
/**
 * Numeric arrays of different lengths in one Arrow IPC file: one record batch with one row, each column a non-nullable list whose
 * only element is the array. Values are raw little-endian words, so every bit survives: -0, NaN payloads and subnormal numbers
 * included.
 *
 * @module
 */
import * as arrow from 'apache-arrow';

export type StoredArray = Float64Array | Int32Array | Uint8Array;

export interface ArrayColumn {
  readonly name: string;
  readonly values: StoredArray;
  /** Of the column, such as its units. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** The file's bytes. @param metadata of the schema */
export function encodeArrays(columns: readonly ArrayColumn[], metadata: ReadonlyMap<string, string>): Uint8Array {
  const children = columns.map(({ values }) => listOf(values));
  const fields = columns.map(
    ({ name, metadata: own = {} }, i) =>
      new arrow.Field<arrow.DataType>(
        name,
        children[i]?.type ?? new arrow.Float64(),
        false,
        new Map(Object.entries(own)),
      ),
  );
  const type = new arrow.Struct<Record<string, arrow.DataType>>(fields);
  const row = arrow.makeData({ type, length: 1, nullCount: 0, children });
  const schema = new arrow.Schema<Record<string, arrow.DataType>>(fields, new Map(metadata));
  return arrow.tableToIPC(new arrow.Table(new arrow.RecordBatch(schema, row)), 'file');
}

function listOf(values: StoredArray): arrow.Data {
  const valueOffsets = new Int32Array([0, values.length]);
  const wrap = <T extends arrow.DataType>(child: arrow.Data<T>): arrow.Data =>
    arrow.makeData({
      type: new arrow.List(new arrow.Field('item', child.type, false)),
      length: 1,
      nullCount: 0,
      valueOffsets,
      child,
    });
  const shape = { length: values.length, nullCount: 0 };
  if (values instanceof Float64Array) {
    return wrap(arrow.makeData({ type: new arrow.Float64(), ...shape, data: values }));
  }
  if (values instanceof Int32Array) return wrap(arrow.makeData({ type: new arrow.Int32(), ...shape, data: values }));
  return wrap(arrow.makeData({ type: new arrow.Uint8(), ...shape, data: values }));
}

export interface StoredArrays {
  readonly metadata: ReadonlyMap<string, string>;
  readonly numRows: number;
  /** Name and type of each column, in order. */
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** Undefined when there is no such column or it holds no such array. A copy: the file's bytes can go. */
  array(name: string): StoredArray | undefined;
}

/** Reads such a file. @throws what apache-arrow throws for other bytes */
export function readArrays(bytes: Uint8Array): StoredArrays {
  const table = arrow.tableFromIPC(bytes);
  return {
    metadata: table.schema.metadata,
    numRows: table.numRows,
    columns: table.schema.fields.map((field) => ({ name: field.name, type: String(field.type) })),
    array: (name) => {
      const element: unknown = table.getChild(name)?.get(0);
      const values: unknown = element instanceof arrow.Vector ? element.toArray() : undefined;
      const isStored = values instanceof Float64Array || values instanceof Int32Array || values instanceof Uint8Array;
      return isStored ? values.slice() : undefined;
    },
  };
}
