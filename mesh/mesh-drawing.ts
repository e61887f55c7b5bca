// SPDX-License-Identifier: Apache-2.0
import { float64At } from '../common/entry.js';
import type { Mesh } from '../artifacts/schemas/mesh.js';
import { projectionFromDefinition, type GeographicBox } from './projection.js';
import { uniqueEdges } from './relaxation.js';

/** What a picture of a mesh is made of; all coordinates are longitude, latitude pairs in degrees. */
export interface MeshDrawing {
  /** Two points an edge, each edge once. */
  readonly segmentsDegrees: Float64Array;
  /** Closed ring of the domain's limits; the first point is repeated at the end. */
  readonly outline: Float64Array;
  readonly numVertices: number;
  readonly numInteriorVertices: number;
  readonly numTriangles: number;
}

/**
 * Plain geometry of a mesh and its domain, for whoever draws it. Edges are straight in the mesh's plane; drawn straight in
 * degrees they are off by less than a line's width at the size of a domain.
 */
export function meshDrawing(mesh: Mesh, domain: GeographicBox): MeshDrawing {
  const { verticesKm, triangles, interior } = mesh;
  const projection = projectionFromDefinition(mesh.projection);
  const edges = uniqueEdges(triangles, interior.length);
  const segmentsDegrees = new Float64Array(2 * edges.length);
  edges.forEach((vertex, end) => {
    const place = projection.inverse(float64At(verticesKm, 2 * vertex), float64At(verticesKm, 2 * vertex + 1));
    segmentsDegrees.set(place, 2 * end);
  });
  const { north, south, west, east } = domain;
  return {
    segmentsDegrees,
    outline: Float64Array.of(west, south, east, south, east, north, west, north, west, south),
    numVertices: interior.length,
    numInteriorVertices: interior.reduce((sum, flag) => sum + flag, 0),
    numTriangles: triangles.length / 3,
  };
}
