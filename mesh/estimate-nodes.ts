// SPDX-License-Identifier: Apache-2.0
import {
  domainOutlineKm,
  EXTENSION_SLOPE,
  HEXAGON_HEIGHT,
  OUTLINE_GAP,
  resolveMeshOptions,
  type MeshOptions,
} from './build-mesh.js';
import { convexHull, perimeter, polygonArea, type PlanarPoint } from './convex-outline.js';
import { createLocalProjection, type GeographicBox } from './projection.js';

/**
 * About how many nodes `buildMesh` places, from areas and edge lengths alone: known before anything is placed, however
 * many they are.
 *
 * @throws {TramontanaError} `Mesh.InvalidDomain`, `Mesh.InvalidOptions`
 */
export function estimateMeshNodes(domain: GeographicBox, options: MeshOptions = {}): number {
  const { interiorEdgeKm, maximumExtensionEdgeKm, extensionKm } = resolveMeshOptions(domain, options);
  const hull = convexHull(domainOutlineKm(domain, createLocalProjection(domain)));
  const aroundKm = perimeter(hull);
  const inside = nodesInside(hull, interiorEdgeKm);
  const turnKm = (maximumExtensionEdgeKm - interiorEdgeKm) / EXTENSION_SLOPE;
  const growingKm = Math.min(turnKm, extensionKm);
  const lastEdgeKm = interiorEdgeKm + EXTENSION_SLOPE * growingKm;
  // the integral of (perimeter + 2 pi d) / (height edge(d)^2) over the distance d: edges that grow with it, then constant ones
  const growing =
    ((aroundKm - (2 * Math.PI * interiorEdgeKm) / EXTENSION_SLOPE) * (1 / interiorEdgeKm - 1 / lastEdgeKm) +
      ((2 * Math.PI) / EXTENSION_SLOPE) * Math.log(lastEdgeKm / interiorEdgeKm)) /
    (EXTENSION_SLOPE * HEXAGON_HEIGHT);
  const constant =
    (aroundKm * (extensionKm - growingKm) + Math.PI * (extensionKm ** 2 - growingKm ** 2)) /
    (HEXAGON_HEIGHT * maximumExtensionEdgeKm ** 2);
  // the last ring counts in full, for nothing lies beyond it
  const lastRing = (aroundKm + 2 * Math.PI * extensionKm) / (2 * lastEdgeKm);
  return Math.round(inside + growing + constant + lastRing);
}

/**
 * About how many of them lie in the domain.
 *
 * @throws {TramontanaError} `Mesh.InvalidDomain`, `Mesh.InvalidOptions`
 */
export function estimateInteriorNodes(domain: GeographicBox, options: MeshOptions = {}): number {
  const { interiorEdgeKm } = resolveMeshOptions(domain, options);
  return Math.round(nodesInside(convexHull(domainOutlineKm(domain, createLocalProjection(domain))), interiorEdgeKm));
}

/** An equilateral triangulation has one node an area of height times edge; the lattice keeps its distance from the outline. */
function nodesInside(hull: readonly PlanarPoint[], edgeKm: number): number {
  const aroundKm = perimeter(hull);
  const latticeKm2 = polygonArea(hull) - OUTLINE_GAP * edgeKm * aroundKm;
  return Math.max(0, latticeKm2) / (HEXAGON_HEIGHT * edgeKm ** 2) + aroundKm / edgeKm;
}
