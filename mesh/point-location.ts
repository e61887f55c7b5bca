// SPDX-License-Identifier: Apache-2.0
import { entry } from '../common/entry.js';
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

/** Finds the triangle that holds a point through a regular grid of buckets; building is linear, a look-up constant time. */
export class TriangleLocator {
  private readonly minX: number;
  private readonly minY: number;
  private readonly bucketKm: number;
  private readonly numColumns: number;
  private readonly numRows: number;
  /** Triangles of bucket b: bucketTriangles[bucketStart[b] .. bucketStart[b + 1]), ascending. */
  private readonly bucketStart: Int32Array;
  private readonly bucketTriangles: Int32Array;

  constructor(private readonly mesh: Pick<Mesh, 'verticesKm' | 'triangles'>) {
    const { verticesKm, triangles } = mesh;
    let [minX, minY, maxX, maxY] = [Infinity, Infinity, -Infinity, -Infinity];
    for (let i = 0; i < verticesKm.length; i += 2) {
      minX = Math.min(minX, entry(verticesKm, i));
      maxX = Math.max(maxX, entry(verticesKm, i));
      minY = Math.min(minY, entry(verticesKm, i + 1));
      maxY = Math.max(maxY, entry(verticesKm, i + 1));
    }
    // About one triangle a bucket.
    this.bucketKm = Math.sqrt(((maxX - minX) * (maxY - minY)) / (triangles.length / 3));
    this.minX = minX;
    this.minY = minY;
    this.numColumns = Math.floor((maxX - minX) / this.bucketKm) + 1;
    this.numRows = Math.floor((maxY - minY) / this.bucketKm) + 1;
    const counts = new Int32Array(this.numColumns * this.numRows + 1);
    for (let t = 0; t < triangles.length / 3; t += 1) {
      this.forEachBucket(t, (bucket) => (counts[bucket + 1] = entry(counts, bucket + 1) + 1));
    }
    for (let b = 1; b < counts.length; b += 1) counts[b] = entry(counts, b) + entry(counts, b - 1);
    this.bucketStart = counts;
    this.bucketTriangles = new Int32Array(entry(counts, counts.length - 1));
    const next = Int32Array.from(counts);
    for (let t = 0; t < triangles.length / 3; t += 1) {
      this.forEachBucket(t, (bucket) => {
        const slot = entry(next, bucket);
        this.bucketTriangles[slot] = t;
        next[bucket] = slot + 1;
      });
    }
  }

  /** The triangle of a point, or undefined outside the mesh. On shared edges the triangle in which the point lies deepest. */
  locate(xKm: number, yKm: number): Location | undefined {
    const column = Math.floor((xKm - this.minX) / this.bucketKm);
    const row = Math.floor((yKm - this.minY) / this.bucketKm);
    // Points on the outer boundary may fall one rounding error outside the grid of buckets.
    const bucket = clamp(row, this.numRows) * this.numColumns + clamp(column, this.numColumns);
    let best = -BARYCENTRIC_TOLERANCE;
    let found = -1;
    let weights: readonly [number, number, number] = [0, 0, 0];
    const end = entry(this.bucketStart, bucket + 1);
    for (let k = entry(this.bucketStart, bucket); k < end; k += 1) {
      const triangle = entry(this.bucketTriangles, k);
      const candidate = this.barycentric(triangle, xKm, yKm);
      const depth = Math.min(...candidate);
      if (depth > best || (found < 0 && depth === best)) {
        best = depth;
        found = triangle;
        weights = candidate;
      }
    }
    if (found < 0) return undefined;
    return { vertices: this.cornersOf(found), weights: best < 0 ? clampToTriangle(weights) : weights };
  }

  private cornersOf(triangle: number): readonly [number, number, number] {
    const { triangles } = this.mesh;
    return [entry(triangles, 3 * triangle), entry(triangles, 3 * triangle + 1), entry(triangles, 3 * triangle + 2)];
  }

  private barycentric(triangle: number, x: number, y: number): readonly [number, number, number] {
    const { verticesKm } = this.mesh;
    const [a, b, c] = this.cornersOf(triangle);
    const ax = entry(verticesKm, 2 * a) - x;
    const ay = entry(verticesKm, 2 * a + 1) - y;
    const bx = entry(verticesKm, 2 * b) - x;
    const by = entry(verticesKm, 2 * b + 1) - y;
    const cx = entry(verticesKm, 2 * c) - x;
    const cy = entry(verticesKm, 2 * c + 1) - y;
    const areaA = bx * cy - cx * by;
    const areaB = cx * ay - ax * cy;
    const areaC = ax * by - bx * ay;
    const area = areaA + areaB + areaC;
    return [areaA / area, areaB / area, areaC / area];
  }

  private forEachBucket(triangle: number, visit: (bucket: number) => void): void {
    const { verticesKm } = this.mesh;
    const corners = this.cornersOf(triangle);
    const xs = corners.map((vertex) => entry(verticesKm, 2 * vertex));
    const ys = corners.map((vertex) => entry(verticesKm, 2 * vertex + 1));
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

function clamp(index: number, count: number): number {
  return Math.min(count - 1, Math.max(0, index));
}

function clampToTriangle(weights: readonly [number, number, number]): readonly [number, number, number] {
  const [a, b, c] = [Math.max(0, weights[0]), Math.max(0, weights[1]), Math.max(0, weights[2])];
  const sum = a + b + c;
  return [a / sum, b / sum, c / sum];
}
