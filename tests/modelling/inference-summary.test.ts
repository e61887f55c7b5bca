// SPDX-License-Identifier: Apache-2.0
/** The engine's integration on natural scales, on a domain of twelve cells. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { describe, it } from 'node:test';

import type { InferenceSummary } from '../../artifacts/schemas/inference-summary.js';
import type { GriddedField } from '../../artifacts/schemas/gridded-field.js';
import { addonPath, loadNativeEngine, type IntegrationResult } from '../../inference-core/host-ts/index.js';
import { buildMesh } from '../../mesh/index.js';
import {
  buildForecastModel,
  summariseInference,
  summariseIntegratedParameters,
  summariseParameters,
  type ForecastModel,
} from '../../modelling/index.js';
import { uniformNumbers } from '../golden/support.js';

const skip = existsSync(addonPath()) ? false : 'the native engine is not built';

const BOX = { north: 45.5, south: 45.2, west: 9, east: 9.4 };
const MESH = buildMesh(BOX, { interiorEdgeKm: 13, extensionKm: 26 });
const NUM_CELLS = 12;
const THETA = [Math.log(40), Math.log(3), Math.log(50), Math.log(60), Math.log(2), Math.log(40), 0, -0.3, 0.4, 0, 0];
/** The last two are held: the precisions of the forecast. */
const NUM_FREE = 9;
const SD = 0.1;
const COVARIANCE = THETA.map((_, i) => THETA.map((__, j) => (i === j && i < NUM_FREE ? SD ** 2 : 0)));

/** Three days with analyses and one with a forecast; concentrations in multiples of `unit` ug m-3. */
function forecastOf(unit: number): ForecastModel {
  const random = uniformNumbers(7);
  const values = (level: number): Float64Array =>
    Float64Array.from({ length: 4 * NUM_CELLS }, (_, i) => unit * (level + Math.sin(i % NUM_CELLS) + 3 * random()));
  const field: GriddedField = {
    cadence: 'daily',
    latitudesDegrees: Float64Array.of(45.45, 45.35, 45.25),
    longitudesDegrees: Float64Array.of(9.05, 9.15, 9.25, 9.35),
    timesMs: Float64Array.from({ length: 4 }, (_, day) => Date.UTC(2026, 2, 1 + day)),
    origins: ['analysis', 'analysis', 'analysis', 'forecast'],
    variables: [
      { species: 'pm2_5', units: 'ug m-3', statistic: 'daily_mean', values: values(20) },
      { species: 'o3', units: 'ug m-3', statistic: 'daily_max_8h_mean', values: values(60) },
    ],
  };
  return buildForecastModel({ field, mesh: MESH, config: { pollutants: ['pm2_5', 'o3'] } });
}

async function integrated(
  forecast: ForecastModel,
  strategy: 'central-composite' | 'empirical-bayes' = 'empirical-bayes',
): Promise<{ integration: IntegrationResult; summary: InferenceSummary }> {
  const options = { strategy, latent: false } as const;
  const integration = await loadNativeEngine().integrate(forecast.model, THETA, COVARIANCE.flat(), options).promise;
  const fit = {
    ...{ stopReason: 'x', converged: true, activeBounds: [], gradientNorm: 1e-4, evaluations: 9, iterations: 5 },
  };
  const choice = { requested: strategy, strategy, reason: 'as configured' };
  return { integration, summary: summariseInference({ integration, fit, forecast, choice, gradientTolerance: 1e-3 }) };
}

function assertClose(found: number, expected: number, tolerance: number, what: string): void {
  assert.ok(Math.abs(found - expected) <= tolerance, `${what}: ${found} against ${expected}`);
}

