// SPDX-License-Identifier: Apache-2.0
import type { Mesh } from '../artifacts/schemas/mesh.js';
import { entry } from '../common/entry.js';
import { TramontanaError } from '../common/errors.js';
import {
  convexHull,
  offsetRing,
  perimeter,
  polygonArea,
  signedDistanceTo,
  type PlanarPoint,
} from './convex-outline.js';
import { assembleFiniteElements } from './finite-elements.js';
import { checkDomain, createLocalProjection, type GeographicBox, type LocalProjection } from './projection.js';
import { relaxVertices } from './relaxation.js';
import { triangulate, triangulationQuality } from './triangulation.js';

/**
 * With its extension a domain of ordinary size gets some 460 nodes: a fit of three pollutants then takes a minute on two
 * cores. What a finer mesh would add within a triangle is known to `modelling/sub-mesh-variance.ts`.
 */
const DEFAULT_INTERIOR_NODES = 330;

export interface MeshOptions {
  /**
   * Edge length inside the domain. Absent: the largest that gives `minimumInteriorNodes` nodes inside the domain, but not
   * below `MINIMUM_AUTOMATIC_EDGE_KM`.
   */
  readonly interiorEdgeKm?: number;
  /** Longest edge of the extension. Default four interior edges. */
  readonly maximumExtensionEdgeKm?: number;
  /**
   * Width of the extension around the domain, which keeps the boundary's effect on the variance out of the domain.
   * Default 0.4 of the square root of the domain's area, at least four interior edges.
   */
  readonly extensionKm?: number;
  /** Nodes inside the domain that the automatic edge aims at. Default 330; ignored when `interiorEdgeKm` is given. */
  readonly minimumInteriorNodes?: number;
}

/** Options as they were used, after the automatic choices. */
export interface ResolvedMeshOptions {
  readonly interiorEdgeKm: number;
  readonly maximumExtensionEdgeKm: number;
  readonly extensionKm: number;
}

/**
 * Half a CAMS cell (0.1 degree): nodes closer than that cannot be told apart by cell means, they only cost time.
 */
export const MINIMUM_AUTOMATIC_EDGE_KM = 5;

/** Below this angle P1 elements lose accuracy; the default of common mesh generators is 20 to 21 degrees. */
const MINIMUM_ANGLE_DEGREES = 20;

/** Edges of successive rings of the extension grow by this factor. */
const RING_GROWTH = 1.5;

/** Of an equilateral triangle, in edges. */
export const HEXAGON_HEIGHT = Math.sqrt(3) / 2;

/** Of an edge, from the lattice to the outline: closer nodes would make flat triangles with the ring, farther ones a gap. */
export const OUTLINE_GAP = 0.6;

/** Growth of the edges by the distance from the outline, as the growth of the rings gives it. */
export const EXTENSION_SLOPE = (RING_GROWTH - 1) / (HEXAGON_HEIGHT * Math.sqrt(RING_GROWTH));
const RELAXATION_ITERATIONS = 60;

/**
 * Triangulates a domain and assembles its P1 matrices [Lindgren2011].
 *
 * Inside: a hexagonal lattice (equilateral triangles). On the outline of the domain and around it: rings whose edges grow
 * by a fixed factor up to `maximumExtensionEdgeKm`, relaxed to even lengths. The same input gives the same bits.
 *
 * @param domain  limits in degrees; longitudes in [-180, 180]
 * @param options edge lengths and extension in km
 * @returns mesh in a Lambert azimuthal equal-area projection centred on the domain, coordinates in km
 * @throws {TramontanaError} `Mesh.InvalidDomain`, `Mesh.InvalidOptions`, `Mesh.PoorQuality` (an angle below 20 degrees)
 */
export function buildMesh(domain: GeographicBox, options: MeshOptions = {}): Mesh {
  checkDomain(domain);
  checkOptions(options);
  const projection = createLocalProjection(domain);
  const hull = convexHull(domainOutlineKm(domain, projection));
  const resolved = resolveMeshOptions(domain, options);
  const { vertices, movable, interior } = placeVertices(hull, resolved);
  const verticesKm = relaxVertices(vertices, {
    edgeKmAt: edgeLength(hull, resolved),
    movable,
    iterations: RELAXATION_ITERATIONS,
  });
  const triangles = triangulate(verticesKm);
  const quality = triangulationQuality(verticesKm, triangles);
  if (quality.minimumAngleDegrees < MINIMUM_ANGLE_DEGREES) {
    throw new TramontanaError(
      'Mesh.PoorQuality',
      `Mesh: expected all angles to be at least ${MINIMUM_ANGLE_DEGREES} degrees, got ${quality.minimumAngleDegrees.toFixed(1)} ` +
        `(interior edge ${resolved.interiorEdgeKm} km, extension ${resolved.extensionKm} km, longest edge ${resolved.maximumExtensionEdgeKm} km)`,
      { facts: { ...quality, ...resolved } },
    );
  }
  return {
    projection: projection.definition,
    verticesKm,
    triangles,
    interior,
    ...assembleFiniteElements(verticesKm, triangles),
  };
}

