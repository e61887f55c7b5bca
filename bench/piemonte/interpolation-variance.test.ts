// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { assembleFiniteElements, planarPointProjector } from '../../mesh/index.js';
import { maternCorrelation } from '../../modelling/matern.js';
import { interpolationVariances } from './interpolation-variance.js';

const verticesKm = Float64Array.of(0, 0, 40, 0, 0, 40);
const triangles = Int32Array.of(0, 1, 2);
const mesh = {
  projection: '',
  verticesKm,
  triangles,
  interior: new Uint8Array(3).fill(1),
  ...assembleFiniteElements(verticesKm, triangles),
};

function variances(pointsKm: Float64Array, rangeKm: number): Float64Array {
  return interpolationVariances(mesh, planarPointProjector(mesh, pointsKm), pointsKm, { rangeKm, variance: 2 });
}

test('nothing is hidden at a node, and on an edge what two nodes leave open', () => {
  const [atNode, onEdge] = variances(Float64Array.of(0, 0, 20, 0), 100);
  // Rounding of 1 - 2 + 1 and the polynomials of K1, good to 1e-7.
  assert.ok((atNode ?? NaN) < 1e-6);
  // (u(0) + u(40)) / 2 against u(20): 1 - 2 c(20) + (1 + c(40)) / 2, written out.
  const expected = 2 * (1.5 - 2 * maternCorrelation(20, 100) + maternCorrelation(40, 100) / 2);
  assert.ok(Math.abs((onEdge ?? NaN) - expected) < 1e-9);
});

test('a field with a longer range hides less', () => {
  const point = Float64Array.of(13, 13);
  const hidden = [50, 100, 200, 400].map((rangeKm) => variances(point, rangeKm)[0] ?? NaN);
  hidden.slice(1).forEach((value, i) => {
    assert.ok(value > 0 && value < (hidden[i] ?? NaN));
  });
});
