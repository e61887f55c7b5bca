// SPDX-License-Identifier: Apache-2.0
/**
 * Structs of model-fields.ts in files of named arrays.
 *
 * Columns: an array is the column `<path>.<name>`, names in snake case; the entry i of a list has the path `<list>.i`, a struct its own
 * name. Document: numbers and choices under their own names, a compressed matrix as `<name>Shape` (rows, columns), a list of
 * arrays as the number of them.
 *
 * @module
 */
import { z } from 'zod';

import { fieldsOf, type FieldSpec, type ModelStructs, type StructName } from '../contract/model-fields.js';
import {
  ArrayReader,
  decodeNamedArrays,
  encodeNamedArrays,
  parseMetadata,
  type Arrays,
  type NamedArray,
} from './named-arrays.js';
import { structSchema, type DocumentForm } from './struct-schema.js';

type Values = Readonly<Record<string, unknown>>;

const count = z.int().nonnegative();

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/gu, (letter) => `_${letter.toLowerCase()}`);
}

function columnOf(path: string, name: string): string {
  return path === '' ? snakeCase(name) : `${path}.${snakeCase(name)}`;
}

/** Where a struct or a list has its columns. */
function pathOf(path: string, name: string, { kind, stored }: FieldSpec): string {
  return columnOf(path, kind === 'struct' ? (stored ?? name) : name);
}

function keyOf(name: string, spec: FieldSpec): string {
  if (spec.kind === 'struct' && spec.of === 'CsrMatrix') return `${name}Shape`;
  if (spec.kind === 'list' && spec.of === 'integers') return spec.stored ?? `${name}Count`;
  return name;
}

const METADATA: DocumentForm = {
  integer: count,
  numbers: undefined,
  integers: undefined,
  struct: (name) => (name === 'CsrMatrix' ? z.tuple([count, count]) : undefined),
  keyOf,
};

/** Puts the arrays of a struct into a file. @returns what the document says of it */
function putStruct(arrays: Arrays, struct: StructName, values: Values, path: string): Record<string, unknown> {
  const document: Record<string, unknown> = {};
  for (const [name, spec] of Object.entries(fieldsOf(struct))) {
    const value = values[name];
    if (value === undefined) continue;
    const own = putField(arrays, spec, value, pathOf(path, name, spec));
    if (own !== undefined) document[keyOf(name, spec)] = own;
  }
  return document;
}

function putField(arrays: Arrays, spec: FieldSpec, value: unknown, path: string): unknown {
  switch (spec.kind) {
    case 'number':
    case 'integer':
    case 'choice':
      return value;
    case 'numbers':
    case 'integers':
      arrays.set(path, value as NamedArray);
      return undefined;
    case 'struct': {
      const document = putStruct(arrays, spec.of, value as Values, path);
      if (spec.of === 'CsrMatrix') return [document['numRows'], document['numColumns']];
      return Object.keys(document).length === 0 ? undefined : document;
    }
    case 'list': {
      const { of } = spec;
      const entries = value as readonly unknown[];
      if (of === 'ThetaPrior') return entries;
      if (of === 'integers') {
        entries.forEach((entry, index) => arrays.set(`${path}.${index}`, entry as Int32Array));
        return entries.length;
      }
      return entries.map((entry, index) => putStruct(arrays, of, entry as Values, `${path}.${index}`));
    }
  }
}

/** What {@link putStruct} has put there, for a document that has passed its schema. */
function takeStruct(reader: ArrayReader, struct: StructName, document: Values, path: string): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [name, spec] of Object.entries(fieldsOf(struct))) {
    const own = pathOf(path, name, spec);
    const value = document[keyOf(name, spec)];
    if (spec.optional === true && value === undefined && !hasArrays(reader, spec, own)) continue;
    values[name] = takeField(reader, spec, value, own);
  }
  return values;
}

/** Of a field of which the document says nothing. */
function hasArrays(reader: ArrayReader, spec: FieldSpec, path: string): boolean {
  if (spec.kind === 'numbers' || spec.kind === 'integers') return reader.has(path);
  if (spec.kind !== 'struct') return false;
  return Object.entries(fieldsOf(spec.of)).some(([name, inner]) => hasArrays(reader, inner, pathOf(path, name, inner)));
}

function takeField(reader: ArrayReader, spec: FieldSpec, value: unknown, path: string): unknown {
  switch (spec.kind) {
    case 'number':
    case 'integer':
    case 'choice':
      return value;
    case 'numbers':
      return reader.float64(path);
    case 'integers':
      return reader.int32(path);
    case 'struct': {
      if (spec.of !== 'CsrMatrix') return takeStruct(reader, spec.of, (value ?? {}) as Values, path);
      const [numRows, numColumns] = value as readonly [number, number];
      return takeStruct(reader, 'CsrMatrix', { numRows, numColumns }, path);
    }
    case 'list': {
      const { of } = spec;
      if (of === 'ThetaPrior') return value;
      if (of === 'integers') {
        return Array.from({ length: value as number }, (_, index) => reader.int32(`${path}.${index}`));
      }
      return (value as readonly Values[]).map((entry, index) => takeStruct(reader, of, entry, `${path}.${index}`));
    }
  }
}

/** Encodes and decodes one kind of file, bit-exact. */
export interface StructCodec<Content> {
  encode(content: Content): Uint8Array;
  /** @throws TramontanaError `Engine.InvalidInput` naming file and field */
  decode(bytes: Uint8Array, source: string): Content;
}

/** Files of one struct; `content` in the document names what they are. */
export function structCodec<Name extends StructName>(struct: Name, content: string): StructCodec<ModelStructs[Name]> {
  const schema = structSchema(struct, METADATA).extend({ content: z.literal(content) });
  return {
    encode(value) {
      const arrays: Arrays = new Map();
      const document = putStruct(arrays, struct, value as unknown as Values, '');
      return encodeNamedArrays({ arrays, metadata: { content, ...document } });
    },
    decode(bytes, source) {
      const file = decodeNamedArrays(bytes, source);
      const document: Values = parseMetadata(schema, file.metadata, source);
      // the schema and the reader have checked every field of the table, which the compiler holds to the type
      return takeStruct(new ArrayReader(file.arrays, source), struct, document, '') as unknown as ModelStructs[Name];
    },
  };
}

/** Files of prediction designs, the entries of the list `designs`. */
export function designsCodec<Name extends 'PredictionDesign' | 'GridPredictionDesign'>(
  struct: Name,
  content: string,
): StructCodec<readonly ModelStructs[Name][]> {
  const schema = z.strictObject({ content: z.literal(content), designs: z.array(structSchema(struct, METADATA)) });
  const pathOfEntry = (index: number): string => `designs.${index}`;
  return {
    encode(values) {
      const arrays: Arrays = new Map();
      const designs = values.map((value, index) =>
        putStruct(arrays, struct, value as unknown as Values, pathOfEntry(index)),
      );
      return encodeNamedArrays({ arrays, metadata: { content, designs } });
    },
    decode(bytes, source) {
      const file = decodeNamedArrays(bytes, source);
      const { designs } = parseMetadata(schema, file.metadata, source);
      const reader = new ArrayReader(file.arrays, source);
      return designs.map(
        (document, index) => takeStruct(reader, struct, document, pathOfEntry(index)) as unknown as ModelStructs[Name],
      );
    },
  };
}
