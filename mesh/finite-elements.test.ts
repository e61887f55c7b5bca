// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { unzipSync } from 'fflate';
import type { CsrMatrix } from '../artifacts/schemas/mesh.js';
import type { ErrorTag } from '../common/error-tags.js';
import { isTramontanaError } from '../common/errors.js';
import { assembleFiniteElements } from './finite-elements.js';
import { triangulate } from './triangulation.js';

test('two triangles of a unit square: matrices worked out by hand', () => {
  // Square (0,0) (1,0) (1,1) (0,1), diagonal from vertex 0 to vertex 2; right angles at 1 and 3.
  const { c0, g1 } = assembleFiniteElements(Float64Array.of(0, 0, 1, 0, 1, 1, 0, 1), Int32Array.of(0, 1, 2, 0, 2, 3));
  // Each triangle has area 1/2 and gives 1/6 to its corners; 0 and 2 belong to both.
  assertClose(c0, [1 / 3, 1 / 6, 1 / 3, 1 / 6], 1e-16);
  // Off-diagonals are -cot/2 of the opposite angles: sides -1/2 (45 degrees), the diagonal 0 (two right angles).
  const expected = [
    [1, -0.5, 0, -0.5],
    [-0.5, 1, -0.5, 0],
    [0, -0.5, 1, -0.5],
    [-0.5, 0, -0.5, 1],
  ];
  expected.forEach((row, i) => row.forEach((value, j) => assert.ok(Math.abs(entry(g1, i, j) - value) < 1e-16)));
});

test('an equilateral triangle: G1 has cotangents of 60 degrees', () => {
  const { g1 } = assembleFiniteElements(Float64Array.of(0, 0, 1, 0, 0.5, Math.sqrt(3) / 2), Int32Array.of(0, 1, 2));
  // cot(60 degrees) / 2 = 1 / (2 sqrt 3); rounding of the third vertex.
  assert.ok(Math.abs(entry(g1, 0, 1) + 1 / (2 * Math.sqrt(3))) < 1e-15);
  assert.ok(Math.abs(entry(g1, 0, 0) - 1 / Math.sqrt(3)) < 1e-15);
});

test('the energy of a linear function is its squared slope times the area', () => {
  const vertices = Float64Array.of(0, 0, 4, 0, 5, 3, 1, 4, 2, 1.5, 3, 2);
  const { c0, g1 } = assembleFiniteElements(vertices, triangulate(vertices));
  const values = Float64Array.from(c0, (_, i) => 2 * (vertices[2 * i] ?? 0) - 3 * (vertices[2 * i + 1] ?? 0) + 1);
  let energy = 0;
  for (let i = 0; i < values.length; i += 1) {
    for (let j = 0; j < values.length; j += 1) energy += (values[i] ?? 0) * entry(g1, i, j) * (values[j] ?? 0);
  }
  const area = c0.reduce((sum, mass) => sum + mass, 0);
  // A dozen products of order 100.
  assert.ok(Math.abs(energy - (4 + 9) * area) < 1e-11);
});

test('the stiffness matrix is symmetric to the last bit', () => {
  const vertices = Float64Array.from({ length: 80 }, (_, i) => 50 * Math.sin(7.3 * i * i + i));
  const { g1, c0 } = assembleFiniteElements(vertices, triangulate(vertices));
  for (let i = 0; i < c0.length; i += 1) {
    for (let j = 0; j < i; j += 1) assert.equal(entry(g1, i, j), entry(g1, j, i));
  }
});

