// SPDX-License-Identifier: Apache-2.0
import { float64At, int32At } from '../../common/entry.js';
import type { CsrMatrix, Mesh } from '../../artifacts/schemas/mesh.js';
import { maternCorrelation } from '../../modelling/matern.js';

/**
 * What linear interpolation on the mesh hides of a Matern field with smoothness 1: the variance of u(s) - sum_k w_k u(s_k), with
 * the corners s_k and weights w_k of a projector row,
 *
 *     sigma^2 (1 - 2 sum_k w_k c(s, s_k) + sum_kl w_k w_l c(s_k, s_l)).
 *
 * For a separable field it is the same on every day, and the days before and after tell nothing more about it. Edges of this
 * mesh reach a fifth of the range, so at some stations it is half of the noise.
 *
 * @param pointsKm interleaved x, y of the rows
 * @returns one variance a row, in squared units of sigma
 */
export function interpolationVariances(
  mesh: Mesh,
  projector: CsrMatrix,
  pointsKm: Float64Array,
  field: { readonly rangeKm: number; readonly variance: number },
): Float64Array {
  const correlation = (ax: number, ay: number, bx: number, by: number): number =>
    maternCorrelation(Math.hypot(ax - bx, ay - by), field.rangeKm);
  return Float64Array.from({ length: projector.numRows }, (_, row) => {
    const entries = Array.from(
      projector.columnIndices.subarray(projector.rowPointers[row], projector.rowPointers[row + 1]),
      (vertex, k) => ({
        x: float64At(mesh.verticesKm, 2 * vertex),
        y: float64At(mesh.verticesKm, 2 * vertex + 1),
        weight: float64At(projector.values, int32At(projector.rowPointers, row) + k),
      }),
    );
    const [x, y] = [float64At(pointsKm, 2 * row), float64At(pointsKm, 2 * row + 1)];
    let sum = 1;
    for (const corner of entries) {
      sum -= 2 * corner.weight * correlation(x, y, corner.x, corner.y);
      for (const other of entries) {
        sum += corner.weight * other.weight * correlation(corner.x, corner.y, other.x, other.y);
      }
    }
    // Zero at a vertex, up to rounding.
    return field.variance * Math.max(0, sum);
  });
}
