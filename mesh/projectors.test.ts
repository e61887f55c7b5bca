// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CsrMatrix } from '../artifacts/schemas/mesh.js';
import { isTramontanaError } from '../common/errors.js';
import { buildMesh } from './build-mesh.js';
import { meshDrawing } from './mesh-drawing.js';
import { createLocalProjection, type GeographicBox } from './projection.js';
import { arealProjector, planarPointProjector, pointProjector } from './projectors.js';
import { multiplyCsr, takeCsrRows } from './sparse.js';

const domain: GeographicBox = { north: 46.0, south: 44.4, west: 8, east: 11 };
const mesh = buildMesh(domain, { interiorEdgeKm: 20 });
const projection = createLocalProjection(domain);
/** A linear function of the planar coordinates, at the nodes. */
const slope = (x: number, y: number): number => 3 + 0.25 * x - 0.5 * y;
const nodal = Float64Array.from(mesh.c0, (_, i) => slope(mesh.verticesKm[2 * i] ?? 0, mesh.verticesKm[2 * i + 1] ?? 0));
// Values up to 200, interpolated with three weights of rounding 1e-16 each.
const ROUNDING = 1e-11;

function rowSums(matrix: CsrMatrix): Float64Array {
  return multiplyCsr(matrix, new Float64Array(matrix.numColumns).fill(1));
}

function grid(step: number, box: GeographicBox = domain) {
  const latitudes = Math.round((box.north - box.south) / step);
  const longitudes = Math.round((box.east - box.west) / step);
  return {
    latitudesDegrees: Float64Array.from({ length: latitudes }, (_, i) => box.north - (i + 0.5) * step),
    longitudesDegrees: Float64Array.from({ length: longitudes }, (_, j) => box.west + (j + 0.5) * step),
    latitudeStepDegrees: step,
    longitudeStepDegrees: step,
  };
}

test('points: rows sum to one, are not negative and reproduce linear functions', () => {
  const longitudesDegrees = Float64Array.from({ length: 500 }, (_, i) => 8 + 3 * ((i * Math.SQRT2) % 1));
  const latitudesDegrees = Float64Array.from({ length: 500 }, (_, i) => 44.4 + 1.6 * ((i * Math.sqrt(3)) % 1));
  const matrix = pointProjector(mesh, { longitudesDegrees, latitudesDegrees });
  for (const sum of rowSums(matrix)) assert.ok(Math.abs(sum - 1) < 1e-14);
  assert.ok(matrix.values.every((value) => value >= 0));
  multiplyCsr(matrix, nodal).forEach((value, i) => {
    const [x, y] = projection.forward(longitudesDegrees[i] ?? 0, latitudesDegrees[i] ?? 0);
    assert.ok(Math.abs(value - slope(x, y)) < ROUNDING);
  });
});

test('at the nodes the projector is the identity, at edge middles the mean of the ends', () => {
  const identity = planarPointProjector(mesh, mesh.verticesKm);
  multiplyCsr(identity, nodal).forEach((value, i) => assert.ok(Math.abs(value - (nodal[i] ?? 0)) < ROUNDING));
  const [a, b] = [mesh.triangles[0] ?? 0, mesh.triangles[1] ?? 0];
  const middle = [0, 1].map((k) => ((mesh.verticesKm[2 * a + k] ?? 0) + (mesh.verticesKm[2 * b + k] ?? 0)) / 2);
  const bump = new Float64Array(mesh.c0.length);
  bump[a] = 1;
  const [value] = multiplyCsr(planarPointProjector(mesh, Float64Array.from(middle)), bump);
  assert.ok(Math.abs((value ?? 0) - 0.5) < 1e-13);
});

test('cells: rows sum to one; the mean of a linear function is its mean over the sub-points', () => {
  const cells = grid(0.1);
  const k = 3;
  const matrix = arealProjector(mesh, cells, { subPointsPerSide: k });
  assert.equal(matrix.numRows, 16 * 30);
  for (const sum of rowSums(matrix)) assert.ok(Math.abs(sum - 1) < 1e-14);
  multiplyCsr(matrix, nodal).forEach((value, row) => {
    const latitude = cells.latitudesDegrees[Math.floor(row / 30)] ?? 0;
    const longitude = cells.longitudesDegrees[row % 30] ?? 0;
    let mean = 0;
    for (const down of [-1 / 3, 0, 1 / 3]) {
      for (const right of [-1 / 3, 0, 1 / 3]) {
        mean += slope(...projection.forward(longitude + right * 0.1, latitude + down * 0.1)) / (k * k);
      }
    }
    assert.ok(Math.abs(value - mean) < ROUNDING);
  });
});