test('flat, turned and unused parts are refused', () => {
  const square = Float64Array.of(0, 0, 1, 0, 1, 1, 0, 1);
  const tagged = (tag: ErrorTag) => (error: unknown) => isTramontanaError(error, tag);
  assert.throws(
    () => assembleFiniteElements(square, Int32Array.of(0, 2, 1, 0, 2, 3)),
    tagged('Mesh.DegenerateTriangle'),
  );
  assert.throws(() => assembleFiniteElements(square, Int32Array.of(0, 1, 2)), tagged('Mesh.UnusedVertex'));
  assert.throws(() => triangulate(Float64Array.of(0, 0, 1, 0, 0, 1, 1, 0)), tagged('Mesh.DuplicateVertex'));
  assert.throws(() => triangulate(Float64Array.of(0, 0, 1, 0, 2, 0)), tagged('Mesh.NoTriangles'));
  assert.throws(() => triangulate(Float64Array.of(0, 0, 1, Number.NaN, 2, 0)), tagged('Mesh.InvalidVertex'));
});

const golden = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'shared', 'golden');
for (const name of ['st_uni_plane_pc', 'spatial_uni', 'coreg2_st', 'coreg3_st', 'poisson_st']) {
  const path = join(golden, name, 'inputs.npz');
  const skip = existsSync(path) ? false : `reference data absent: ${path}`;
  test(`golden case ${name}: C0 and G1 agree to 1e-12`, { skip }, () => {
    const arrays = unzipSync(readFileSync(path));
    const load = (array: string): number[] => readNpy(arrays[`${array}.npy`]);
    const vertices = Float64Array.from(load('points'));
    const triangles = Int32Array.from(load('triangles'));
    const { c0, g1 } = assembleFiniteElements(vertices, triangles);
    const masses = new Float64Array(c0.length);
    const rows = load('c0_i');
    load('c0_v').forEach((value, k) => (masses[rows[k] ?? 0] = value));
    assertClose(c0, masses, 1e-12);
    const [i, j, v] = [load('g1_i'), load('g1_j'), load('g1_v')];
    let stored = 0;
    v.forEach((value, k) => {
      assert.ok(Math.abs(entry(g1, i[k] ?? 0, j[k] ?? 0) - value) <= 1e-12);
      if (value !== 0) stored += Math.abs(value);
    });
    // Nothing beyond the reference's pattern: the absolute sums agree as well.
    const ours = g1.values.reduce((sum, value) => sum + Math.abs(value), 0);
    assert.ok(Math.abs(ours - stored) <= 1e-12 * stored * v.length);
  });
}

/** Reads a little-endian, C-ordered .npy of doubles or integers. */
function readNpy(bytes: Uint8Array | undefined): number[] {
  assert.ok(bytes !== undefined);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wide = (bytes[6] ?? 1) > 1;
  const start = (wide ? 12 : 10) + (wide ? view.getUint32(8, true) : view.getUint16(8, true));
  const header = new TextDecoder('latin1').decode(bytes.subarray(10, start));
  assert.ok(header.includes("'fortran_order': False"), header);
  const type = /'descr': '<([a-z]\d)'/.exec(header)?.[1];
  const values: number[] = [];
  for (let at = start; at < bytes.byteLength; at += type === 'i4' ? 4 : 8) {
    if (type === 'f8') values.push(view.getFloat64(at, true));
    else if (type === 'i4') values.push(view.getInt32(at, true));
    else if (type === 'i8') values.push(Number(view.getBigInt64(at, true)));
    else assert.fail(`unexpected type in ${header}`);
  }
  return values;
}

function entry(matrix: CsrMatrix, row: number, column: number): number {
  for (let k = matrix.rowPointers[row] ?? 0; k < (matrix.rowPointers[row + 1] ?? 0); k += 1) {
    if (matrix.columnIndices[k] === column) return matrix.values[k] ?? 0;
  }
  return 0;
}

function assertClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  assert.equal(actual.length, expected.length);
  for (let i = 0; i < expected.length; i += 1) {
    const difference = Math.abs((actual[i] ?? Number.NaN) - (expected[i] ?? Number.NaN));
    assert.ok(difference <= tolerance, `entry ${i}: ${actual[i]} against ${expected[i]}`);
  }
}
