// SPDX-License-Identifier: Apache-2.0
import { float64At } from '../../common/entry.js';
import type { Mesh } from '../../artifacts/schemas/mesh.js';
import { assembleFiniteElements } from '../../mesh/finite-elements.js';
import { numericColumn, readCsvColumns } from './shared-data.js';

/** Twice the signed area of a triangle. */
function doubleArea(vertices: Float64Array, [a, b, c]: readonly [number, number, number]): number {
  const x = (vertex: number): number => float64At(vertices, 2 * vertex);
  const y = (vertex: number): number => float64At(vertices, 2 * vertex + 1);
  return (x(b) - x(a)) * (y(c) - y(a)) - (x(c) - x(a)) * (y(b) - y(a));
}

/**
 * A triangulation of the plane from two tables: vertices `x, y` and triangles `v0, v1, v2` (0-based, turning either way round),
 * with its finite-element matrices.
 */
export async function readPlaneMesh(verticesPath: string, trianglesPath: string): Promise<Mesh> {
  const vertexColumns = await readCsvColumns(verticesPath);
  const x = numericColumn(vertexColumns, 'x');
  const y = numericColumn(vertexColumns, 'y');
  const verticesKm = Float64Array.from({ length: 2 * x.length }, (_, i) => float64At(i % 2 === 0 ? x : y, i >> 1));
  const triangleColumns = await readCsvColumns(trianglesPath);
  const corners = ['v0', 'v1', 'v2'].map((name) => numericColumn(triangleColumns, name));
  const triangles = new Int32Array(3 * (corners[0]?.length ?? 0));
  for (let t = 0; t < triangles.length / 3; t += 1) {
    const [a = 0, b = 0, c = 0] = corners.map((column) => column[t]);
    triangles.set(doubleArea(verticesKm, [a, b, c]) < 0 ? [a, c, b] : [a, b, c], 3 * t);
  }
  return {
    projection: '',
    verticesKm,
    triangles,
    interior: new Uint8Array(x.length).fill(1),
    ...assembleFiniteElements(verticesKm, triangles),
  };
}
