// SPDX-License-Identifier: Apache-2.0
import { entry } from '../common/entry.js';

/**
 * Convex outlines in the plane and their offset curves (the extension's rings). Coordinates in km.
 *
 * @module
 */

export type PlanarPoint = readonly [number, number];

/** Counter-clockwise convex hull without collinear points (monotone chain). */
export function convexHull(points: readonly PlanarPoint[]): PlanarPoint[] {
  const sorted = [...points].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const chain = (input: readonly PlanarPoint[]): PlanarPoint[] => {
    const hull: PlanarPoint[] = [];
    for (const candidate of input) {
      while (hull.length >= 2 && turn(hull[hull.length - 2], hull[hull.length - 1], candidate) <= 0) hull.pop();
      hull.push(candidate);
    }
    hull.pop();
    return hull;
  };
  return [...chain(sorted), ...chain([...sorted].reverse())];
}

function turn(a: PlanarPoint | undefined, b: PlanarPoint | undefined, c: PlanarPoint): number {
  if (a === undefined || b === undefined) return 1;
  return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
}

/** Perimeter of a closed polygon. */
export function perimeter(polygon: readonly PlanarPoint[]): number {
  return closedEdges(polygon).reduce((sum, [a, b]) => sum + Math.hypot(b[0] - a[0], b[1] - a[1]), 0);
}

/** Area of a counter-clockwise polygon. */
export function polygonArea(polygon: readonly PlanarPoint[]): number {
  return closedEdges(polygon).reduce((sum, [a, b]) => sum + (a[0] * b[1] - b[0] * a[1]) / 2, 0);
}

/**
 * Signed distance to a counter-clockwise convex polygon: negative inside, positive outside. Edges are prepared once:
 * the relaxation asks for it tens of thousands of times.
 */
export function signedDistanceTo(polygon: readonly PlanarPoint[]): (x: number, y: number) => number {
  const edges = directedEdges(polygon);
  return (x, y) => {
    let inside = Number.NEGATIVE_INFINITY;
    for (const edge of edges) inside = Math.max(inside, (x - edge.a[0]) * edge.uy - (y - edge.a[1]) * edge.ux);
    if (inside <= 0) return inside;
    let nearestSquared = Number.POSITIVE_INFINITY;
    for (const { a, ux, uy, length } of edges) {
      const along = Math.min(length, Math.max(0, (x - a[0]) * ux + (y - a[1]) * uy));
      const [dx, dy] = [x - a[0] - along * ux, y - a[1] - along * uy];
      nearestSquared = Math.min(nearestSquared, dx * dx + dy * dy);
    }
    return Math.sqrt(nearestSquared);
  };
}

/**
 * Equally spaced points on the curve at distance `offsetKm` outside a convex polygon: its edges moved outwards,
 * joined by circular arcs; the length of that curve is perimeter + 2 pi offset.
 *
 * @param phase shift along the curve in units of the spacing, so that successive rings interleave
 */
export function offsetRing(
  polygon: readonly PlanarPoint[],
  offsetKm: number,
  numPoints: number,
  phase: number,
): PlanarPoint[] {
  const edges = directedEdges(polygon);
  const total = perimeter(polygon) + 2 * Math.PI * offsetKm;
  const ring: PlanarPoint[] = [];
  let edgeIndex = 0;
  let travelled = 0; // length of the curve before the current edge
  for (let i = 0; i < numPoints; i += 1) {
    const target = ((i + phase) * total) / numPoints;
    for (;;) {
      const edge = edges[edgeIndex % edges.length];
      const next = edges[(edgeIndex + 1) % edges.length];
      if (edge === undefined || next === undefined) break;
      const sine = edge.ux * next.uy - edge.uy * next.ux;
      const angle = Math.atan2(sine, edge.ux * next.ux + edge.uy * next.uy);
      const local = target - travelled;
      if (local <= edge.length) {
        ring.push([edge.a[0] + local * edge.ux + offsetKm * edge.uy, edge.a[1] + local * edge.uy - offsetKm * edge.ux]);
        break;
      }
      if (local <= edge.length + angle * offsetKm) {
        const bearing = Math.atan2(-edge.ux, edge.uy) + (local - edge.length) / offsetKm;
        ring.push([next.a[0] + offsetKm * Math.cos(bearing), next.a[1] + offsetKm * Math.sin(bearing)]);
        break;
      }
      travelled += edge.length + angle * offsetKm;
      edgeIndex += 1;
    }
  }
  return ring;
}

function closedEdges(polygon: readonly PlanarPoint[]): (readonly [PlanarPoint, PlanarPoint])[] {
  return polygon.map((a, i) => [a, entry(polygon, (i + 1) % polygon.length)] as const);
}

interface DirectedEdge {
  readonly a: PlanarPoint;
  readonly length: number;
  /** Unit direction. */
  readonly ux: number;
  readonly uy: number;
}

function directedEdges(polygon: readonly PlanarPoint[]): DirectedEdge[] {
  return closedEdges(polygon).map(([a, b]) => {
    const length = Math.hypot(b[0] - a[0], b[1] - a[1]);
    return { a, length, ux: (b[0] - a[0]) / length, uy: (b[1] - a[1]) / length };
  });
}
