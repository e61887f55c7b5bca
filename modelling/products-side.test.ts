// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isTramontanaError } from '../common/errors.js';
import { buildMesh, multiplyCsr } from '../mesh/index.js';
import { toConcentrations } from './concentrations.js';
import type { ModelDay, ModelFrame } from './frame.js';
import { summariseParameters } from './parameter-summaries.js';
import { buildPredictionDesigns, fineGrid } from './prediction-designs.js';

const box = { north: 45.5, south: 45.2, west: 9, east: 9.4 };
const mesh = buildMesh(box, { interiorEdgeKm: 8 });
const day = (timeIndex: number, origin: ModelDay['origin']): ModelDay => ({
  timeIndex,
  timeMs: timeIndex * 86_400_000,
  date: `1970-01-0${timeIndex + 1}`,
  origin,
  observations: [12, 12],
});
const frame: Pick<ModelFrame, 'kind' | 'pollutants' | 'thetaNames' | 'standardisation' | 'covariates' | 'dayTable'> = {
  kind: 'spatio-temporal',
  pollutants: ['pm2_5', 'o3'],
  thetaNames: [
    ...['log_range_km_pm2_5', 'log_range_days_pm2_5', 'log_noise_precision_pm2_5'],
    ...['log_range_km_o3', 'log_range_days_o3', 'log_noise_precision_o3'],
    ...['log_sigma_pm2_5', 'log_sigma_o3', 'weight_pm2_5_in_o3'],
  ],
  standardisation: [
    { pollutant: 'pm2_5', statistic: 'daily_mean', meanUgM3: 25, sdUgM3: 5 },
    { pollutant: 'o3', statistic: 'daily_max_8h_mean', meanUgM3: 80, sdUgM3: 10 },
  ],
  covariates: { names: ['intercept', 'elevation_km'], referenceElevationM: 300 },
  dayTable: [day(0, 'analysis'), day(1, 'forecast')],
};

test('the fine grid covers the box with cells of the exact size', () => {
  const grid = fineGrid({ north: 46.1, south: 44.7, west: 8.6, east: 10.8 }, 0.02);
  assert.equal(grid.latitudesDegrees.length, 70);
  assert.equal(grid.longitudesDegrees.length, 110);
  assert.equal(grid.latitudesDegrees[0], 46.09);
  assert.equal(grid.latitudesDegrees[69], 44.71);
  assert.equal(grid.longitudesDegrees[0], 8.61);
  assert.equal(grid.longitudesDegrees[109], 10.79);
  assert.equal(fineGrid(box, 0.25).latitudesDegrees.length, 2, 'a remainder is covered by one more row');
  assert.throws(() => fineGrid(box, 0), /expected a resolution.*got 0/);
  assert.throws(
    () => fineGrid(box, 1e-5),
    (error) => isTramontanaError(error, 'Modelling.InvalidGrid'),
  );
});

test('designs: cell means of the field, intercept and elevation above the reference, all days', () => {
  const grid = fineGrid(box, 0.1);
  const fineElevationM = Float64Array.from({ length: 12 }, (_, cell) => 100 * cell);
  const designs = buildPredictionDesigns({ grid, mesh, frame, fineElevationM });
  assert.deepEqual(
    designs.map(({ process }) => process),
    [0, 1],
  );
  for (const { projector, covariates, timeIndices } of designs) {
    assert.deepEqual([...timeIndices], [0, 1]);
    const sums = multiplyCsr(projector, new Float64Array(mesh.c0.length).fill(1));
    for (const sum of sums) assert.ok(Math.abs(sum - 1) < 1e-14);
    assert.deepEqual([...covariates.subarray(0, 4)], [1, -0.3, 1, -0.2]);
    assert.equal(covariates.length, 24);
  }
  assert.throws(
    () => buildPredictionDesigns({ grid, mesh, frame }),
    (error) => isTramontanaError(error, 'Modelling.MissingElevation'),
  );
});

test('moments become concentrations: mean and sd scale, origins and days stay', () => {
  const grid = fineGrid(box, 0.1);
  const moments = [0, 1].map((k) => ({
    mean: Float64Array.from({ length: 24 }, (_, i) => k + i / 10),
    variance: new Float64Array(24).fill(0.04),
  }));
  const posterior = toConcentrations({ moments, frame, grid });
  assert.deepEqual(posterior.origins, ['analysis', 'forecast']);
  const [pm, ozone] = [posterior.variables[0] ?? assert.fail(), posterior.variables[1] ?? assert.fail()];
  assert.deepEqual([pm.hasData, ozone.hasData].flat(), [true, true, true, true]);
  assert.equal(pm.mean[4], 25 + 5 * 0.4);
  assert.equal(ozone.mean[0], 90);
  assert.equal(ozone.statistic, 'daily_max_8h_mean');
  // sqrt(0.04) is 0.2 to the last bit.
  assert.ok(pm.sd.every((sd) => sd === 1) && ozone.sd.every((sd) => sd === 2));
});

