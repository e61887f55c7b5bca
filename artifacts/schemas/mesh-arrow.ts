// SPDX-License-Identifier: Apache-2.0
/**
 * Mesh and SpectralBasis as Arrow IPC files.
 *
 * Layout: one record batch with one row; each column is a non-nullable list whose only element is the array, units in the
 * field's metadata under `units`. The schema's metadata tells the content (`tramontana.content`) and, for a mesh, the PROJ
 * string (`tramontana.projection`). Values are raw little-endian words, so a round trip is exact to the bit.
 *
 * mesh/1: `vertices` (km, x and y interleaved), `triangles`, `interior` (0 or 1), `c0` (km2), `g1_row_pointers`,
 * `g1_column_indices`, `g1_values` (1). spectral-basis/1: `eigenvalues` (km-2), `eigenvectors` (1, column-major).
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
  Uint8,
  Vector,
  type Data,
  type DataType,
} from 'apache-arrow';

import { messageOf, TramontanaError } from '../../common/errors.js';
import type { Mesh, SpectralBasis } from './mesh.js';

export const MESH_SCHEMA = 'mesh/1';
export const SPECTRAL_BASIS_SCHEMA = 'spectral-basis/1';

const CONTENT_KEY = 'tramontana.content';
const PROJECTION_KEY = 'tramontana.projection';

type ColumnValues = Float64Array | Int32Array | Uint8Array;

interface Column {
  readonly name: string;
  readonly units: string;
  readonly values: ColumnValues;
}

/** Encodes a mesh (layout: see module). */
export function encodeMesh(mesh: Mesh): Uint8Array {
  return encodeColumns(
    [
      { name: 'vertices', units: 'km', values: mesh.verticesKm },
      { name: 'triangles', units: '1', values: mesh.triangles },
      { name: 'interior', units: '1', values: mesh.interior },
      { name: 'c0', units: 'km2', values: mesh.c0 },
      { name: 'g1_row_pointers', units: '1', values: mesh.g1.rowPointers },
      { name: 'g1_column_indices', units: '1', values: mesh.g1.columnIndices },
      { name: 'g1_values', units: '1', values: mesh.g1.values },
    ],
    new Map([
      [CONTENT_KEY, MESH_SCHEMA],
      [PROJECTION_KEY, mesh.projection],
    ]),
  );
}

/**
 * Decodes what encodeMesh wrote.
 *
 * @throws {TramontanaError} `Artifact.InvalidContent` when the bytes are not a mesh, or its parts do not fit each other
 */
export function decodeMesh(bytes: Uint8Array): Mesh {
  const reader = readColumns(bytes, MESH_SCHEMA);
  const projection = reader.metadata.get(PROJECTION_KEY);
  if (projection === undefined) throw invalid(MESH_SCHEMA, `a "${PROJECTION_KEY}" entry`, 'none');
  const c0 = reader.float64('c0');
  const rowPointers = reader.int32('g1_row_pointers');
  const mesh: Mesh = {
    projection,
    verticesKm: reader.float64('vertices'),
    triangles: reader.int32('triangles'),
    interior: reader.uint8('interior'),
    c0,
    g1: {
      numRows: c0.length,
      numColumns: c0.length,
      rowPointers,
      columnIndices: reader.int32('g1_column_indices'),
      values: reader.float64('g1_values'),
    },
  };
  const numValues = rowPointers[rowPointers.length - 1] ?? 0;
  expectLength(MESH_SCHEMA, 'vertices', mesh.verticesKm, 2 * c0.length);
  expectLength(MESH_SCHEMA, 'interior', mesh.interior, c0.length);
  expectLength(MESH_SCHEMA, 'g1_row_pointers', rowPointers, c0.length + 1);
  expectLength(MESH_SCHEMA, 'g1_column_indices', mesh.g1.columnIndices, numValues);
  expectLength(MESH_SCHEMA, 'g1_values', mesh.g1.values, numValues);
  return mesh;
}

/** Encodes a spectral basis (layout: see module). */
export function encodeSpectralBasis(basis: SpectralBasis): Uint8Array {
  return encodeColumns(
    [
      { name: 'eigenvalues', units: 'km-2', values: basis.eigenvalues },
      { name: 'eigenvectors', units: '1', values: basis.eigenvectors },
    ],
    new Map([[CONTENT_KEY, SPECTRAL_BASIS_SCHEMA]]),
  );
}

