// SPDX-License-Identifier: Apache-2.0
import Delaunator from 'delaunator';
import { entry, float64At, int32At } from '../common/entry.js';
import { TramontanaError } from '../common/errors.js';

/** Shape statistics of a triangulation. */
export interface TriangulationQuality {
  readonly numVertices: number;
  readonly numTriangles: number;
  readonly minimumAngleDegrees: number;
  readonly minimumEdgeKm: number;
  readonly maximumEdgeKm: number;
  readonly areaKm2: number;
}

/**
 * Delaunay triangulation, counter-clockwise, without the flat triangles that rounding puts on straight parts of the hull
 * (three boundary nodes within one part in 10^9 of a line: they cover no area).
 *
 * @param vertices interleaved x, y in km
 * @throws {TramontanaError} `Mesh.DuplicateVertex`, `Mesh.NoTriangles`
 */
export function triangulate(vertices: Float64Array): Int32Array {
  checkDistinct(vertices);
  const delaunay = new Delaunator(vertices);
  const dropped = flatTrianglesOnHull(vertices, delaunay);
  const triangles: number[] = [];
  for (let t = 0; t < delaunay.triangles.length / 3; t += 1) {
    if (dropped[t] === 1) continue;
    const [a, b, c] = cornersOf(delaunay, t);
    // Delaunator's orientation depends on the direction of the y axis; ours does not.
    if (doubleArea(vertices, a, b, c) > 0) triangles.push(a, b, c);
    else triangles.push(a, c, b);
  }
  if (triangles.length === 0) {
    throw new TramontanaError(
      'Mesh.NoTriangles',
      `Triangulation: expected at least three vertices that are not on one line, got ${vertices.length / 2} vertices`,
      { facts: { numVertices: vertices.length / 2 } },
    );
  }
  return Int32Array.from(triangles);
}

/** Marks flat triangles with an edge on the hull, and those laid bare by their removal. */
function flatTrianglesOnHull(vertices: Float64Array, delaunay: Delaunator<Float64Array>): Uint8Array {
  const dropped = new Uint8Array(delaunay.triangles.length / 3);
  const pending: number[] = [];
  delaunay.halfedges.forEach((twin, halfedge) => {
    if (twin === -1) pending.push(Math.floor(halfedge / 3));
  });
  for (let t = pending.pop(); t !== undefined; t = pending.pop()) {
    if (dropped[t] === 1 || !isFlat(vertices, ...cornersOf(delaunay, t))) continue;
    dropped[t] = 1;
    for (let halfedge = 3 * t; halfedge < 3 * t + 3; halfedge += 1) {
      const twin = int32At(delaunay.halfedges, halfedge);
      if (twin !== -1) pending.push(Math.floor(twin / 3));
    }
  }
  return dropped;
}

function cornersOf(delaunay: Delaunator<Float64Array>, t: number): readonly [number, number, number] {
  return [entry(delaunay.triangles, 3 * t), entry(delaunay.triangles, 3 * t + 1), entry(delaunay.triangles, 3 * t + 2)];
}

function doubleArea(vertices: Float64Array, a: number, b: number, c: number): number {
  const [ax, ay] = [at(vertices, 2 * a), at(vertices, 2 * a + 1)];
  return (
    (at(vertices, 2 * b) - ax) * (at(vertices, 2 * c + 1) - ay) -
    (at(vertices, 2 * c) - ax) * (at(vertices, 2 * b + 1) - ay)
  );
}

function isFlat(vertices: Float64Array, a: number, b: number, c: number): boolean {
  const squared = (p: number, q: number): number =>
    (at(vertices, 2 * p) - at(vertices, 2 * q)) ** 2 + (at(vertices, 2 * p + 1) - at(vertices, 2 * q + 1)) ** 2;
  return Math.abs(doubleArea(vertices, a, b, c)) < 1e-9 * Math.max(squared(a, b), squared(b, c), squared(c, a));
}

function checkDistinct(vertices: Float64Array): void {
  let extent = 0;
  for (const coordinate of vertices) extent = Math.max(extent, Math.abs(coordinate));
  // Two nodes closer than one part in 10^9 of the mesh are one node that was placed twice.
  const grain = Math.max(extent, Number.MIN_VALUE) * 1e-9;
  const seen = new Map<string, number>();
  for (let i = 0; i < vertices.length / 2; i += 1) {
    const [x, y] = [at(vertices, 2 * i), at(vertices, 2 * i + 1)];
    if (!Number.isFinite(x) || !Number.isFinite(y)) {
      throw new TramontanaError(
        'Mesh.InvalidVertex',
        `Vertex ${i}: expected finite coordinates in km, got (${x}, ${y})`,
        {
          facts: { vertex: i, xKm: x, yKm: y },
        },
      );
    }
    const key = `${Math.round(x / grain)},${Math.round(y / grain)}`;
    const other = seen.get(key);
    if (other !== undefined) {
      throw new TramontanaError(
        'Mesh.DuplicateVertex',
        `Vertices ${other} and ${i}: expected distinct positions, both lie at (${x}, ${y}) km`,
        { facts: { vertices: [other, i], xKm: x, yKm: y } },
      );
    }
    seen.set(key, i);
  }
}

/** Smallest angle, shortest and longest edge, and total area. */
export function triangulationQuality(vertices: Float64Array, triangles: Int32Array): TriangulationQuality {
  let minimumAngle = Math.PI;
  let minimumEdgeKm = Number.POSITIVE_INFINITY;
  let maximumEdgeKm = 0;
  let areaKm2 = 0;
  for (let t = 0; t < triangles.length; t += 3) {
    const corners = [0, 1, 2].map((k) => {
      const vertex = int32At(triangles, t + k);
      return [at(vertices, 2 * vertex), at(vertices, 2 * vertex + 1)] as const;
    });
    for (let k = 0; k < 3; k += 1) {
      const [ax, ay] = entry(corners, k);
      const [bx, by] = entry(corners, (k + 1) % 3);
      const [cx, cy] = entry(corners, (k + 2) % 3);
      const cross = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay);
      const angle = Math.atan2(cross, (bx - ax) * (cx - ax) + (by - ay) * (cy - ay));
      minimumAngle = Math.min(minimumAngle, angle);
      const edge = Math.hypot(bx - ax, by - ay);
      minimumEdgeKm = Math.min(minimumEdgeKm, edge);
      maximumEdgeKm = Math.max(maximumEdgeKm, edge);
      if (k === 0) areaKm2 += cross / 2;
    }
  }
  return {
    numVertices: vertices.length / 2,
    numTriangles: triangles.length / 3,
    minimumAngleDegrees: (minimumAngle * 180) / Math.PI,
    minimumEdgeKm,
    maximumEdgeKm,
    areaKm2,
  };
}

function at(values: Float64Array, index: number): number {
  return float64At(values, index);
}
