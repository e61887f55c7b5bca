// SPDX-License-Identifier: Apache-2.0
import type { Mesh } from '../artifacts/schemas/mesh.js';
import { TramontanaError } from '../common/errors.js';
import { projectionFromDefinition, type GeographicBox } from './projection.js';
import { uniqueEdges } from './relaxation.js';

/** What a picture of a mesh is made of; coordinates in km, y upwards. */
export interface MeshDrawing {
  /** x1, y1, x2, y2 of each edge with both ends inside the domain. */
  readonly interiorSegmentsKm: Float64Array;
  /** x1, y1, x2, y2 of each other edge. */
  readonly extensionSegmentsKm: Float64Array;
  /** Closed curve of the domain's limits: interleaved x, y; the first point is repeated at the end. */
  readonly domainOutlineKm: Float64Array;
  /** Limits of all vertices. */
  readonly extentKm: { readonly minX: number; readonly minY: number; readonly maxX: number; readonly maxY: number };
  readonly numVertices: number;
  readonly numInteriorVertices: number;
  readonly numTriangles: number;
}

/** Plain geometry of a mesh and its domain, for whoever draws it. */
export function meshDrawing(mesh: Mesh, domain: GeographicBox): MeshDrawing {
  const { verticesKm, triangles, interior } = mesh;
  const edges = uniqueEdges(triangles, interior.length);
  const interiorSegments: number[] = [];
  const extensionSegments: number[] = [];
  for (let e = 0; e < edges.length; e += 2) {
    const a = edges[e] ?? 0;
    const b = edges[e + 1] ?? 0;
    const target = interior[a] === 1 && interior[b] === 1 ? interiorSegments : extensionSegments;
    for (const vertex of [a, b]) target.push(verticesKm[2 * vertex] ?? 0, verticesKm[2 * vertex + 1] ?? 0);
  }
  const xs = verticesKm.filter((_, i) => i % 2 === 0);
  const ys = verticesKm.filter((_, i) => i % 2 === 1);
  return {
    interiorSegmentsKm: Float64Array.from(interiorSegments),
    extensionSegmentsKm: Float64Array.from(extensionSegments),
    domainOutlineKm: outline(mesh, domain),
    extentKm: {
      minX: xs.reduce((a, b) => Math.min(a, b), Infinity),
      minY: ys.reduce((a, b) => Math.min(a, b), Infinity),
      maxX: xs.reduce((a, b) => Math.max(a, b), -Infinity),
      maxY: ys.reduce((a, b) => Math.max(a, b), -Infinity),
    },
    numVertices: interior.length,
    numInteriorVertices: interior.reduce((sum, flag) => sum + flag, 0),
    numTriangles: triangles.length / 3,
  };
}

/** Polylines given in degrees (coasts, borders), cut to those points that the projection maps, in the mesh's km. */
export function projectPolyline(mesh: Mesh, longitudeLatitude: ArrayLike<number>): Float64Array {
  if (longitudeLatitude.length % 2 !== 0) {
    throw new TramontanaError(
      'Mesh.InvalidPolyline',
      `Polyline: expected longitude, latitude pairs, got ${longitudeLatitude.length} numbers`,
      { facts: { length: longitudeLatitude.length } },
    );
  }
  const projection = projectionFromDefinition(mesh.projection);
  const projected = new Float64Array(longitudeLatitude.length);
  for (let i = 0; i < projected.length; i += 2) {
    const [x, y] = projection.forward(longitudeLatitude[i] ?? 0, longitudeLatitude[i + 1] ?? 0);
    projected[i] = x;
    projected[i + 1] = y;
  }
  return projected;
}

function outline(mesh: Mesh, domain: GeographicBox): Float64Array {
  const { north, south, west, east } = domain;
  const steps = 24;
  const degrees: number[] = [];
  const side = (fromLongitude: number, fromLatitude: number, toLongitude: number, toLatitude: number): void => {
    for (let i = 0; i < steps; i += 1) {
      degrees.push(
        fromLongitude + ((toLongitude - fromLongitude) * i) / steps,
        fromLatitude + ((toLatitude - fromLatitude) * i) / steps,
      );
    }
  };
  side(west, south, east, south);
  side(east, south, east, north);
  side(east, north, west, north);
  side(west, north, west, south);
  degrees.push(west, south);
  return projectPolyline(mesh, degrees);
}
