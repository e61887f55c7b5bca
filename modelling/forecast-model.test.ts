// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FieldOrigin, GriddedField } from '../artifacts/schemas/gridded-field.js';
import type { ErrorTag } from '../common/error-tags.js';
import { isTramontanaError } from '../common/errors.js';
import { DAILY_STATISTIC, type PollutantId } from '../common/pollutants.js';
import { buildMesh, multiplyCsr } from '../mesh/index.js';
import { frameOf } from './forecast-frame.js';
import { buildForecastModel, type ForecastModelInputs } from './forecast-model.js';

const DAY_MS = 86_400_000;
const START_MS = Date.UTC(2026, 2, 2);
const box = { north: 45.5, south: 45.2, west: 9, east: 9.4 };
const mesh = buildMesh(box, { interiorEdgeKm: 8 });

/** A field of smooth waves in space and time, 3 x 4 cells. */
function waves(
  pollutants: readonly PollutantId[],
  origins: readonly FieldOrigin[],
  days: readonly number[] = origins.map((_, t) => t),
): GriddedField {
  return {
    cadence: 'daily',
    latitudesDegrees: Float64Array.of(45.45, 45.35, 45.25),
    longitudesDegrees: Float64Array.of(9.05, 9.15, 9.25, 9.35),
    timesMs: Float64Array.from(days, (day) => START_MS + day * DAY_MS),
    origins,
    variables: pollutants.map((species, k) => ({
      species,
      units: 'ug m-3',
      statistic: DAILY_STATISTIC[species],
      values: Float64Array.from({ length: 12 * origins.length }, (_, i) => 30 + 10 * k + 5 * Math.sin(0.7 * i + k)),
    })),
  };
}

const analysis = (count: number): FieldOrigin[] => new Array<FieldOrigin>(count).fill('analysis');
const forecast = (count: number): FieldOrigin[] => new Array<FieldOrigin>(count).fill('forecast');
const elevationM = Float64Array.from({ length: 12 }, (_, cell) => 100 + 50 * cell);

function build(field: GriddedField, pollutants: readonly PollutantId[], more: Partial<ForecastModelInputs> = {}) {
  return buildForecastModel({ field, mesh, config: { pollutants }, ...more });
}

test('every non-missing value is one observation, standardised to mean 0 and sd 1', () => {
  const field = waves(['pm2_5', 'o3'], [...analysis(5), ...forecast(2)]);
  field.variables[1]?.values.fill(Number.NaN, 3, 6);
  const { model, facts } = build(field, ['pm2_5', 'o3']);
  assert.deepEqual(
    model.observations.map(({ process, y }) => [process, y.length]),
    [
      [0, 5 * 12],
      [1, 5 * 12 - 3],
      [0, 2 * 12],
      [1, 2 * 12],
    ],
  );
  assert.equal(facts.numObservations, 14 * 12 - 3);
  for (const process of [0, 1]) {
    const y = model.observations.flatMap((group) => (group.process === process ? [...group.y] : []));
    const mean = y.reduce((sum, value) => sum + value, 0) / y.length;
    const variance = y.reduce((sum, value) => sum + value * value, 0) / y.length;
    // Sums of 80 numbers of order one.
    assert.ok(Math.abs(mean) < 1e-13 && Math.abs(variance - 1) < 1e-13);
  }
});

test('standardisation takes observations back to concentrations', () => {
  const field = waves(['no2'], analysis(4));
  const { model, standardisation } = build(field, ['no2'], { horizonDaysWithoutForecast: 0 });
  const { meanUgM3, sdUgM3, statistic } = standardisation[0] ?? assert.fail();
  assert.equal(statistic, 'daily_mean');
  model.observations[0]?.y.forEach((y, i) => {
    // One multiplication and one addition at 40 ug m-3.
    assert.ok(Math.abs(meanUgM3 + sdUgM3 * y - (field.variables[0]?.values[i] ?? 0)) < 1e-13);
  });
});

test('observations are cell means: rows weigh one, and follow their cells through missing values', () => {
  const field = waves(['pm10'], analysis(2));
  field.variables[0]?.values.fill(Number.NaN, 0, 1);
  const { model } = build(field, ['pm10']);
  const projector = model.observations[0]?.projector ?? assert.fail();
  const x = mesh.verticesKm.filter((_, i) => i % 2 === 0);
  const cellX = multiplyCsr(projector, x);
  // The first row is cell 1 (cell 0 is missing on day 0), row 12 is cell 1 of day 1.
  assert.equal(projector.numRows, 23);
  assert.equal(cellX[0], cellX[12]);
  assert.ok((cellX[0] ?? 0) < (cellX[1] ?? 0), 'cells run from west to east');
  const sums = multiplyCsr(projector, new Float64Array(mesh.c0.length).fill(1));
  for (const sum of sums) assert.ok(Math.abs(sum - 1) < 1e-14);
});