test('a day whose data are a forecast carries the errors of the forecast, pollutant by pollutant', () => {
  const grid = fineGrid(box, 0.1);
  const moments = [0, 1].map(() => ({ mean: new Float64Array(24), variance: new Float64Array(24).fill(0.09) }));
  const forecastDay = { ...day(1, 'forecast'), forecastErrorSd: 0.4, observations: [12, 0] };
  const posterior = toConcentrations({
    moments,
    grid,
    frame: { ...frame, dayTable: [day(0, 'analysis'), forecastDay] },
  });
  const sds = posterior.variables.map(({ sd }) => [sd[0], sd[11], sd[12], sd[23]].map((value) => value?.toFixed(12)));
  // sqrt(.3^2 + .4^2) = .5 of a sd of 5; of ozone there is no forecast on that day.
  assert.deepEqual(sds, [
    ['1.500000000000', '1.500000000000', '2.500000000000', '2.500000000000'],
    ['3.000000000000', '3.000000000000', '3.000000000000', '3.000000000000'],
  ]);
});

test('moments that are no moments are refused', () => {
  const grid = fineGrid(box, 0.1);
  const moments = [0, 1].map(() => ({ mean: new Float64Array(24), variance: new Float64Array(24).fill(1) }));
  assert.throws(() => toConcentrations({ moments: moments.slice(1), frame, grid }), /each of 2 pollutants, got 1/);
  moments[1]?.variance.fill(-0.1, 13, 14);
  assert.throws(
    () => toConcentrations({ moments, frame, grid }),
    (error) =>
      isTramontanaError(error, 'Modelling.InvalidMoments') && /o3.*-0.1 on day 1970-01-02, cell 1/.test(error.message),
  );
  moments[1]?.variance.fill(-1e-12, 13, 14);
  // Rounding below zero is zero.
  assert.equal(toConcentrations({ moments, frame, grid }).variables[1]?.sd[13], 0);
});

test('parameters: estimates and intervals on natural scales', () => {
  const theta = [
    Math.log(100),
    Math.log(8),
    Math.log(25),
    Math.log(50),
    Math.log(4),
    Math.log(16),
    0,
    Math.log(0.5),
    -0.4,
  ];
  const thetaCovariance = theta.map((_, i) => theta.map((__, j) => (i === j ? 0.01 : 0)));
  const fixedEffects = { mean: [0.2, -1.2, 0, 0.8], sd: [0.1, 0.05, 0.1, 0.05] };
  const summaries = summariseParameters({ theta, thetaCovariance, fixedEffects }, frame);
  const of = (name: string) => summaries.find((entry) => entry.name === name) ?? assert.fail(name);
  // exp and log return to the start within a few rounding errors.
  const close = (actual: number, expected: number) =>
    assert.ok(Math.abs(actual / expected - 1) < 1e-12, `${actual} against ${expected}`);
  close(of('range_km_pm2_5').estimate, 100);
  close(of('range_km_pm2_5').upper95, 100 * Math.exp(0.1 * 1.959963984540054));
  close(of('range_days_o3').estimate, 4);
  close(of('noise_sd_ug_m3_pm2_5').estimate, 5 / Math.sqrt(25));
  assert.ok(of('noise_sd_ug_m3_pm2_5').lower95 < of('noise_sd_ug_m3_pm2_5').upper95);
  close(of('sigma_ug_m3_o3').estimate, 5);
  close(of('weight_pm2_5_in_o3').estimate, -0.4);
  close(of('weight_pm2_5_in_o3').lower95, -0.4 - 0.1 * 1.959963984540054);
  close(of('intercept_ug_m3_pm2_5').estimate, 26);
  close(of('elevation_effect_ug_m3_per_km_o3').estimate, 8);
  assert.equal(of('elevation_effect_ug_m3_per_km_o3').label, 'Effect of elevation, O3');
  assert.equal(summaries.length, 4 + 4 + 4 + 1);
  assert.throws(
    () => summariseParameters({ theta: [1], thetaCovariance, fixedEffects }, frame),
    /expected 9 theta, got 1/,
  );
});