describe('the inference on natural scales', { skip }, () => {
  it('counts densities in ug m-3: another unit shifts the criteria by its logarithm and leaves the rest', async () => {
    const one = (await integrated(forecastOf(1))).summary;
    const three = (await integrated(forecastOf(3))).summary;
    const shift = Math.log(3);
    const { criteria: a, pit } = one;
    const { criteria: b } = three;
    assert.equal(a.numObservations, 2 * 4 * NUM_CELLS);
    // standardised values agree to rounding, and the sums are of the order of a hundred
    const tolerance = 1e-8;
    const n = a.numObservations;
    assertClose(b.logMarginalLikelihood, a.logMarginalLikelihood - n * shift, tolerance, 'log marginal likelihood');
    assertClose(b.dic, a.dic + 2 * n * shift, tolerance, 'DIC');
    assertClose(b.waic, a.waic + 2 * n * shift, tolerance, 'WAIC');
    assertClose(b.logScore, a.logScore + shift, tolerance, 'log score');
    assertClose(b.dicEffectiveParameters, a.dicEffectiveParameters, tolerance, 'effective parameters');
    assert.deepEqual(three.pit, pit);
    const ratios = three.hyperparameters.map(({ median }, k) => median / (one.hyperparameters[k]?.median ?? NaN));
    const expected = [1, 1, 3, 3, 1, 1, 3, 3, 1];
    ratios.forEach((ratio, k) => assertClose(ratio, expected[k] ?? NaN, 1e-9, one.hyperparameters[k]?.name ?? ''));
  });

  it('histograms count analysis days alone where there are any', async () => {
    const { summary } = await integrated(forecastOf(1));
    for (const { counts, days, cpoFailures } of summary.pit) {
      assert.equal(counts.length, 20);
      assert.equal(
        counts.reduce((sum, count) => sum + count, 0),
        3 * NUM_CELLS,
      );
      assert.deepEqual([days, cpoFailures], ['analysis', 0]);
    }
  });

  it('at the mode intervals are those of the fit', async () => {
    const forecast = forecastOf(1);
    const { integration } = await integrated(forecast);
    const { fixedEffectMeans, fixedEffectCovariance } = await loadNativeEngine().evaluate(forecast.model, THETA);
    const mean = Array.from(fixedEffectMeans);
    const sd = mean.map((_, k) => Math.sqrt(fixedEffectCovariance[k * (mean.length + 1)] ?? NaN));
    const expected = summariseParameters(
      { theta: THETA, thetaCovariance: COVARIANCE, fixedEffects: { mean, sd } },
      forecast,
    );
    const found = summariseIntegratedParameters(integration, forecast);
    assert.deepEqual(
      found.map(({ name }) => name),
      expected.map(({ name }) => name),
    );
    found.forEach(({ name, estimate, lower95, upper95 }, k) => {
      const { estimate: middle = NaN, lower95: low = NaN, upper95: high = NaN } = expected[k] ?? {};
      // quantiles come from a lattice of 75 cells a standard deviation
      const tolerance = 2e-3 * (high - low);
      assertClose(estimate, middle, tolerance, `${name}, estimate`);
      assertClose(lower95, low, tolerance, `${name}, lower end`);
      assertClose(upper95, high, tolerance, `${name}, upper end`);
    });
  });

  it('posterior densities have mass one and the moments of the engine', async () => {
    const forecast = forecastOf(1);
    const { integration, summary } = await integrated(forecast, 'central-composite');
    assert.equal(summary.integration.points, integration.points.length);
    for (const { name, grid, posteriorDensity, priorDensity, mean, sd } of summary.hyperparameters) {
      let mass = 0;
      grid.forEach((x, i) => {
        const width = i === 0 ? 0 : x - (grid[i - 1] ?? NaN);
        mass += 0.5 * width * ((posteriorDensity[i] ?? NaN) + (posteriorDensity[Math.max(0, i - 1)] ?? NaN));
      });
      // four standard deviations leave out 6e-5 of a normal distribution, more of a skewed one
      assertClose(mass, 1, 2e-3, name);
      assert.ok(priorDensity.every((value) => value >= 0 && Number.isFinite(value)));
      if (name !== 'range_km_pm2_5') continue;
      const natural = integration.theta.find((marginal) => marginal.name === 'log_range_s_0')?.natural;
      assert.ok(natural !== undefined);
      // this covariance is not that of the fit: skewed marginals end beyond the grid of five standard deviations
      assertClose(mean, natural.mean, 2e-2 * natural.sd, `${name}, mean`);
      assertClose(sd, natural.sd, 2e-2 * natural.sd, `${name}, sd`);
    }
  });
});