/**
 * The edge lengths and the extension that `buildMesh` uses for a domain.
 *
 * @throws {TramontanaError} `Mesh.InvalidDomain`, `Mesh.InvalidOptions`
 */
export function resolveMeshOptions(domain: GeographicBox, options: MeshOptions = {}): ResolvedMeshOptions {
  checkDomain(domain);
  checkOptions(options);
  const hull = convexHull(domainOutlineKm(domain, createLocalProjection(domain)));
  const interiorEdgeKm =
    options.interiorEdgeKm ?? automaticEdgeKm(hull, options.minimumInteriorNodes ?? DEFAULT_INTERIOR_NODES);
  const scaleKm = Math.sqrt(polygonArea(hull));
  const extensionKm = options.extensionKm ?? Math.max(0.4 * scaleKm, 4 * interiorEdgeKm);
  const maximumExtensionEdgeKm = options.maximumExtensionEdgeKm ?? 4 * interiorEdgeKm;
  const refuse = (name: string, expectation: string, value: number): never => {
    throw new TramontanaError('Mesh.InvalidOptions', `Mesh option ${name}: expected ${expectation}, got ${value}`, {
      facts: { option: name, value, interiorEdgeKm, maximumExtensionEdgeKm, extensionKm },
    });
  };
  if (extensionKm < interiorEdgeKm)
    refuse('extensionKm', `at least one interior edge (${interiorEdgeKm} km)`, extensionKm);
  if (maximumExtensionEdgeKm < interiorEdgeKm) {
    refuse('maximumExtensionEdgeKm', `at least the interior edge (${interiorEdgeKm} km)`, maximumExtensionEdgeKm);
  }
  const nodes = polygonArea(hull) / (HEXAGON_HEIGHT * interiorEdgeKm ** 2);
  if (nodes < 3)
    refuse(
      'interiorEdgeKm',
      `a length that gives at least 3 nodes in a domain ${scaleKm.toFixed(1)} km wide`,
      interiorEdgeKm,
    );
  if (nodes > 50_000)
    refuse('interiorEdgeKm', 'a length that gives at most 50,000 nodes in the domain', interiorEdgeKm);
  return { interiorEdgeKm, maximumExtensionEdgeKm, extensionKm };
}

function checkOptions(options: MeshOptions): void {
  for (const name of ['interiorEdgeKm', 'maximumExtensionEdgeKm', 'extensionKm', 'minimumInteriorNodes'] as const) {
    const value = options[name];
    if (value !== undefined && !(Number.isFinite(value) && value > 0)) {
      throw new TramontanaError(
        'Mesh.InvalidOptions',
        `Mesh option ${name}: expected a positive number, got ${value}`,
        {
          facts: { option: name, value },
        },
      );
    }
  }
}

/** Points along the four sides, dense enough for the curvature of parallels. */
export function domainOutlineKm(domain: GeographicBox, projection: LocalProjection): PlanarPoint[] {
  const points: PlanarPoint[] = [];
  const steps = 16;
  for (let i = 0; i <= steps; i += 1) {
    const longitude = domain.west + ((domain.east - domain.west) * i) / steps;
    const latitude = domain.south + ((domain.north - domain.south) * i) / steps;
    points.push(projection.forward(longitude, domain.south), projection.forward(longitude, domain.north));
    points.push(projection.forward(domain.west, latitude), projection.forward(domain.east, latitude));
  }
  return points;
}

/** Largest edge whose lattice and outline hold at least `minimumInteriorNodes` nodes, to four digits. */
function automaticEdgeKm(hull: readonly PlanarPoint[], minimumInteriorNodes: number): number {
  let edgeKm = Math.sqrt((2 * polygonArea(hull)) / (HEXAGON_HEIGHT * minimumInteriorNodes));
  while (edgeKm > MINIMUM_AUTOMATIC_EDGE_KM && countInterior(hull, edgeKm) < minimumInteriorNodes) edgeKm *= 0.99;
  return Number(Math.max(edgeKm, MINIMUM_AUTOMATIC_EDGE_KM).toPrecision(4));
}

