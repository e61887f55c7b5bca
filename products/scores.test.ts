// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { FineGridPosterior } from '../artifacts/schemas/fine-grid-posterior.js';
import type { FieldOrigin, GriddedField } from '../artifacts/schemas/gridded-field.js';
import { isTramontanaError } from '../common/errors.js';
import { bracketOf, interpolateBilinear } from './bilinear.js';
import { evaluateAgainstTruth } from './scores.js';

const DAY_MS = 86_400_000;
/** Sums of a few doubles of order 10. */
const ROUNDING = 1e-12;

function field(
  latitudes: number[],
  longitudes: number[],
  days: number,
  values: number[],
  pollutant = 'pm10',
): GriddedField {
  return {
    cadence: 'daily',
    latitudesDegrees: Float64Array.from(latitudes),
    longitudesDegrees: Float64Array.from(longitudes),
    timesMs: Float64Array.from({ length: days }, (_, day) => day * DAY_MS),
    origins: Array.from({ length: days }, (): FieldOrigin => 'analysis'),
    variables: [{ species: pollutant, units: 'ug m-3', statistic: 'daily_mean', values: Float64Array.from(values) }],
  };
}

function posterior(days: number, origins: FieldOrigin[], mean: number[], sd: number[]): FineGridPosterior {
  return {
    resolutionDegrees: 1,
    latitudesDegrees: Float64Array.of(46, 45),
    longitudesDegrees: Float64Array.of(9, 10),
    timesMs: Float64Array.from({ length: days }, (_, day) => day * DAY_MS),
    origins,
    variables: [
      {
        pollutant: 'pm10',
        units: 'ug m-3',
        statistic: 'daily_mean',
        hasData: origins.map(() => true),
        mean: Float64Array.from(mean),
        sd: Float64Array.from(sd),
      },
    ],
  };
}

test('bilinear interpolation reproduces a bilinear function and is constant beyond the outermost centres', () => {
  // f = 1 + 2 (46 - lat) + 3 (lon - 9) + 4 (46 - lat)(lon - 9) on centres 46, 45 and 9, 10.
  const coarse = field([46, 45], [9, 10], 1, [1, 4, 3, 10]);
  const values = coarse.variables[0]?.values as Float64Array;

  const fine = interpolateBilinear(coarse, values, 0, Float64Array.of(47, 45.5, 44), Float64Array.of(8, 9.25, 11));

  const expected = [1, 1.75, 4, 2, 1 + 1 + 0.75 + 0.5, 7, 3, 4.75, 10];
  fine.forEach((value, k) => assert.ok(Math.abs(value - (expected[k] as number)) < ROUNDING, `${k}: ${value}`));
});

test('a missing corner counts only where it has weight', () => {
  const coarse = field([46, 45], [9, 10], 1, [1, Number.NaN, 3, 5]);

  const fine = interpolateBilinear(
    coarse,
    coarse.variables[0]?.values as Float64Array,
    0,
    Float64Array.of(46, 45),
    Float64Array.of(9, 9.5),
  );

  assert.deepEqual([...fine], [1, Number.NaN, 3, 4]);
});

test('an axis is bracketed in either direction; a single centre is everywhere', () => {
  assert.deepEqual(bracketOf(Float64Array.of(1, 2, 4), 3), { lower: 1, upper: 2, weight: 0.5 });
  assert.deepEqual(bracketOf(Float64Array.of(4, 2, 1), 3), { lower: 0, upper: 1, weight: 0.5 });
  assert.deepEqual(bracketOf(Float64Array.of(5), 3), { lower: 0, upper: 0, weight: 0 });
});

test('scores agree with values computed by hand, analysis and forecast days apart', () => {
  const truth = field([46, 45], [9, 10], 2, [10, 10, 10, 10, 20, 20, 20, 20]);
  // Errors of the mean: day 0: 1, -1, 1, -1; day 1: 2, 2, 2, 6.
  const fine = posterior(2, ['analysis', 'forecast'], [11, 9, 11, 9, 22, 22, 22, 26], [1, 1, 0.5, 1, 2, 2, 2, 2]);
  // One coarse cell: constant 13 on day 0 (error 3), 19 on day 1 (error -1).
  const coarse = field([45.5], [9.5], 2, [13, 19]);

  const scores = evaluateAgainstTruth({ posterior: fine, truth, coarse }).pm10;

  assert.ok(scores);
  assert.equal(scores.days, 1);
  assert.ok(Math.abs(scores.rmse - 1) < ROUNDING);
  assert.ok(Math.abs(scores.rmseBilinear - 3) < ROUNDING);
  // An error of 1 lies inside 1.96 sd for sd 1 and outside for sd 0.5.
  assert.equal(scores.coverage95, 0.75);
  assert.ok(scores.forecast);
  assert.ok(Math.abs(scores.forecast.rmse - Math.sqrt((4 + 4 + 4 + 36) / 4)) < ROUNDING);
  assert.ok(Math.abs(scores.forecast.rmseBilinear - 1) < ROUNDING);
  assert.equal(scores.forecast.coverage95, 0.75);
});

test('cells without truth are left out for both estimates', () => {
  const truth = field([46, 45], [9, 10], 1, [10, Number.NaN, Number.NaN, 10]);
  const fine = posterior(1, ['analysis'], [12, 99, 99, 12], [1, 1, 1, 1]);
  const coarse = field([46, 45], [9, 10], 1, [11, 50, 50, 11]);

  const scores = evaluateAgainstTruth({ posterior: fine, truth, coarse }).pm10;

  assert.ok(scores);
  assert.ok(Math.abs(scores.rmse - 2) < ROUNDING);
  assert.ok(Math.abs(scores.rmseBilinear - 1) < ROUNDING);
  assert.equal(scores.coverage95, 0);
});

test('a truth on another grid is refused, a truth of another pollutant gives no score', () => {
  const fine = posterior(1, ['analysis'], [1, 1, 1, 1], [1, 1, 1, 1]);
  const coarse = field([45.5], [9.5], 1, [1]);

  assert.throws(
    () => evaluateAgainstTruth({ posterior: fine, truth: field([46.4, 45.4], [9.4, 10.4], 1, [1, 1, 1, 1]), coarse }),
    (error) => isTramontanaError(error, 'Products.TruthOffGrid'),
  );
  const other = field([46, 45], [9, 10], 1, [1, 1, 1, 1], 'no2');
  assert.deepEqual(evaluateAgainstTruth({ posterior: fine, truth: other, coarse }), {});
});
