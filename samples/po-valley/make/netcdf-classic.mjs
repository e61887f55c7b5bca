// SPDX-License-Identifier: Apache-2.0
/**
 * Writes NetCDF-3 classic files (CDF-1) as the format specification lays them out: header, fixed variables in order,
 * then record by record. Numbers are big-endian, everything is padded to 4 bytes.
 *
 * @module
 */
import { Buffer } from 'node:buffer';

const TAG = { dimension: 10, variable: 11, attribute: 12 };

const TYPES = {
  char: { code: 2, bytes: 1, write: (buffer, value, at) => buffer.writeUInt8(value, at) },
  short: { code: 3, bytes: 2, write: (buffer, value, at) => buffer.writeInt16BE(value, at) },
  int: { code: 4, bytes: 4, write: (buffer, value, at) => buffer.writeInt32BE(value, at) },
  float: { code: 5, bytes: 4, write: (buffer, value, at) => buffer.writeFloatBE(value, at) },
  double: { code: 6, bytes: 8, write: (buffer, value, at) => buffer.writeDoubleBE(value, at) },
};

/**
 * @typedef {{type: keyof typeof TYPES, values: ArrayLike<number>} | string} Attribute - text is stored as UTF-8
 * @typedef {{name: string, type: keyof typeof TYPES, dimensions: string[], attributes: Record<string, Attribute>,
 *   values: ArrayLike<number>}} Variable - row-major; a record variable has the unlimited dimension first
 */

/**
 * @param {{dimensions: {name: string, size: number, unlimited?: boolean}[], variables: Variable[],
 *   attributes: Record<string, Attribute>}} dataset
 * @returns {Buffer} the whole file
 */
export function encodeNetcdfClassic({ dimensions, variables, attributes }) {
  const records = dimensions.find((dimension) => dimension.unlimited)?.size ?? 0;
  const laidOut = variables.map((variable) => {
    const shape = variable.dimensions.map((name) => {
      const dimension = dimensions.find((candidate) => candidate.name === name);
      if (dimension === undefined) throw new RangeError(`variable ${variable.name}: unknown dimension ${name}`);
      return dimension;
    });
    const isRecord = shape[0]?.unlimited === true;
    const count = shape.reduce((product, { size, unlimited }) => product * (unlimited ? 1 : size), 1);
    const expected = count * (isRecord ? records : 1);
    if (variable.values.length !== expected) {
      throw new RangeError(`variable ${variable.name}: expected ${expected} values, got ${variable.values.length}`);
    }
    return { variable, isRecord, count, bytes: padded(count * TYPES[variable.type].bytes) };
  });

  // the length of the header does not depend on the offsets in it: encode once to measure, once for good
  const header = (offsets) => encodeHeader({ dimensions, attributes, laidOut, records, offsets });
  let position = header(laidOut.map(() => 0)).length;
  const offsets = new Array(laidOut.length);
  for (const wantRecords of [false, true]) {
    laidOut.forEach(({ isRecord, bytes }, index) => {
      if (isRecord !== wantRecords) return;
      offsets[index] = position;
      position += bytes;
    });
  }
  const recordBytes = laidOut.reduce((sum, { isRecord, bytes }) => sum + (isRecord ? bytes : 0), 0);
  const file = Buffer.alloc(position + Math.max(0, records - 1) * recordBytes);
  header(offsets).copy(file);
  laidOut.forEach(({ variable, isRecord, count }, index) => {
    const { bytes, write } = TYPES[variable.type];
    for (let record = 0; record < (isRecord ? records : 1); record++) {
      const start = offsets[index] + record * recordBytes;
      for (let i = 0; i < count; i++) write(file, variable.values[record * count + i], start + i * bytes);
    }
  });
  return file;
}

function encodeHeader({ dimensions, attributes, laidOut, records, offsets }) {
  const parts = [Buffer.from('CDF\x01', 'latin1'), int(records)];
  parts.push(int(TAG.dimension), int(dimensions.length));
  for (const { name, size, unlimited } of dimensions) parts.push(text(name), int(unlimited ? 0 : size));
  parts.push(encodeAttributes(attributes));
  parts.push(int(TAG.variable), int(laidOut.length));
  laidOut.forEach(({ variable, bytes }, index) => {
    parts.push(text(variable.name), int(variable.dimensions.length));
    for (const name of variable.dimensions) parts.push(int(dimensions.findIndex((each) => each.name === name)));
    parts.push(encodeAttributes(variable.attributes), int(TYPES[variable.type].code), int(bytes), int(offsets[index]));
  });
  return Buffer.concat(parts);
}

function encodeAttributes(attributes) {
  const entries = Object.entries(attributes);
  if (entries.length === 0) return Buffer.alloc(8);
  const parts = [int(TAG.attribute), int(entries.length)];
  for (const [name, attribute] of entries) {
    parts.push(text(name));
    if (typeof attribute === 'string') {
      parts.push(int(TYPES.char.code), text(attribute));
    } else {
      const { code, bytes, write } = TYPES[attribute.type];
      const values = Buffer.alloc(padded(attribute.values.length * bytes));
      for (let i = 0; i < attribute.values.length; i++) write(values, attribute.values[i], i * bytes);
      parts.push(int(code), int(attribute.values.length), values);
    }
  }
  return Buffer.concat(parts);
}

/** Length and UTF-8 bytes, padded. */
function text(value) {
  const bytes = Buffer.from(value, 'utf8');
  return Buffer.concat([int(bytes.length), bytes, Buffer.alloc(padded(bytes.length) - bytes.length)]);
}

function int(value) {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32BE(value);
  return buffer;
}

function padded(bytes) {
  return Math.ceil(bytes / 4) * 4;
}
