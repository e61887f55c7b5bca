// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isTramontanaError } from '../../common/errors.js';
import { decodeMesh, decodeSpectralBasis, encodeMesh, encodeSpectralBasis } from './mesh-arrow.js';
import type { Mesh, SpectralBasis } from './mesh.js';

const mesh: Mesh = {
  projection: '+proj=laea +lat_0=45.1 +lon_0=9.2 +units=km',
  verticesKm: Float64Array.of(0, 0, 1 / 3, -0, Number.MIN_VALUE, Math.PI),
  triangles: Int32Array.of(0, 1, 2),
  interior: Uint8Array.of(1, 0, 1),
  c0: Float64Array.of(0.1, 0.2, 0.30000000000000004),
  g1: {
    numRows: 3,
    numColumns: 3,
    rowPointers: Int32Array.of(0, 1, 3, 4),
    columnIndices: Int32Array.of(0, 0, 1, 2),
    values: Float64Array.of(1, -1 / 7, 2, 1e-300),
  },
};

const basis: SpectralBasis = {
  eigenvalues: Float64Array.of(-1e-19, 0.25),
  eigenvectors: Float64Array.of(0.6, 0.8, -0.8, 0.6),
};

test('a mesh survives the round trip bit for bit', () => {
  // deepStrictEqual tells -0 from 0, so this compares bits.
  assert.deepStrictEqual(decodeMesh(encodeMesh(mesh)), mesh);
});

test('a spectral basis survives the round trip bit for bit', () => {
  assert.deepStrictEqual(decodeSpectralBasis(encodeSpectralBasis(basis)), basis);
});

test('bytes at an odd offset decode as well', () => {
  const bytes = encodeMesh(mesh);
  const shifted = new Uint8Array(bytes.length + 1);
  shifted.set(bytes, 1);
  assert.deepStrictEqual(decodeMesh(shifted.subarray(1)), mesh);
});

test('equal meshes give equal bytes', () => {
  assert.deepStrictEqual(encodeMesh(mesh), encodeMesh(structuredClone(mesh)));
});

test('foreign content is refused with what was expected', () => {
  const invalid = (error: unknown): boolean => isTramontanaError(error, 'Artifact.InvalidContent');
  assert.throws(() => decodeMesh(Uint8Array.of(1, 2, 3)), invalid);
  assert.throws(
    () => decodeMesh(encodeSpectralBasis(basis)),
    /expected content mesh\/1.*got content spectral-basis\/1/,
  );
  const short = { ...mesh, interior: Uint8Array.of(1) };
  assert.throws(() => decodeMesh(encodeMesh(short)), /expected 3 values in "interior", got 1/);
});
