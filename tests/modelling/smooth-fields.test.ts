// SPDX-License-Identifier: Apache-2.0
/**
 * Fields without any noise, as a dust plume many times the background has them: the noise meets its lower end, and the fit
 * ends with intervals that hold the data.
 *
 * @module
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { describe, test } from 'node:test';

import type { GriddedField } from '../../artifacts/schemas/gridded-field.js';
import { missingSharedData, sharedPath } from '../../bench/core/shared-data.js';
import { addonPath, loadNativeEngine } from '../../inference-core/host-ts/index.js';
import { mergeFields, readCamsFile, selectSpecies, toDaily } from '../../ingest/index.js';
import { buildMesh, takeCsrRows } from '../../mesh/index.js';
import { buildForecastModel } from '../../modelling/index.js';

const NOT_BUILT = existsSync(addonPath()) ? false : 'the addon is absent: run `npm run setup` first';
const DAY_MS = 86_400_000;
const [ROWS, COLUMNS] = [10, 10];
const BOX = { north: 29, west: -17, south: 28, east: -16 };

/** Ten by ten cells of a tenth of a degree, `value` a function of row, column and day. */
function fieldOf(numDays: number, value: (row: number, column: number, day: number) => number): GriddedField {
  const cells = ROWS * COLUMNS;
  return {
    cadence: 'daily',
    latitudesDegrees: Float64Array.from({ length: ROWS }, (_, row) => 28.95 - 0.1 * row),
    longitudesDegrees: Float64Array.from({ length: COLUMNS }, (_, column) => -16.95 + 0.1 * column),
    timesMs: Float64Array.from({ length: numDays }, (_, day) => Date.UTC(2026, 1, 1) + day * DAY_MS),
    origins: Array.from({ length: numDays }, () => 'analysis' as const),
    variables: [
      {
        species: 'pm10',
        units: 'ug m-3',
        statistic: 'daily_mean',
        values: Float64Array.from({ length: numDays * cells }, (_, i) =>
          value(Math.floor((i % cells) / COLUMNS), i % COLUMNS, Math.floor(i / cells)),
        ),
      },
    ],
  };
}

async function fitOf(field: GriddedField) {
  const mesh = buildMesh(BOX, { interiorEdgeKm: 12 });
  const { model, initialTheta, thetaBounds, thetaNames } = buildForecastModel({
    field,
    mesh,
    config: { pollutants: ['pm10'] },
    horizonDaysWithoutForecast: 0,
  });
  const engine = loadNativeEngine();
  const options = { initialTheta, lowerBounds: thetaBounds.lower, upperBounds: thetaBounds.upper };
  const fit = await engine.fit(model, options, undefined, () => undefined).promise;
  return { engine, model, fit, thetaNames };
}

async function assertFits(field: GriddedField): Promise<void> {
  const { engine, model, fit, thetaNames } = await fitOf(field);
  // where changes of the objective are below its rounding, a gradient of a hundredth of a log unit a unit of theta is none
  assert.ok(fit.gradientNorm < 1e-2, fit.stopReason);
  assert.ok(fit.theta.every(Number.isFinite));
  const covariance = fit.thetaCovariance ?? assert.fail('no covariance');
  const variances = thetaNames.map((_, i) => covariance[i * thetaNames.length + i] ?? Number.NaN);
  const numHeld = thetaNames.filter((name) => name.startsWith('log_forecast_precision')).length;
  assert.equal(variances.filter((value) => value === 0).length - numHeld, fit.activeBounds.length);
  assert.ok(variances.every((value) => value >= 0));
  // .005 sds is the smallest noise; a cell's mean is known no better, and lies where the data are
  const noiseSd = Math.exp(-(fit.theta[thetaNames.indexOf('log_noise_precision_pm10')] ?? 0) / 2);
  assert.ok(noiseSd > 0.005 * (1 - 1e-9), `noise sd ${noiseSd}`);
  const [group] = model.observations;
  assert.ok(group !== undefined);
  // complete fields: every day has the same cells
  const cells = Array.from({ length: ROWS * COLUMNS }, (_, cell) => cell);
  const design = {
    process: 0,
    timeIndices: Int32Array.from({ length: model.numTimeSteps }, (_, day) => day),
    projector: takeCsrRows(group.projector, cells),
    covariates: new Float64Array(cells.length).fill(1),
  };
  const [moments] = await engine.predict(model, fit.theta, [design]);
  const { mean, variance } = moments ?? assert.fail();
  let squares = 0;
  group.y.forEach((y, i) => {
    assert.ok((variance[i] ?? -1) >= 0);
    squares += ((y - (mean[i] ?? Number.NaN)) / noiseSd) ** 2;
  });
  // residuals are of the noise's size
  assert.ok(Math.sqrt(squares / group.y.length) < 2, `root mean square ${Math.sqrt(squares / group.y.length)}`);
}

