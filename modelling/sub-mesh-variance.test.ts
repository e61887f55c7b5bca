// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GriddedField } from '../artifacts/schemas/gridded-field.js';
import { buildMesh } from '../mesh/index.js';
import { errorVariances } from './local-prediction.js';
import { maternCorrelation } from './matern.js';
import { fineGrid } from './prediction-designs.js';
import { matchRoughness, meanCorrelation } from './roughness.js';
import { subMeshVariance } from './sub-mesh-variance.js';

const box = { north: 45.6, south: 45.0, west: 9, east: 9.8 };

test('the correlation is x K1(x)', () => {
  // x K1(x) at range sqrt(8): values of K1 from [Abramowitz1972, table 9.8]; the polynomials are good to 1e-7.
  const reference: readonly (readonly [number, number])[] = [
    [0.1, 0.1 * 9.8538447809],
    [0.5, 0.5 * 1.65644112],
    [1, 0.6019072302],
    [2, 2 * 0.1398658818],
    [5, 5 * 0.0040446134],
  ];
  for (const [x, value] of reference)
    assert.ok(Math.abs(maternCorrelation(x, Math.sqrt(8)) - value) < 2e-7, `x = ${x}`);
  assert.equal(maternCorrelation(0, 50), 1);
});

test('matching finds the field whose cell means were measured', () => {
  const size = [8, 11] as const;
  for (const rangeKm of [40, 100, 250]) {
    const own = meanCorrelation(size, size, 0, 0, rangeKm);
    const neighbours = (meanCorrelation(size, size, 8, 0, rangeKm) + meanCorrelation(size, size, 0, 11, rangeKm)) / 2;
    const found = matchRoughness({ variance: 2 * own, semivariance: 2 * (own - neighbours), widthKm: 8, heightKm: 11 });
    // Sixty bisections of the log range; the semivariance carries 1e-7 of the correlation's polynomials, amplified by 1/0.01.
    assert.ok(Math.abs((found?.rangeKm ?? 0) / rangeKm - 1) < 1e-3, `${found?.rangeKm} against ${rangeKm}`);
    assert.ok(Math.abs((found?.variance ?? 0) / 2 - 1) < 1e-4);
  }
});

test('nothing is matched where cells do not differ', () => {
  assert.equal(matchRoughness({ variance: 1, semivariance: -0.01, widthKm: 8, heightKm: 11 }), undefined);
  assert.equal(matchRoughness({ variance: 0, semivariance: 0.1, widthKm: 8, heightKm: 11 }), undefined);
});

test('error variances agree with two cells worked out by hand', () => {
  const around = [
    { rows: 0, columns: 0 },
    { rows: 0, columns: 1 },
  ];
  const covariances = {
    cells: Float64Array.of(1, 0.5, 0.5, 1),
    places: Float64Array.of(0.8, 0.4),
    placeVariances: Float64Array.of(1.2),
  };
  // (C + I)^-1 = [[2, -0.5], [-0.5, 2]] / 3.75; c' (C + I)^-1 c = (2 * 0.64 - 2 * 0.5 * 0.32 + 2 * 0.16) / 3.75.
  const expected = 1.2 - (1.28 - 0.32 + 0.32) / 3.75;
  assert.ok(Math.abs((errorVariances(around, covariances, 1)[0] ?? 0) - expected) < 1e-15);
});

/** Cells of a rough, non-periodic pattern, 6 x 8 over the box. */
function roughField(): GriddedField {
  const numDays = 6;
  return {
    cadence: 'daily',
    latitudesDegrees: Float64Array.from({ length: 6 }, (_, i) => 45.55 - 0.1 * i),
    longitudesDegrees: Float64Array.from({ length: 8 }, (_, j) => 9.05 + 0.1 * j),
    timesMs: Float64Array.from({ length: numDays }, (_, t) => t * 86_400_000),
    origins: new Array<'analysis'>(numDays).fill('analysis'),
    variables: [
      {
        species: 'pm10',
        units: 'ug m-3',
        statistic: 'daily_mean',
        values: Float64Array.from({ length: numDays * 48 }, (_, index) => {
          const [t, i, j] = [Math.floor(index / 48), Math.floor((index % 48) / 8), index % 8];
          return 40 + 8 * Math.sin(0.5 * i + t) + 6 * Math.cos(0.4 * j - 2 * t) + 2 * Math.sin(1.7 * i * j + t);
        }),
      },
    ],
  };
}

function missing(interiorEdgeKm: number): Float64Array {
  const [variance] = subMeshVariance({
    field: roughField(),
    mesh: buildMesh(box, { interiorEdgeKm, extensionKm: 40 }),
    grid: fineGrid(box, 0.02),
    frame: { kind: 'spatio-temporal', pollutants: ['pm10'] },
    theta: [Math.log(80), Math.log(4), 0, Math.log(100)],
  });
  return variance ?? assert.fail();
}

test('the variance between nodes is not negative and shrinks as the mesh is refined', () => {
  const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [coarse, medium, fine] = [missing(16), missing(9), missing(4)];
  for (const values of [coarse, medium, fine]) {
    assert.equal(values.length, 30 * 40);
    assert.ok(values.every((value) => value >= 0 && Number.isFinite(value)));
  }
  assert.ok(
    mean(medium) < mean(coarse) && mean(fine) < 0.5 * mean(medium),
    [coarse, medium, fine].map(mean).join(' > '),
  );
});

test('a field that is smooth from cell to cell has no variance between nodes', () => {
  const field = roughField();
  const values = field.variables[0]?.values ?? assert.fail();
  values.forEach((_, index) => (values[index] = 20 + Math.floor(index / 48)));
  const [variance] = subMeshVariance({
    field,
    mesh: buildMesh(box, { interiorEdgeKm: 12, extensionKm: 40 }),
    grid: fineGrid(box, 0.1),
    frame: { kind: 'spatio-temporal', pollutants: ['pm10'] },
    theta: [Math.log(80), Math.log(4), 0, Math.log(100)],
  });
  assert.ok(variance?.every((value) => value === 0));
});
