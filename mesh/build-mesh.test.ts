// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Mesh } from '../artifacts/schemas/mesh.js';
import type { ErrorTag } from '../common/error-tags.js';
import { isTramontanaError } from '../common/errors.js';
import { buildMesh, MINIMUM_AUTOMATIC_EDGE_KM, resolveMeshOptions, type MeshOptions } from './build-mesh.js';
import { estimateInteriorNodes, estimateMeshNodes } from './estimate-nodes.js';
import type { GeographicBox } from './projection.js';
import { createLocalProjection } from './projection.js';
import { multiplyCsr } from './sparse.js';
import { triangulationQuality } from './triangulation.js';

const poValley: GeographicBox = { north: 46.0, south: 44.4, west: 8, east: 11 };
const domains: Readonly<Record<string, GeographicBox>> = {
  'Po valley': poValley,
  'three by four cells': { north: 45.5, south: 45.2, west: 9, east: 9.4 },
  'one cell': { north: 45.4, south: 45.3, west: 9, east: 9.1 },
  Ireland: { north: 55.5, south: 51.5, west: -11, east: -5 },
  Norway: { north: 71.5, south: 57.5, west: 4, east: 31.5 },
  'a strip': { north: 45.3, south: 45.0, west: 5, east: 15 },
  'a tower': { north: 55, south: 45, west: 5, east: 5.5 },
  'Cape Town': { north: -30, south: -35, west: 15, east: 22 },
};

for (const [name, domain] of Object.entries(domains)) {
  test(`${name}: triangles are well shaped, cover the domain and carry its area`, () => {
    const mesh = buildMesh(domain);
    const quality = triangulationQuality(mesh.verticesKm, mesh.triangles);
    assert.ok(quality.minimumAngleDegrees >= 20, `smallest angle ${quality.minimumAngleDegrees}`);
    // Euler: a triangulated disc with V vertices and B boundary edges has 2 V - 2 - B triangles.
    const boundary = boundaryEdges(mesh);
    assert.equal(quality.numTriangles, 2 * quality.numVertices - 2 - boundary);
    const lumped = mesh.c0.reduce((sum, mass) => sum + mass, 0);
    // The same area summed in another order: n_s additions of rounding 1e-16.
    assert.ok(Math.abs(lumped / quality.areaKm2 - 1) < 1e-13);
    const ones = new Float64Array(mesh.c0.length).fill(1);
    const residual = multiplyCsr(mesh.g1, ones).reduce((worst, value) => Math.max(worst, Math.abs(value)), 0);
    // Stiffness entries are cotangents below 3 for angles above 20 degrees; about seven a row.
    assert.ok(residual < 1e-13, `G1 1 = ${residual}`);
  });
}

test('the number of nodes is known beforehand, with automatic and with given edges', () => {
  const cases: readonly (readonly [GeographicBox, MeshOptions])[] = [
    ...Object.values(domains).map((domain) => [domain, {}] as const),
    [poValley, { interiorEdgeKm: 5 }],
    [poValley, { interiorEdgeKm: 10, extensionKm: 600, maximumExtensionEdgeKm: 15 }],
    [poValley, { interiorEdgeKm: 8, extensionKm: 20, maximumExtensionEdgeKm: 60 }],
  ];
  for (const [domain, options] of cases) {
    const mesh = buildMesh(domain, options);
    const inside = mesh.interior.reduce((sum, flag) => sum + flag, 0);
    for (const [estimate, found] of [
      [estimateMeshNodes(domain, options), mesh.c0.length],
      [estimateInteriorNodes(domain, options), inside],
    ] as const) {
      // whole rings and rows stand where the estimate has areas: a seventh too many in a narrow strip, a hundredth in a large mesh
      assert.ok(
        Math.abs(estimate / found - 1) < 0.2,
        `${estimate} for ${found} nodes: ${JSON.stringify([domain, options])}`,
      );
    }
  }
});