test('forecast days are observations of their own, with errors by lead day of which the last goes on', () => {
  const field = waves(['pm2_5'], [...analysis(2), ...forecast(4)]);
  const config = { pollutants: ['pm2_5'] as const, model: { forecastErrorSds: [0.5, 0.8] } };
  const { model, dayTable, thetaNames, facts, initialTheta } = buildForecastModel({ field, mesh, config });
  assert.deepEqual(
    dayTable.map(({ forecastErrorSd }) => forecastErrorSd),
    [undefined, undefined, 0.5, 0.8, 0.8, 0.8],
  );
  assert.deepEqual(
    dayTable.map(({ leadDay }) => leadDay),
    [undefined, undefined, 0, 1, 2, 3],
  );
  const [analyses, forecasts] = model.observations;
  assert.ok(analyses !== undefined && analyses.timeIndex.every((t) => t < 2));
  assert.equal(analyses.weights, undefined);
  // The precision 1/sd^2 of a cell is all in its weight: the noise of the analyses has no part in it.
  forecasts?.timeIndex.forEach((t, i) =>
    assert.equal(forecasts.weights?.[i], (dayTable[t]?.forecastErrorSd ?? 0) ** -2),
  );
  assert.equal(thetaNames.at(-1), 'log_forecast_precision_pm2_5');
  assert.deepEqual(model.priors.at(-1), { type: 'fixed', value: 0 });
  assert.equal(initialTheta.at(-1), 0);
  assert.equal(facts.numHyperparameters, 4);
});

test('forecasts alone are what the noise is learnt from', () => {
  const { model, thetaNames } = build(waves(['pm2_5'], forecast(3)), ['pm2_5']);
  assert.equal(model.observations.length, 1);
  assert.equal(thetaNames.length, 4);
  // A pollutant that only the forecast has keeps its own; the others are not touched.
  const field = waves(['pm2_5', 'o3'], [...analysis(3), ...forecast(2)]);
  field.variables[1]?.values.fill(Number.NaN, 0, 36);
  const mixed = build(field, ['pm2_5', 'o3']);
  assert.deepEqual(
    mixed.model.observations.map(({ process, y }) => [process, y.length]),
    [
      [0, 36],
      [1, 24],
      [0, 24],
    ],
  );
  assert.equal(mixed.thetaNames.at(-1), 'log_forecast_precision_pm2_5');
  assert.ok(mixed.initialTheta.every(Number.isFinite), mixed.initialTheta.join());
  assert.deepEqual(
    mixed.dayTable.map(({ observations }) => observations.join()),
    ['12,0', '12,0', '12,0', '12,12', '12,12'],
  );
});

test('days without data become steps: gaps in between, one day to forecast at the end', () => {
  const { model, dayTable } = build(waves(['pm2_5'], analysis(3), [0, 1, 4]), ['pm2_5']);
  assert.equal(model.numTimeSteps, 6);
  assert.deepEqual(
    dayTable.map(({ date, origin, observations }) => `${date} ${origin} ${observations.join()}`),
    [
      '2026-03-02 analysis 12',
      '2026-03-03 analysis 12',
      '2026-03-04 analysis 0',
      '2026-03-05 analysis 0',
      '2026-03-06 analysis 12',
      '2026-03-07 forecast 0',
    ],
  );
});

test('a single day gives a spatial model without temporal range', () => {
  const single = build(waves(['o3'], ['forecast']), ['o3']);
  assert.equal(single.model.kind, 'spatial');
  assert.deepEqual(single.thetaNames, ['log_range_km_o3', 'log_sigma_o3', 'log_noise_precision_o3']);
});

test('theta has one name, one prior, one sentence and one finite start a component, in the order of the engine', () => {
  const three = build(waves(['pm2_5', 'pm10', 'o3'], analysis(6)), ['pm2_5', 'pm10', 'o3']);
  assert.deepEqual(three.thetaNames, [
    ...['pm2_5', 'pm10', 'o3'].flatMap((id) => [
      `log_range_km_${id}`,
      `log_range_days_${id}`,
      `log_noise_precision_${id}`,
    ]),
    ...['pm2_5', 'pm10', 'o3'].map((id) => `log_sigma_${id}`),
    'weight_pm2_5_in_pm10',
    'weight_pm10_in_o3',
    'weight_pm2_5_in_o3',
  ]);
  const one = build(waves(['pm2_5'], analysis(6)), ['pm2_5']);
  assert.deepEqual(one.thetaNames, [
    'log_range_km_pm2_5',
    'log_range_days_pm2_5',
    'log_sigma_pm2_5',
    'log_noise_precision_pm2_5',
  ]);
  for (const { model, thetaNames, facts, initialTheta } of [three, one]) {
    assert.equal(model.priors.length, thetaNames.length);
    assert.equal(facts.priors.length, thetaNames.length);
    assert.equal(initialTheta.length, thetaNames.length);
    assert.ok(initialTheta.every(Number.isFinite), initialTheta.join());
    assert.deepEqual(
      model.priors.map((prior) => (prior.type === 'penalized-complexity' ? prior.kind : prior.type)),
      thetaNames.map((name) =>
        name.startsWith('log_range_km')
          ? 'spatial-range'
          : name.startsWith('log_range_days')
            ? 'temporal-range'
            : name.startsWith('log_sigma')
              ? 'sigma'
              : name.startsWith('log_noise')
                ? 'noise-sd'
                : 'gaussian',
      ),
    );
  }
});

