// SPDX-License-Identifier: Apache-2.0
import { float64At } from '../../common/entry.js';
import type { Mesh } from '../../artifacts/schemas/mesh.js';
import { convexHull, offsetRing, perimeter, type PlanarPoint } from '../../mesh/convex-outline.js';
import { assembleFiniteElements } from '../../mesh/finite-elements.js';
import { triangulate } from '../../mesh/triangulation.js';

/** A hull of the reference mesh is coarse: longer edges of the ring do no harm, shorter ones only cost time. */
const LONGEST_RING_EDGE_KM = 75;

/**
 * A mesh with its boundary further out: rings of vertices around its convex hull, all triangulated anew. The vertices of the
 * mesh keep their numbers.
 *
 * The natural boundary condition mirrors the field [Lindgren2011]: at distance d from a straight boundary its variance is
 * 1 + c(2 d) times the nominal one, with the correlation c. A boundary at half a range adds 14 %, at three quarters 4 %, at
 * one range 1 %; what is added, and the longer correlations that go with it, the fit takes off sigma and range.
 *
 * @param outwardKm how much further; 0 gives the mesh itself
 */
export function widerMesh(mesh: Mesh, outwardKm: number): Mesh {
  if (outwardKm === 0) return mesh;
  const vertices: PlanarPoint[] = [];
  for (let i = 0; i < mesh.verticesKm.length; i += 2) {
    vertices.push([float64At(mesh.verticesKm, i), float64At(mesh.verticesKm, i + 1)]);
  }
  const hull = convexHull(vertices);
  const numRings = Math.ceil(outwardKm / LONGEST_RING_EDGE_KM);
  for (let ring = 1; ring <= numRings; ring += 1) {
    const offsetKm = (outwardKm * ring) / numRings;
    const length = perimeter(hull) + 2 * Math.PI * offsetKm;
    // Successive rings interleave.
    vertices.push(...offsetRing(hull, offsetKm, Math.ceil(length / LONGEST_RING_EDGE_KM), (ring % 2) / 2));
  }
  const verticesKm = Float64Array.from(vertices.flat());
  const triangles = triangulate(verticesKm);
  return {
    projection: mesh.projection,
    verticesKm,
    triangles,
    interior: new Uint8Array(vertices.length).fill(1),
    ...assembleFiniteElements(verticesKm, triangles),
  };
}
