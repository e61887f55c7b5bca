// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { signedDistanceTo } from '../../mesh/convex-outline.js';
import { assembleFiniteElements } from '../../mesh/finite-elements.js';
import { triangulate, triangulationQuality } from '../../mesh/triangulation.js';
import { maternCorrelation } from '../../modelling/matern.js';
import { widerMesh } from './wider-mesh.js';

const verticesKm = Float64Array.from([0, 0, 200, 0, 200, 100, 0, 100, 90, 40, 120, 70]);
const triangles = triangulate(verticesKm);
const mesh = {
  projection: '',
  verticesKm,
  triangles,
  interior: new Uint8Array(6).fill(1),
  ...assembleFiniteElements(verticesKm, triangles),
};

test('a wider mesh keeps the vertices and their numbers, and its boundary lies further out by what was asked for', () => {
  const wider = widerMesh(mesh, 150);
  assert.deepEqual(wider.verticesKm.subarray(0, verticesKm.length), verticesKm);
  const distance = signedDistanceTo([
    [0, 0],
    [200, 0],
    [200, 100],
    [0, 100],
  ]);
  const distances = Array.from({ length: wider.c0.length }, (_, i) =>
    distance(wider.verticesKm[2 * i] ?? NaN, wider.verticesKm[2 * i + 1] ?? NaN),
  );
  // Rounding of the coordinates.
  assert.ok(Math.abs(Math.max(...distances) - 150) < 1e-9);
  const { areaKm2, minimumAngleDegrees } = triangulationQuality(wider.verticesKm, wider.triangles);
  const outline = 200 * 100 + 600 * 150 + Math.PI * 150 ** 2;
  // A polygon inscribed in the outline, edges up to 75 km on arcs of 150 km: the sagitta is below 5 km.
  assert.ok(areaKm2 < outline && areaKm2 > outline - 5 * (600 + 2 * Math.PI * 150));
  assert.ok(minimumAngleDegrees > 10);
  assert.equal(widerMesh(mesh, 0), mesh);
});

test('a boundary at half a range mirrors 14 % of the variance, at three quarters 4 %, at one range 1 %', () => {
  const mirrored = [0.5, 0.75, 1].map((distance) => Math.round(100 * maternCorrelation(2 * distance, 1)));
  assert.deepEqual(mirrored, [14, 4, 1]);
});
