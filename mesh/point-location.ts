// SPDX-License-Identifier: Apache-2.0
import { entry, float64At, int32At } from '../common/entry.js';
import type { Mesh } from '../artifacts/schemas/mesh.js';

/** A triangle and the barycentric coordinates of a point in it: the values of its three hat functions there. */
export interface Location {
  readonly vertices: readonly [number, number, number];
  /** Not negative, sum 1. */
  readonly weights: readonly [number, number, number];
}

/**
 * Points this far outside a triangle, in barycentric units, still count as inside: rounding must not open gaps between
 * neighbours. Coordinates carry about 1e-16 of the domain's size, triangles are at least 1e-4 of it.
 */
const BARYCENTRIC_TOLERANCE = 1e-10;

/** A triangle with the places of its corners, which are read once: a look-up is a handful of operations. */
interface Corners {
  readonly vertices: readonly [number, number, number];
  /** x and y of the three, km. */
  readonly km: readonly [number, number, number, number, number, number];
}

/** Finds the triangle that holds a point through a regular grid of buckets; building is linear, a look-up constant time. */
export class TriangleLocator {
  private readonly minX: number;
  private readonly minY: number;
  private readonly bucketKm: number;
  private readonly numColumns: number;
  private readonly numRows: number;
  /** Triangles that touch a bucket, in the order of the mesh. */
  private readonly buckets: readonly Corners[][];

  constructor({ verticesKm, triangles }: Pick<Mesh, 'verticesKm' | 'triangles'>) {
    let [minX, minY, maxX, maxY] = [Infinity, Infinity, -Infinity, -Infinity];
    for (let i = 0; i < verticesKm.length; i += 2) {
      minX = Math.min(minX, float64At(verticesKm, i));
      maxX = Math.max(maxX, float64At(verticesKm, i));
      minY = Math.min(minY, float64At(verticesKm, i + 1));
      maxY = Math.max(maxY, float64At(verticesKm, i + 1));
    }
    // About one triangle a bucket.
    this.bucketKm = Math.sqrt(((maxX - minX) * (maxY - minY)) / (triangles.length / 3));
    this.minX = minX;
    this.minY = minY;
    this.numColumns = Math.floor((maxX - minX) / this.bucketKm) + 1;
    this.numRows = Math.floor((maxY - minY) / this.bucketKm) + 1;
    const buckets = Array.from({ length: this.numColumns * this.numRows }, (): Corners[] => []);
    for (let t = 0; t < triangles.length; t += 3) {
      const corners = cornersOf(verticesKm, [
        int32At(triangles, t),
        int32At(triangles, t + 1),
        int32At(triangles, t + 2),
      ]);
      this.forEachBucket(corners, (bucket) => entry(buckets, bucket).push(corners));
    }
    this.buckets = buckets;
  }

  /** The triangle of a point, or undefined outside the mesh. On shared edges the triangle in which the point lies deepest. */
  locate(xKm: number, yKm: number): Location | undefined {
    const column = Math.floor((xKm - this.minX) / this.bucketKm);
    const row = Math.floor((yKm - this.minY) / this.bucketKm);
    // Points on the outer boundary may fall one rounding error outside the grid of buckets.
    const bucket = clamp(row, this.numRows) * this.numColumns + clamp(column, this.numColumns);
    let best = -BARYCENTRIC_TOLERANCE;
    let found: Corners | undefined;
    let weights: readonly [number, number, number] = [0, 0, 0];
    // A place that is no number has no bucket: it lies in no triangle.
    for (const corners of this.buckets[bucket] ?? []) {
      const candidate = barycentric(corners, xKm, yKm);
      const depth = Math.min(...candidate);
      if (depth > best || (found === undefined && depth === best)) {
        best = depth;
        found = corners;
        weights = candidate;
      }
    }
    if (found === undefined) return undefined;
    return { vertices: found.vertices, weights: best < 0 ? clampToTriangle(weights) : weights };
  }

  private forEachBucket({ km: [ax, ay, bx, by, cx, cy] }: Corners, visit: (bucket: number) => void): void {
    const [xs, ys] = [
      [ax, bx, cx],
      [ay, by, cy],
    ];
    // A sliver of overlap, so that points within the tolerance of a triangle find it.
    const margin = 1e-6 * this.bucketKm;
    const column = (x: number): number => clamp(Math.floor((x - this.minX) / this.bucketKm), this.numColumns);
    const row = (y: number): number => clamp(Math.floor((y - this.minY) / this.bucketKm), this.numRows);
    for (let r = row(Math.min(...ys) - margin); r <= row(Math.max(...ys) + margin); r += 1) {
      for (let c = column(Math.min(...xs) - margin); c <= column(Math.max(...xs) + margin); c += 1) {
        visit(r * this.numColumns + c);
      }
    }
  }
}

function cornersOf(verticesKm: Float64Array, vertices: readonly [number, number, number]): Corners {
  const x = (vertex: number): number => float64At(verticesKm, 2 * vertex);
  const y = (vertex: number): number => float64At(verticesKm, 2 * vertex + 1);
  const [a, b, c] = vertices;
  return { vertices, km: [x(a), y(a), x(b), y(b), x(c), y(c)] };
}

function barycentric({ km }: Corners, x: number, y: number): readonly [number, number, number] {
  const ax = km[0] - x;
  const ay = km[1] - y;
  const bx = km[2] - x;
  const by = km[3] - y;
  const cx = km[4] - x;
  const cy = km[5] - y;
  const areaA = bx * cy - cx * by;
  const areaB = cx * ay - ax * cy;
  const areaC = ax * by - bx * ay;
  const area = areaA + areaB + areaC;
  return [areaA / area, areaB / area, areaC / area];
}

function clamp(index: number, count: number): number {
  return Math.min(count - 1, Math.max(0, index));
}

function clampToTriangle(weights: readonly [number, number, number]): readonly [number, number, number] {
  const [a, b, c] = [Math.max(0, weights[0]), Math.max(0, weights[1]), Math.max(0, weights[2])];
  const sum = a + b + c;
  return [a / sum, b / sum, c / sum];
}