describe('fields without noise are fitted', { skip: NOT_BUILT, timeout: 10 * 60_000 }, () => {
  const plume = (day: number) => [1, 1.2, 2, 12, 40, 9, 1.3, 1][day] ?? 1;

  test('a smooth plume of forty times the background', async () => {
    await assertFits(
      fieldOf(8, (row, column, day) => {
        const distance = ((row - 3) ** 2 + (column - 6) ** 2) / 40;
        return 20 + 20 * plume(day) * Math.exp(-distance);
      }),
    );
  });

  test('a plane that grows from day to day', async () => {
    await assertFits(fieldOf(6, (row, column, day) => 30 + (day + 1) * (3 * row + 5 * column)));
  });

  test('a plane with days of a forecast behind it, whose noise is held', async () => {
    const field = fieldOf(6, (row, column, day) => 30 + (day + 1) * (3 * row + 5 * column));
    await assertFits({ ...field, origins: field.origins.map((origin, day) => (day < 4 ? origin : 'forecast')) });
  });

  test('one day a hundred times the others', async () => {
    await assertFits(fieldOf(5, (row, column, day) => (day === 2 ? 2000 : 20) * (1 + 0.02 * row - 0.01 * column)));
  });

  test('a ramp from 3 to 3000 across the domain', async () => {
    await assertFits(fieldOf(5, (_, column, day) => 3 * Math.exp(0.75 * column + 0.1 * day)));
  });

  test('a day of zeros among others', async () => {
    await assertFits(fieldOf(6, (row, column, day) => (day === 3 ? 0 : 15 + row + 0.5 * column)));
  });

  test('dust that falls off to the south, on two days', async () => {
    await assertFits(fieldOf(8, (row, column, day) => 20 + column + (day % 4 === 1 ? 880 * Math.exp(-row / 3) : 0)));
  });

  test('a plume on the days of the forecast only', async () => {
    const plumeAt = (row: number, column: number, day: number) =>
      850 * Math.exp(-((row - 5) ** 2 + (column - day) ** 2) / 20);
    const field = fieldOf(7, (row, column, day) =>
      day < 4 ? 25 + 0.3 * row + 0.1 * column * day : 25 + plumeAt(row, column, day),
    );
    const origins = field.origins.map((origin, day) => (day < 4 ? origin : ('forecast' as const)));
    // the noise of forecast days is that of their errors: here only that the search ends counts
    const { fit } = await fitOf({ ...field, origins });
    assert.ok(fit.gradientNorm < 1e-2 && fit.theta.every(Number.isFinite), fit.stopReason);
  });

  test('the dust of the shared case', { skip: missingSharedData('cases', 'ingest', 'dust-smooth') }, async () => {
    const hourly = await readCamsFile(sharedPath('cases', 'ingest', 'dust-smooth', 'ENS_ANALYSIS.nc'), {
      boundingBox: BOX,
    });
    const daily = toDaily(selectSpecies(mergeFields([hourly]), ['pm10']));
    const cells = daily.latitudesDegrees.length * daily.longitudesDegrees.length;
    const values = daily.variables[0]?.values ?? assert.fail();
    const means = Array.from(daily.timesMs, (_, day) =>
      Math.round(values.subarray(day * cells, (day + 1) * cells).reduce((sum, value) => sum + value, 0) / cells),
    );
    // by xarray, as the case has them
    assert.deepEqual(means, [25, 35, 33, 229, 808, 259, 31, 24]);
    await assertFits(daily);
  });
});