function boundaryEdges(mesh: Mesh): number {
  const counts = new Map<string, number>();
  for (let t = 0; t < mesh.triangles.length; t += 3) {
    for (let k = 0; k < 3; k += 1) {
      const a = mesh.triangles[t + k] ?? 0;
      const b = mesh.triangles[t + ((k + 1) % 3)] ?? 0;
      const key = `${Math.min(a, b)}-${Math.max(a, b)}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  return [...counts.values()].filter((count) => count === 1).length;
}

test('a domain of ordinary size gets at least 330 interior nodes, with a modest extension', () => {
  const mesh = buildMesh(poValley);
  const interior = mesh.interior.reduce((sum, flag) => sum + flag, 0);
  assert.ok(interior >= 330 && interior <= 360, `${interior} interior nodes`);
  assert.ok(mesh.c0.length <= 1.5 * interior, `${mesh.c0.length} nodes`);
});

test('the automatic edge never goes below half a CAMS cell', () => {
  const options = resolveMeshOptions({ north: 45.5, south: 45.2, west: 9, east: 9.4 });
  assert.equal(options.interiorEdgeKm, MINIMUM_AUTOMATIC_EDGE_KM);
});

test('edges follow the options: interior ones are even, the longest grow towards the limit', () => {
  const mesh = buildMesh(poValley, { interiorEdgeKm: 12, extensionKm: 150, maximumExtensionEdgeKm: 40 });
  const interior = triangulationQuality(mesh.verticesKm, trianglesInside(mesh));
  const whole = triangulationQuality(mesh.verticesKm, mesh.triangles);
  assert.ok(interior.maximumEdgeKm < 1.7 * 12, `interior edges up to ${interior.maximumEdgeKm}`);
  assert.ok(whole.maximumEdgeKm > 36 && whole.maximumEdgeKm < 1.4 * 40, `edges up to ${whole.maximumEdgeKm}`);
});

function trianglesInside(mesh: Mesh): Int32Array {
  const kept: number[] = [];
  for (let t = 0; t < mesh.triangles.length; t += 3) {
    const corners = [...mesh.triangles.subarray(t, t + 3)];
    if (corners.every((vertex) => mesh.interior[vertex] === 1)) kept.push(...corners);
  }
  return Int32Array.from(kept);
}

test('the extension reaches as far as asked on every side', () => {
  const mesh = buildMesh(poValley, { interiorEdgeKm: 12, extensionKm: 100 });
  const projection = createLocalProjection(poValley);
  const [west] = projection.forward(poValley.west, 45.2);
  const [east] = projection.forward(poValley.east, 45.2);
  const xs = mesh.verticesKm.filter((_, i) => i % 2 === 0);
  // The corners of the box lie a little further out than the middle of its meridian sides (1.6 degrees of convergence).
  assert.ok(Math.abs(Math.min(...xs) - (west - 100)) < 5);
  assert.ok(Math.abs(Math.max(...xs) - (east + 100)) < 5);
});

test('the same input gives the same bits', () => {
  assert.deepStrictEqual(buildMesh(poValley), buildMesh({ ...poValley }));
});

test('quality holds over a sweep of shapes and options', () => {
  for (let i = 0; i < 24; i += 1) {
    // A deterministic low-discrepancy walk through shapes from 40 to 600 km, at all latitudes of Europe.
    const fraction = (prime: number): number => (i * Math.sqrt(prime)) % 1;
    const height = 0.4 + 5 * fraction(2);
    const width = 0.5 + 7 * fraction(3);
    const south = 35 + 30 * fraction(5);
    const domain = { south, north: south + height, west: -5, east: -5 + width };
    const scale = 0.5 * Math.min(height * 111, width * 111 * Math.cos((south * Math.PI) / 180));
    const options: MeshOptions = {
      interiorEdgeKm: scale * (0.1 + 0.4 * fraction(7)),
      extensionKm: scale * (0.6 + 2 * fraction(11)),
    };
    const mesh = buildMesh(domain, options);
    const { minimumAngleDegrees } = triangulationQuality(mesh.verticesKm, mesh.triangles);
    assert.ok(minimumAngleDegrees >= 20, `${JSON.stringify({ domain, options })}: ${minimumAngleDegrees}`);
  }
});

test('impossible domains and options are refused by name and value', () => {
  const cases: readonly (readonly [GeographicBox, MeshOptions, ErrorTag, RegExp])[] = [
    [{ ...poValley, north: 44 }, {}, 'Mesh.InvalidDomain', /north must be greater than south, got north 44/],
    [{ ...poValley, east: 8 }, {}, 'Mesh.InvalidDomain', /east must be greater than west/],
    [{ ...poValley, west: Number.NaN }, {}, 'Mesh.InvalidDomain', /finite/],
    [poValley, { interiorEdgeKm: -3 }, 'Mesh.InvalidOptions', /interiorEdgeKm: expected a positive number, got -3/],
    [poValley, { interiorEdgeKm: 12, extensionKm: 5 }, 'Mesh.InvalidOptions', /extensionKm.*12 km.*got 5/],
    [poValley, { interiorEdgeKm: 400 }, 'Mesh.InvalidOptions', /interiorEdgeKm.*got 400/],
    [poValley, { interiorEdgeKm: 0.01 }, 'Mesh.InvalidOptions', /50,000 nodes.*got 0.01/],
    [
      poValley,
      { interiorEdgeKm: 12, maximumExtensionEdgeKm: 6 },
      'Mesh.InvalidOptions',
      /maximumExtensionEdgeKm.*got 6/,
    ],
  ];
  for (const [domain, options, tag, message] of cases) {
    assert.throws(
      () => buildMesh(domain, options),
      (error) => isTramontanaError(error, tag) && message.test(error.message),
    );
  }
});
