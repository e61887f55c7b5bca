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
import { int32At } from '../../common/entry.js';
import { messageOf, TramontanaError } from '../../common/errors.js';
import { type ArrayColumn, encodeArrays, readArrays, type StoredArray, type StoredArrays } from './arrow-arrays.js';
import type { Mesh, SpectralBasis } from './mesh.js';

export const MESH_SCHEMA = 'mesh/1';
export const SPECTRAL_BASIS_SCHEMA = 'spectral-basis/1';

const CONTENT_KEY = 'tramontana.content';
const PROJECTION_KEY = 'tramontana.projection';

const column = (name: string, units: string, values: StoredArray): ArrayColumn => ({
  name,
  values,
  metadata: { units },
});

/** Encodes a mesh (layout: see module). */
export function encodeMesh(mesh: Mesh): Uint8Array {
  return encodeArrays(
    [
      column('vertices', 'km', mesh.verticesKm),
      column('triangles', '1', mesh.triangles),
      column('interior', '1', mesh.interior),
      column('c0', 'km2', mesh.c0),
      column('g1_row_pointers', '1', mesh.g1.rowPointers),
      column('g1_column_indices', '1', mesh.g1.columnIndices),
      column('g1_values', '1', mesh.g1.values),
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
  const numValues = int32At(rowPointers, rowPointers.length - 1);
  expectLength(MESH_SCHEMA, 'vertices', mesh.verticesKm, 2 * c0.length);
  expectLength(MESH_SCHEMA, 'interior', mesh.interior, c0.length);
  expectLength(MESH_SCHEMA, 'g1_row_pointers', rowPointers, c0.length + 1);
  expectLength(MESH_SCHEMA, 'g1_column_indices', mesh.g1.columnIndices, numValues);
  expectLength(MESH_SCHEMA, 'g1_values', mesh.g1.values, numValues);
  return mesh;
}

/** Encodes a spectral basis (layout: see module). */
export function encodeSpectralBasis(basis: SpectralBasis): Uint8Array {
  return encodeArrays(
    [column('eigenvalues', 'km-2', basis.eigenvalues), column('eigenvectors', '1', basis.eigenvectors)],
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

interface ColumnReader {
  readonly metadata: ReadonlyMap<string, string>;
  float64(name: string): Float64Array;
  int32(name: string): Int32Array;
  uint8(name: string): Uint8Array;
}

function readColumns(bytes: Uint8Array, content: string): ColumnReader {
  let file: StoredArrays;
  try {
    file = readArrays(bytes);
  } catch (cause) {
    throw invalid(content, 'an Arrow IPC file', `bytes that cannot be read (${messageOf(cause)})`, cause);
  }
  const found = file.metadata.get(CONTENT_KEY);
  if (found !== content || file.numRows !== 1) {
    throw invalid(content, `content ${content} in one row`, `content ${found ?? 'unknown'} in ${file.numRows} rows`);
  }
  const missing = (name: string, type: string): TramontanaError =>
    invalid(
      content,
      `a column "${name}" of type ${type}`,
      file.columns.map((known) => `${known.name}: ${known.type}`).join(),
    );
  return {
    metadata: file.metadata,
    float64: (name) => {
      const values = file.array(name);
      if (values instanceof Float64Array) return values;
      throw missing(name, 'List<Float64>');
    },
    int32: (name) => {
      const values = file.array(name);
      if (values instanceof Int32Array) return values;
      throw missing(name, 'List<Int32>');
    },
    uint8: (name) => {
      const values = file.array(name);
      if (values instanceof Uint8Array) return values;
      throw missing(name, 'List<Uint8>');
    },
  };
}

function expectLength(content: string, name: string, values: StoredArray, expected: number): void {
  if (values.length !== expected) throw invalid(content, `${expected} values in "${name}"`, `${values.length}`);
}

function invalid(content: string, expectation: string, value: string, cause?: unknown): TramontanaError {
  return new TramontanaError('Artifact.InvalidContent', `Artifact ${content}: expected ${expectation}, got ${value}`, {
    facts: { content, expectation, value },
    cause,
  });
}