function countInterior(hull: readonly PlanarPoint[], edgeKm: number): number {
  return latticeInside(hull, edgeKm).length + ringSize(hull, 0, edgeKm);
}

function ringSize(hull: readonly PlanarPoint[], offsetKm: number, edgeKm: number): number {
  return Math.max(6, Math.round((perimeter(hull) + 2 * Math.PI * offsetKm) / edgeKm));
}

/** Hexagonal lattice points that keep a distance from the outline, where the first ring lies. */
function latticeInside(hull: readonly PlanarPoint[], edgeKm: number): PlanarPoint[] {
  const xs = hull.map(([x]) => x);
  const ys = hull.map(([, y]) => y);
  const [minX, maxX, minY, maxY] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const rowHeight = HEXAGON_HEIGHT * edgeKm;
  const numRows = Math.floor((maxY - minY) / rowHeight) + 1;
  const numColumns = Math.floor((maxX - minX) / edgeKm) + 2;
  const bottom = (minY + maxY - (numRows - 1) * rowHeight) / 2;
  const left = (minX + maxX - (numColumns - 1) * edgeKm) / 2;
  const points: PlanarPoint[] = [];
  const distanceKm = signedDistanceTo(hull);
  for (let row = 0; row < numRows; row += 1) {
    for (let column = 0; column < numColumns; column += 1) {
      const x = left + (column + (row % 2 === 0 ? -0.25 : 0.25)) * edgeKm;
      const y = bottom + row * rowHeight;
      if (distanceKm(x, y) <= -OUTLINE_GAP * edgeKm) points.push([x, y]);
    }
  }
  return points;
}

/** Lattice, outline and rings, with the nodes that relaxation may move. */
function placeVertices(
  hull: readonly PlanarPoint[],
  options: ResolvedMeshOptions,
): { vertices: Float64Array; movable: Uint8Array; interior: Uint8Array } {
  const { interiorEdgeKm } = options;
  const lattice = latticeInside(hull, interiorEdgeKm);
  const distanceKm = signedDistanceTo(hull);
  // Deep inside, the lattice is perfect and stays; two rows near the outline give way to it.
  const movable: number[] = lattice.map(([x, y]) => (distanceKm(x, y) > -2 * interiorEdgeKm ? 1 : 0));
  const points: PlanarPoint[] = [...lattice];
  const { offsets, edges } = ringOffsets(options);
  offsets.forEach((offsetKm, ring) => {
    const edgeKm = entry(edges, ring);
    const ringPoints = offsetRing(hull, offsetKm, ringSize(hull, offsetKm, edgeKm), ring % 2 === 0 ? 0 : 0.5);
    points.push(...ringPoints);
    const fixed = ring === 0 || ring === offsets.length - 1;
    movable.push(...ringPoints.map(() => (fixed ? 0 : 1)));
  });
  const numInterior = lattice.length + ringSize(hull, 0, interiorEdgeKm);
  return {
    vertices: Float64Array.from(points.flat()),
    movable: Uint8Array.from(movable),
    interior: Uint8Array.from(points, (_, i) => (i < numInterior ? 1 : 0)),
  };
}

/** Offsets and edges of the rings, from the outline (0) to the end of the extension. */
function ringOffsets(options: ResolvedMeshOptions): { offsets: number[]; edges: number[] } {
  const offsets = [0];
  const edges = [options.interiorEdgeKm];
  for (let offset = 0, edge = options.interiorEdgeKm; ;) {
    const next = Math.min(edge * RING_GROWTH, options.maximumExtensionEdgeKm);
    const step = HEXAGON_HEIGHT * Math.sqrt(edge * next);
    // Another ring only when the end is nearer to it than to the last one.
    if (offsets.length > 1 && options.extensionKm - offset < step / 2) break;
    offset += step;
    edge = next;
    offsets.push(offset);
    edges.push(edge);
  }
  // The rings are stretched or shrunk together, so that the last one lies exactly at the end of the extension.
  const stretch = options.extensionKm / entry(offsets, offsets.length - 1);
  return { offsets: offsets.map((offset) => offset * stretch), edges };
}

/** Wanted edge at a place: constant inside the outline, growing linearly outside as the rings do, up to the longest. */
function edgeLength(hull: readonly PlanarPoint[], options: ResolvedMeshOptions): (x: number, y: number) => number {
  const distanceKm = signedDistanceTo(hull);
  return (x, y) =>
    Math.min(options.maximumExtensionEdgeKm, options.interiorEdgeKm + EXTENSION_SLOPE * Math.max(0, distanceKm(x, y)));
}
