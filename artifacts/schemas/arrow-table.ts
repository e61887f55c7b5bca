// SPDX-License-Identifier: Apache-2.0
/**
 * Arrow IPC files with one row a cell of a grid: writing columns, and reading them back with errors that name what is wrong.
 *
 * @module
 */
import * as arrow from 'apache-arrow';
import { entry, float64At } from '../../common/entry.js';
import { messageOf, TramontanaError } from '../../common/errors.js';

const SCHEMA_KEY = 'tramontana.schema';

/** Makes the error of one kind of file from a sentence and its facts. */
export type Refusal = (message: string, facts?: Record<string, unknown>) => TramontanaError;

/** Collects the columns of a file. */
export class TableWriter {
  readonly #fields: arrow.Field[] = [];
  readonly #columns: arrow.Data[] = [];

  /** @param metadata of the column, such as its units */
  add(name: string, column: arrow.Data, metadata: Readonly<Record<string, string>> = {}, nullable = false): void {
    this.#fields.push(new arrow.Field(name, column.type, nullable, new Map(Object.entries(metadata))));
    this.#columns.push(column);
  }

  /** The file's bytes; its schema metadata begin with the name of the schema. */
  encode(schemaName: string, metadata: Readonly<Record<string, string>>): Uint8Array {
    const schema = new arrow.Schema(this.#fields, new Map([[SCHEMA_KEY, schemaName], ...Object.entries(metadata)]));
    const type = new arrow.Struct(this.#fields);
    const length = this.#columns[0]?.length ?? 0;
    const struct = arrow.makeData({ type, length, nullCount: 0, children: this.#columns });
    return arrow.tableToIPC(new arrow.Table(schema, [new arrow.RecordBatch(schema, struct)]), 'file');
  }
}

/** Float64. */
export function doubles(values: Float64Array): arrow.Data {
  return arrow.makeData({ type: new arrow.Float64(), data: values });
}

/** Float64, one value a row. */
export function doublesAt(rows: number, valueAt: (row: number) => number): arrow.Data {
  return doubles(Float64Array.from({ length: rows }, (_, row) => valueAt(row)));
}

/** Timestamp[ms, UTC], one a row; NaN becomes null. */
export function timestampsAt(rows: number, millisecondsAt: (row: number) => number): arrow.Data {
  const data = new BigInt64Array(rows);
  const valid = new Uint8Array(Math.ceil(rows / 8));
  let nullCount = 0;
  for (let row = 0; row < rows; row += 1) {
    const value = millisecondsAt(row);
    if (Number.isNaN(value)) nullCount += 1;
    else {
      data[row] = BigInt(value);
      valid[row >> 3] = entry(valid, row >> 3) | (1 << (row & 7));
    }
  }
  return arrow.makeData({
    type: new arrow.TimestampMillisecond('UTC'),
    data,
    nullCount,
    ...(nullCount > 0 ? { nullBitmap: valid } : {}),
  });
}

/** Dictionary<Int8, Utf8>, one of `names` a row. */
export function categoriesAt<Name extends string>(
  rows: number,
  names: readonly Name[],
  nameAt: (row: number) => Name | undefined,
): arrow.Data {
  const codes = new Map(names.map((name, code) => [name, code]));
  const codeAt = (name: Name | undefined): number => (name === undefined ? 0 : (codes.get(name) ?? 0));
  return arrow.makeData({
    type: new arrow.Dictionary(new arrow.Utf8(), new arrow.Int8()),
    data: Int8Array.from({ length: rows }, (_, row) => codeAt(nameAt(row))),
    dictionary: arrow.vectorFromArray([...names], new arrow.Utf8()),
  });
}

/** A file of a known schema. */
export class TableReader {
  readonly #table: arrow.Table;
  readonly #refuse: Refusal;

  /** @throws {TramontanaError} `Artifact.UnknownSchema` for other bytes */
  constructor(bytes: Uint8Array, schemaName: string, refuse: Refusal) {
    this.#refuse = refuse;
    try {
      this.#table = arrow.tableFromIPC(bytes);
    } catch (cause) {
      throw new TramontanaError(
        'Artifact.UnknownSchema',
        `expected an Arrow IPC file of ${schemaName}; ${messageOf(cause)}`,
        { cause },
      );
    }
    const found = this.#table.schema.metadata.get(SCHEMA_KEY);
    if (found !== schemaName) {
      throw new TramontanaError(
        'Artifact.UnknownSchema',
        `expected schema metadata ${SCHEMA_KEY} = "${schemaName}", got ${found === undefined ? 'none' : `"${found}"`}`,
        { facts: { expected: schemaName, found: found ?? null } },
      );
    }
  }

  /** In the order of the file. */
  get fields(): readonly arrow.Field[] {
    return this.#table.schema.fields;
  }

  has(name: string): boolean {
    return this.#table.getChild(name) !== null;
  }

  text(name: string): string | undefined {
    return this.#table.schema.metadata.get(name);
  }

  /** An entry of the schema metadata that is a number above zero. */
  positive(name: string): number {
    const value = Number(this.text(name));
    if (value > 0) return value;
    throw this.#refuse(`expected schema metadata "${name}" above 0, got "${String(this.text(name))}"`);
  }

  /** Lengths of the axes times, latitudes and longitudes, which the rows must be. */
  axes(): { times: number; latitudes: number; longitudes: number; cells: number } {
    const [times = 0, latitudes = 0, longitudes = 0] = ['times', 'latitudes', 'longitudes'].map((name) => {
      const length = Number(this.text(name));
      if (Number.isInteger(length) && length >= 1) return length;
      throw this.#refuse(`schema metadata "${name}": expected a positive integer, got "${String(this.text(name))}"`);
    });
    const { numRows } = this.#table;
    if (numRows !== times * latitudes * longitudes) {
      throw this.#refuse(`expected ${times} x ${latitudes} x ${longitudes} rows, got ${numRows}`, { rows: numRows });
    }
    return { times, latitudes, longitudes, cells: latitudes * longitudes };
  }

  /** A Float64 column. A copy: the buffer of the file must not be kept alive, nor shared with the caller's bytes. */
  doubles(name: string): Float64Array {
    const values: unknown = this.#column(name).toArray();
    if (!(values instanceof Float64Array)) throw this.#refuse(`column "${name}": expected Float64`, { column: name });
    return Float64Array.from(values);
  }

  /** Rows 0, stride, 2 stride, .. of a Float64 column. */
  everyDouble(name: string, stride: number, length: number): Float64Array {
    const values = this.doubles(name);
    return Float64Array.from({ length }, (_, index) => float64At(values, index * stride));
  }

  /** Rows 0, stride, 2 stride, .. of a column of timestamps; null becomes NaN. */
  everyTimestamp(name: string, stride: number, length: number): Float64Array {
    const column = this.#column(name);
    return Float64Array.from({ length }, (_, index) => {
      const value: unknown = column.get(index * stride);
      return value === null || value === undefined ? NaN : Number(value);
    });
  }

  /** Rows 0, stride, 2 stride, .. of a column of names. */
  everyCategory<Name extends string>(name: string, names: readonly Name[], stride: number, length: number): Name[] {
    const column = this.#column(name);
    return Array.from({ length }, (_, index) => {
      const value: unknown = column.get(index * stride);
      const found = names.find((known) => known === value);
      if (found !== undefined) return found;
      throw this.#refuse(`column "${name}": expected one of ${names.join(', ')}, got "${String(value)}"`);
    });
  }

  #column(name: string): arrow.Vector {
    const vector = this.#table.getChild(name);
    if (vector !== null) return vector;
    throw this.#refuse(`expected a column "${name}"`, { columns: this.fields.map((field) => field.name) });
  }
}