/**
 * Decodes what encodeSpectralBasis wrote.
 *
 * @throws {TramontanaError} `Artifact.InvalidContent`
 */
export function decodeSpectralBasis(bytes: Uint8Array): SpectralBasis {
  const reader = readColumns(bytes, SPECTRAL_BASIS_SCHEMA);
  const eigenvalues = reader.float64('eigenvalues');
  const eigenvectors = reader.float64('eigenvectors');
  expectLength(SPECTRAL_BASIS_SCHEMA, 'eigenvectors', eigenvectors, eigenvalues.length ** 2);
  return { eigenvalues, eigenvectors };
}

function encodeColumns(columns: readonly Column[], metadata: Map<string, string>): Uint8Array {
  const children: Data[] = columns.map(({ values }) => listOf(values));
  const fields = columns.map(
    ({ name, units }, i) => new Field(name, children[i]?.type ?? new Float64(), false, new Map([['units', units]])),
  );
  const row = makeData({ type: new Struct<Record<string, DataType>>(fields), length: 1, nullCount: 0, children });
  const schema = new Schema<Record<string, DataType>>(fields, metadata);
  return tableToIPC(new Table(new RecordBatch(schema, row)), 'file');
}

function listOf(values: ColumnValues): Data {
  const valueOffsets = new Int32Array([0, values.length]);
  const wrap = <T extends DataType>(child: Data<T>): Data =>
    makeData({ type: new List(new Field('item', child.type, false)), length: 1, nullCount: 0, valueOffsets, child });
  const shape = { length: values.length, nullCount: 0 };
  if (values instanceof Float64Array) return wrap(makeData({ type: new Float64(), ...shape, data: values }));
  if (values instanceof Int32Array) return wrap(makeData({ type: new Int32(), ...shape, data: values }));
  return wrap(makeData({ type: new Uint8(), ...shape, data: values }));
}

interface ColumnReader {
  readonly metadata: ReadonlyMap<string, string>;
  float64(name: string): Float64Array;
  int32(name: string): Int32Array;
  uint8(name: string): Uint8Array;
}

function readColumns(bytes: Uint8Array, content: string): ColumnReader {
  let table: Table;
  try {
    table = tableFromIPC(bytes);
  } catch (cause) {
    throw invalid(content, 'an Arrow IPC file', `bytes that cannot be read (${messageOf(cause)})`, cause);
  }
  const found = table.schema.metadata.get(CONTENT_KEY);
  if (found !== content || table.numRows !== 1) {
    throw invalid(content, `content ${content} in one row`, `content ${found ?? 'unknown'} in ${table.numRows} rows`);
  }
  const valuesOf = (name: string): unknown => {
    const element: unknown = table.getChild(name)?.get(0);
    // A copy, so that the arrays own their memory and the file's bytes can go.
    return element instanceof Vector ? (element.toArray() as ColumnValues).slice() : undefined;
  };
  const missing = (name: string, type: string): TramontanaError =>
    invalid(
      content,
      `a column "${name}" of type ${type}`,
      String(table.schema.fields.map((field) => field.toString())),
    );
  return {
    metadata: table.schema.metadata,
    float64: (name) => {
      const values = valuesOf(name);
      if (values instanceof Float64Array) return values;
      throw missing(name, 'List<Float64>');
    },
    int32: (name) => {
      const values = valuesOf(name);
      if (values instanceof Int32Array) return values;
      throw missing(name, 'List<Int32>');
    },
    uint8: (name) => {
      const values = valuesOf(name);
      if (values instanceof Uint8Array) return values;
      throw missing(name, 'List<Uint8>');
    },
  };
}

function expectLength(content: string, name: string, values: ColumnValues, expected: number): void {
  if (values.length !== expected) throw invalid(content, `${expected} values in "${name}"`, `${values.length}`);
}

function invalid(content: string, expectation: string, value: string, cause?: unknown): TramontanaError {
  return new TramontanaError('Artifact.InvalidContent', `Artifact ${content}: expected ${expectation}, got ${value}`, {
    facts: { content, expectation, value },
    cause,
  });
}
