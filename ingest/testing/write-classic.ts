// SPDX-License-Identifier: Apache-2.0
import { entry } from '../../common/entry.js';

/**
 * Writes small NetCDF-3 files for tests, from the grammar of the format and independently of the reader.
 *
 * @module
 */

export type TestType = 'byte' | 'char' | 'short' | 'int' | 'float' | 'double';
export type TestAttribute = string | number | { readonly type: TestType; readonly values: readonly number[] };

export interface TestVariable {
  readonly name: string;
  readonly type: TestType;
  readonly dimensions: readonly string[];
  readonly attributes?: Readonly<Record<string, TestAttribute>>;
  readonly values: readonly number[];
}

export interface TestDataset {
  /** Lengths by name, in order; the record dimension gives its number of records. */
  readonly dimensions: Readonly<Record<string, number>>;
  readonly recordDimension?: string;
  readonly attributes?: Readonly<Record<string, TestAttribute>>;
  readonly variables: readonly TestVariable[];
  readonly version?: 1 | 2;
  /** Writes 0xffffffff as number of records, as a writer that was cut off does. */
  readonly streaming?: boolean;
  /** Encodes text as Latin-1 instead of UTF-8. */
  readonly latin1?: boolean;
}

const CODES: Readonly<Record<TestType, number>> = { byte: 1, char: 2, short: 3, int: 4, float: 5, double: 6 };
const SIZES: Readonly<Record<TestType, number>> = { byte: 1, char: 1, short: 2, int: 4, float: 4, double: 8 };

/** Bytes of a NetCDF-3 file [NetCDF classic format specification]. */
export function classicBytes(dataset: TestDataset): Buffer {
  const names = Object.keys(dataset.dimensions);
  const isRecord = (variable: TestVariable): boolean =>
    dataset.recordDimension !== undefined && variable.dimensions[0] === dataset.recordDimension;
  const records = dataset.recordDimension === undefined ? 0 : (dataset.dimensions[dataset.recordDimension] ?? 0);
  const rowBytes = (variable: TestVariable): number => {
    const fixed = isRecord(variable) ? variable.dimensions.slice(1) : variable.dimensions;
    return fixed.reduce((product, name) => product * (dataset.dimensions[name] ?? 0), SIZES[variable.type]);
  };
  const recordVariables = dataset.variables.filter(isRecord);
  const recordBytes = (variable: TestVariable): number =>
    recordVariables.length === 1 ? rowBytes(variable) : roundUp(rowBytes(variable));

  // Offsets need the length of the header, which does not depend on them.
  let begins = dataset.variables.map(() => 0);
  const build = (): Buffer => header(dataset, names, records, begins, rowBytes, isRecord);
  let next = build().length;
  const fixedBegins = new Map<TestVariable, number>();
  for (const variable of [...dataset.variables.filter((item) => !isRecord(item)), ...recordVariables]) {
    fixedBegins.set(variable, next);
    next += isRecord(variable) ? recordBytes(variable) : roundUp(rowBytes(variable));
  }
  begins = dataset.variables.map((variable) => fixedBegins.get(variable) ?? 0);

  const parts = [build()];
  for (const variable of dataset.variables) {
    if (!isRecord(variable)) parts.push(padded(encode(variable.type, variable.values)));
  }
  for (let record = 0; record < records; record += 1) {
    for (const variable of recordVariables) {
      const count = rowBytes(variable) / SIZES[variable.type];
      const row = encode(variable.type, variable.values.slice(record * count, (record + 1) * count));
      parts.push(recordVariables.length === 1 ? row : padded(row));
    }
  }
  return Buffer.concat(parts);
}

function header(
  dataset: TestDataset,
  names: readonly string[],
  records: number,
  begins: readonly number[],
  rowBytes: (variable: TestVariable) => number,
  isRecord: (variable: TestVariable) => boolean,
): Buffer {
  const version = dataset.version ?? 1;
  const text = (value: string): Buffer => Buffer.from(value, dataset.latin1 === true ? 'latin1' : 'utf8');
  const named = (value: string): Buffer => Buffer.concat([int(text(value).length), padded(text(value))]);
  const list = (tag: number, items: readonly Buffer[]): Buffer =>
    items.length === 0 ? Buffer.alloc(8) : Buffer.concat([int(tag), int(items.length), ...items]);
  const attributes = (values: Readonly<Record<string, TestAttribute>> = {}): Buffer =>
    list(
      12,
      Object.entries(values).map(([name, value]) => Buffer.concat([named(name), attributeBody(value, text)])),
    );
  const dimensionList = list(
    10,
    names.map((name) =>
      Buffer.concat([named(name), int(name === dataset.recordDimension ? 0 : (dataset.dimensions[name] ?? 0))]),
    ),
  );
  const variableList = list(
    11,
    dataset.variables.map((variable, index) => {
      const begin = version === 1 ? int(entry(begins, index)) : Buffer.concat([int(0), int(entry(begins, index))]);
      const ids = variable.dimensions.map((name) => int(names.indexOf(name)));
      const vsize =
        isRecord(variable) || variable.dimensions.length > 0
          ? roundUp(rowBytes(variable))
          : roundUp(SIZES[variable.type]);
      return Buffer.concat([
        named(variable.name),
        int(ids.length),
        ...ids,
        attributes(variable.attributes),
        int(CODES[variable.type]),
        int(vsize),
        begin,
      ]);
    }),
  );
  const numrecs = dataset.streaming === true ? Buffer.from([255, 255, 255, 255]) : int(records);
  return Buffer.concat([
    Buffer.from([0x43, 0x44, 0x46, version]),
    numrecs,
    dimensionList,
    attributes(dataset.attributes),
    variableList,
  ]);
}

function attributeBody(value: TestAttribute, text: (value: string) => Buffer): Buffer {
  if (typeof value === 'string') return Buffer.concat([int(CODES.char), int(text(value).length), padded(text(value))]);
  const { type, values } = typeof value === 'number' ? ({ type: 'double', values: [value] } as const) : value;
  return Buffer.concat([int(CODES[type]), int(values.length), padded(encode(type, values))]);
}

function encode(type: TestType, values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * SIZES[type]);
  values.forEach((value, index) => {
    const at = index * SIZES[type];
    if (type === 'byte') bytes.writeInt8(value, at);
    else if (type === 'char') bytes.writeUInt8(value, at);
    else if (type === 'short') bytes.writeInt16BE(value, at);
    else if (type === 'int') bytes.writeInt32BE(value, at);
    else if (type === 'float') bytes.writeFloatBE(value, at);
    else bytes.writeDoubleBE(value, at);
  });
  return bytes;
}

function int(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(roundUp(bytes.length) - bytes.length)]);
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / 4) * 4;
}
