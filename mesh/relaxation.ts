// SPDX-License-Identifier: Apache-2.0
import { float64At, int32At } from '../common/entry.js';
import { triangulate } from './triangulation.js';

export interface RelaxationOptions {
  /** Wanted edge length in km at a place. */
  readonly edgeKmAt: (xKm: number, yKm: number) => number;
  /** Nodes that may move; the others stay. */
  readonly movable: Uint8Array;
  readonly iterations: number;
}

/**
 * Moves nodes until their edges have about the wanted length: each edge shorter than wanted pushes its ends apart
 * [PerssonStrang2004, the force law of DistMesh]. No random numbers: equal input gives equal bits.
 *
 * @param vertices interleaved x, y in km; unchanged
 * @returns new vertices
 */
export function relaxVertices(vertices: Float64Array, options: RelaxationOptions): Float64Array {
  const { edgeKmAt, movable, iterations } = options;
  const positions = Float64Array.from(vertices);
  const numVertices = positions.length / 2;
  // DistMesh inflates the wanted lengths slightly, so that most edges push and the nodes spread over the whole area.
  const inflation = 1.15;
  const step = 0.2;
  for (let iteration = 0; iteration < iterations; iteration += 1) {
    const edges = uniqueEdges(triangulate(positions), numVertices);
    const forces = new Float64Array(positions.length);
    const lengths = new Float64Array(edges.length / 2);
    const wanted = new Float64Array(edges.length / 2);
    let sumSquares = 0;
    let sumWantedSquares = 0;
    for (let e = 0; e < lengths.length; e += 1) {
      const [ax, ay, bx, by] = ends(positions, edges, e);
      const length = Math.hypot(bx - ax, by - ay);
      const target = edgeKmAt((ax + bx) / 2, (ay + by) / 2);
      lengths[e] = length;
      wanted[e] = target;
      sumSquares += length * length;
      sumWantedSquares += target * target;
    }
    const scale = inflation * Math.sqrt(sumSquares / sumWantedSquares);
    for (let e = 0; e < lengths.length; e += 1) {
      const length = float64At(lengths, e);
      const push = Math.max(0, float64At(wanted, e) * scale - length);
      if (push === 0) continue;
      const [ax, ay, bx, by] = ends(positions, edges, e);
      const fx = (push * (bx - ax)) / length;
      const fy = (push * (by - ay)) / length;
      const a = int32At(edges, 2 * e);
      const b = int32At(edges, 2 * e + 1);
      forces[2 * a] = float64At(forces, 2 * a) - fx;
      forces[2 * a + 1] = float64At(forces, 2 * a + 1) - fy;
      forces[2 * b] = float64At(forces, 2 * b) + fx;
      forces[2 * b + 1] = float64At(forces, 2 * b + 1) + fy;
    }
    for (let i = 0; i < numVertices; i += 1) {
      if (movable[i] !== 1) continue;
      positions[2 * i] = float64At(positions, 2 * i) + step * float64At(forces, 2 * i);
      positions[2 * i + 1] = float64At(positions, 2 * i + 1) + step * float64At(forces, 2 * i + 1);
    }
  }
  return positions;
}

/** Vertex pairs (a < b), each edge once, in the order of first appearance. */
export function uniqueEdges(triangles: Int32Array, numVertices: number): Int32Array {
  const seen = new Set<number>();
  const edges: number[] = [];
  for (let t = 0; t < triangles.length; t += 3) {
    for (let k = 0; k < 3; k += 1) {
      const p = int32At(triangles, t + k);
      const q = int32At(triangles, t + ((k + 1) % 3));
      const key = Math.min(p, q) * numVertices + Math.max(p, q);
      if (seen.has(key)) continue;
      seen.add(key);
      edges.push(Math.min(p, q), Math.max(p, q));
    }
  }
  return Int32Array.from(edges);
}

function ends(positions: Float64Array, edges: Int32Array, e: number): readonly [number, number, number, number] {
  const a = int32At(edges, 2 * e);
  const b = int32At(edges, 2 * e + 1);
  return [
    float64At(positions, 2 * a),
    float64At(positions, 2 * a + 1),
    float64At(positions, 2 * b),
    float64At(positions, 2 * b + 1),
  ];
}