test('priors of the configuration replace the defaults', () => {
  const priors = {
    spatialRangeKm: { threshold: 40, probability: 0.1 },
    temporalRangeDays: { threshold: 4, probability: 0.1 },
    sigma: { threshold: 2, probability: 0.1 },
    noiseSd: { threshold: 0.5, probability: 0.1 },
  };
  const config = { pollutants: ['pm2_5'] as const, model: { priors } };
  const { model, facts } = buildForecastModel({ field: waves(['pm2_5'], analysis(3)), mesh, config });
  const surprise = -Math.log(0.1);
  // Rates of [Fuglstad2019]: surprise times u, sqrt(u), 1/u, 1/u.
  assert.deepEqual(
    model.priors.map((prior) => (prior.type === 'penalized-complexity' ? prior.lambda : undefined)),
    [surprise * 40, surprise * 2, surprise / 2, surprise / 0.5],
  );
  assert.equal(facts.priors[0], 'P(range < 40 km) = 0.1');
});

test('elevation becomes a centred covariate in km; flat terrain does not', () => {
  const field = waves(['pm2_5'], analysis(2));
  const hilly = build(field, ['pm2_5'], { coarseElevationM: elevationM });
  const group = hilly.model.observations[0] ?? assert.fail();
  assert.equal(group.numCovariates, 2);
  const heights = group.covariates.filter((_, i) => i % 2 === 1);
  assert.deepEqual(hilly.covariates, { names: ['intercept', 'elevation_km'], referenceElevationM: 375 });
  assert.ok(Math.abs(heights.reduce((sum, km) => sum + km, 0)) < 1e-12);
  assert.ok(Math.abs((heights[0] ?? 0) + 0.275) < 1e-15);
  const flat = build(field, ['pm2_5'], { coarseElevationM: new Float64Array(12).fill(80) });
  assert.equal(flat.model.observations[0]?.numCovariates, 1);
  assert.match(flat.facts.elevation, /not used/);
});

test('the frame survives JSON', () => {
  const frame = frameOf(build(waves(['pm2_5'], analysis(3)), ['pm2_5'], { coarseElevationM: elevationM }));
  assert.deepEqual(JSON.parse(JSON.stringify(frame)), frame);
});

test('fields that cannot be modelled are refused with what was found', () => {
  const constant = waves(['pm2_5'], analysis(2));
  constant.variables[0]?.values.fill(17.3);
  const empty = waves(['pm2_5'], analysis(2));
  empty.variables[0]?.values.fill(Number.NaN);
  const halfDays = waves(['pm2_5'], analysis(2), [0, 0.5]);
  const irregular = { ...waves(['pm2_5'], analysis(2)), longitudesDegrees: Float64Array.of(9.05, 9.15, 9.35, 9.36) };
  const cases: readonly (readonly [ErrorTag, RegExp, () => unknown])[] = [
    ['Modelling.ConstantField', /all 24 equal 17.3/, () => build(constant, ['pm2_5'])],
    ['Modelling.NoObservations', /all 24 are missing/, () => build(empty, ['pm2_5'])],
    ['Modelling.MissingPollutant', /expected pollutant o3, got pm2_5/, () => build(empty, ['o3'])],
    ['Modelling.InvalidDays', /at time 1/, () => build(halfDays, ['pm2_5'])],
    ['Modelling.IrregularGrid', /equally spaced longitudes/, () => build(irregular, ['pm2_5'])],
    [
      'Modelling.ShapeMismatch',
      /12 cells, got 3/,
      () => build(waves(['pm2_5'], analysis(2)), ['pm2_5'], { coarseElevationM: new Float64Array(3) }),
    ],
    [
      'Modelling.MissingElevation',
      /got NaN at latitude 45.45, longitude 9.15/,
      () =>
        build(waves(['pm2_5'], analysis(2)), ['pm2_5'], {
          coarseElevationM: elevationM.map((value, cell) => (cell === 1 ? Number.NaN : value)),
        }),
    ],
    [
      'Modelling.InvalidForecastErrors',
      /positive number, got \[0.5, 0\]/,
      () =>
        buildForecastModel({
          field: waves(['pm2_5'], analysis(2)),
          mesh,
          config: { pollutants: ['pm2_5'], model: { forecastErrorSds: [0.5, 0] } },
        }),
    ],
    [
      'Modelling.InvalidPrior',
      /got 3 and 1/,
      () =>
        buildForecastModel({
          field: waves(['pm2_5'], analysis(2)),
          mesh,
          config: { pollutants: ['pm2_5'], model: { priors: { sigma: { threshold: 3, probability: 1 } } } },
        }),
    ],
  ];
  for (const [tag, message, run] of cases) {
    assert.throws(run, (error) => isTramontanaError(error, tag) && message.test(error.message), tag);
  }
});