test('the mean over all cells approaches the integral over the domain as sub-points grow', () => {
  const cells = grid(0.1);
  const wave = Float64Array.from(mesh.c0, (_, i) => Math.sin((mesh.verticesKm[2 * i] ?? 0) / 30));
  const mean = (k: number): Float64Array => multiplyCsr(arealProjector(mesh, cells, { subPointsPerSide: k }), wave);
  const fine = mean(12);
  const worst = (k: number): number =>
    mean(k).reduce((w, value, i) => Math.max(w, Math.abs(value - (fine[i] ?? 0))), 0);
  // The midpoint rule on piecewise linear functions converges quadratically; kinks at edges make it a little slower.
  assert.ok(worst(4) < 0.25 * worst(1), `${worst(4)} against ${worst(1)}`);
});

test('a place outside the mesh is an error that names it', () => {
  const points = { longitudesDegrees: [9, 30], latitudesDegrees: [45, 45] };
  assert.throws(
    () => pointProjector(mesh, points),
    (error) => isTramontanaError(error, 'Mesh.PointOutside') && /Point 1.*longitude 30/.test(error.message),
  );
  assert.throws(
    () => pointProjector(mesh, { longitudesDegrees: [Number.NaN], latitudesDegrees: [45] }),
    /longitude NaN/,
  );
  assert.throws(() => arealProjector(mesh, grid(0.1), { subPointsPerSide: 0 }), /subPointsPerSide.*got 0/);
});

test('8,000 cells with 9 sub-points take well under a second', () => {
  const started = performance.now();
  const matrix = arealProjector(mesh, grid(0.0245), { subPointsPerSide: 3 });
  const seconds = (performance.now() - started) / 1000;
  assert.ok(matrix.numRows > 7900, `${matrix.numRows} rows`);
  // About 0.15 s on an idle machine; a loaded one may take several times as long.
  assert.ok(seconds < 1, `${seconds} s`);
});

test('taking rows keeps them as they are, in the order asked for', () => {
  const matrix = arealProjector(mesh, grid(0.4), { subPointsPerSide: 2 });
  const values = multiplyCsr(matrix, nodal);
  assert.deepStrictEqual([...multiplyCsr(takeCsrRows(matrix, [5, 0, 5]), nodal)], [values[5], values[0], values[5]]);
});

test('projection and inverse return to the start; areas are true', () => {
  const [longitude, latitude] = projection.inverse(...projection.forward(8.37, 45.91));
  // The series of the ellipsoidal latitude is cut off at 2e-9 degrees, a fifth of a millimetre.
  assert.ok(Math.abs(longitude - 8.37) < 1e-8 && Math.abs(latitude - 45.91) < 1e-8);
  const corners = [
    [8, 44.4],
    [11, 44.4],
    [11, 46],
    [8, 46],
  ] as const;
  const side = 200;
  const ring = corners.flatMap(([startLongitude, startLatitude], i) => {
    const [endLongitude, endLatitude] = corners[(i + 1) % 4] ?? corners[0];
    return Array.from({ length: side }, (_, s) =>
      projection.forward(
        startLongitude + ((endLongitude - startLongitude) * s) / side,
        startLatitude + ((endLatitude - startLatitude) * s) / side,
      ),
    );
  });
  const area = ring.reduce((sum, [x, y], i) => {
    const [nextX, nextY] = ring[(i + 1) % ring.length] ?? [0, 0];
    return sum + (x * nextY - nextX * y) / 2;
  }, 0);
  // Area between two parallels of the WGS84 ellipsoid through the authalic function q [Snyder1987, eq. 3-12].
  const eccentricity = Math.sqrt(2 / 298.257223563 - 1 / 298.257223563 ** 2);
  const q = (degrees: number): number => {
    const s = Math.sin((degrees * Math.PI) / 180);
    return (1 - eccentricity ** 2) * (s / (1 - (eccentricity * s) ** 2) + Math.atanh(eccentricity * s) / eccentricity);
  };
  const exact = (6378.137 ** 2 * ((3 * Math.PI) / 180) * (q(46) - q(44.4))) / 2;
  // The outline is made of 800 chords: relative error about (1 / side)^2 of the bow, below 1e-6.
  assert.ok(Math.abs(area / exact - 1) < 1e-6, `${area} against ${exact} km2`);
});

test('the drawing holds each edge once, in degrees, and the closed outline of the domain', () => {
  const drawing = meshDrawing(mesh, domain);
  // Euler for a disc: V - E + T = 1.
  assert.equal(drawing.numVertices - drawing.segmentsDegrees.length / 4 + drawing.numTriangles, 1);
  const longitudes = drawing.segmentsDegrees.filter((_, i) => i % 2 === 0);
  assert.ok(Math.min(...longitudes) < domain.west && Math.max(...longitudes) > domain.east);
  assert.deepStrictEqual([...drawing.outline.subarray(0, 2)], [...drawing.outline.subarray(-2)]);
});
