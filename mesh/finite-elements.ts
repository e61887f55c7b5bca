// SPDX-License-Identifier: Apache-2.0
import type { CsrMatrix } from '../artifacts/schemas/mesh.js';
import { entry, float64At, int32At } from '../common/entry.js';
import { TramontanaError } from '../common/errors.js';
import { CsrBuilder } from './sparse.js';

/** P1 matrices of a triangulation. */
export interface FiniteElements {
  /** Lumped mass, C0_ii = integral of the hat function i, in squared units of the coordinates. */
  readonly c0: Float64Array;
  /** Stiffness, G1_ij = integral of grad phi_i . grad phi_j; dimensionless in two dimensions. */
  readonly g1: CsrMatrix;
}

/**
 * Lumped mass and stiffness of piecewise linear elements [Lindgren2011, appendix A.2].
 * On a triangle of area A with e_i the edge opposite to vertex i: G1_ij += e_i . e_j / (4 A), C0_ii += A / 3.
 *
 * @param vertices  interleaved x, y; length 2 n_s
 * @param triangles counter-clockwise vertex indices; length 3 n_triangles
 * @throws {TramontanaError} `Mesh.DegenerateTriangle` for a triangle of no positive area, `Mesh.UnusedVertex` for a vertex
 *         that belongs to no triangle (its mass would be zero and C0 not invertible).
 */
export function assembleFiniteElements(vertices: Float64Array, triangles: Int32Array): FiniteElements {
  const numVertices = vertices.length / 2;
  const c0 = new Float64Array(numVertices);
  const rows: Map<number, number>[] = Array.from({ length: numVertices }, () => new Map<number, number>());
  for (let t = 0; t < triangles.length; t += 3) {
    const corners = [int32At(triangles, t), int32At(triangles, t + 1), int32At(triangles, t + 2)] as const;
    const [ax, ay] = point(vertices, corners[0]);
    const [bx, by] = point(vertices, corners[1]);
    const [cx, cy] = point(vertices, corners[2]);
    const area = ((bx - ax) * (cy - ay) - (cx - ax) * (by - ay)) / 2;
    if (!(area > 0)) {
      throw new TramontanaError(
        'Mesh.DegenerateTriangle',
        `Triangle ${t / 3} (vertices ${corners.join(', ')}): expected a positive area, got ${area}`,
        { facts: { triangle: t / 3, vertices: corners, area } },
      );
    }
    const edges = [
      [cx - bx, cy - by],
      [ax - cx, ay - cy],
      [bx - ax, by - ay],
    ] as const;
    corners.forEach((i, p) => {
      c0[i] = float64At(c0, i) + area / 3;
      const row = rows[i];
      corners.forEach((j, q) => {
        const edgeP = entry(edges, p);
        const edgeQ = entry(edges, q);
        row?.set(j, (row.get(j) ?? 0) + (edgeP[0] * edgeQ[0] + edgeP[1] * edgeQ[1]) / (4 * area));
      });
    });
  }
  const unused = c0.indexOf(0);
  if (unused >= 0) {
    throw new TramontanaError('Mesh.UnusedVertex', `Vertex ${unused}: expected to belong to a triangle, got none`, {
      facts: { vertex: unused },
    });
  }
  const builder = new CsrBuilder(numVertices);
  for (const row of rows) {
    for (const [column, value] of row) builder.add(column, value);
    builder.endRow();
  }
  return { c0, g1: builder.build() };
}

function point(vertices: Float64Array, index: number): readonly [number, number] {
  return [float64At(vertices, 2 * index), float64At(vertices, 2 * index + 1)];
}
