// SPDX-License-Identifier: Apache-2.0
/**
 * The path field -> model -> engine -> concentrations against a dense Gaussian posterior written from the model's definition.
 *
 * @module
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import type { CsrMatrix } from '../../artifacts/schemas/mesh.js';
import type { FieldOrigin, GriddedField } from '../../artifacts/schemas/gridded-field.js';
import { DAILY_STATISTIC, type PollutantId } from '../../common/pollutants.js';
import type { EngineModel, PredictionDesign } from '../../inference-core/host-ts/contract/engine-model.js';
import { addonPath, loadNativeEngine } from '../../inference-core/host-ts/index.js';
import { buildMesh } from '../../mesh/index.js';
import { buildForecastModel, buildPredictionDesigns, fineGrid, toConcentrations } from '../../modelling/index.js';

type Dense = Float64Array[];

const zeros = (rows: number, columns: number): Dense => Array.from({ length: rows }, () => new Float64Array(columns));

function at(matrix: Dense, row: number, column: number): number {
  return matrix[row]?.[column] ?? assert.fail(`no entry ${row}, ${column}`);
}

function add(matrix: Dense, row: number, column: number, value: number): void {
  const target = matrix[row] ?? assert.fail();
  target[column] = (target[column] ?? 0) + value;
}

function toDense(matrix: CsrMatrix): Dense {
  const dense = zeros(matrix.numRows, matrix.numColumns);
  for (let row = 0; row < matrix.numRows; row += 1) {
    for (let k = matrix.rowPointers[row] ?? 0; k < (matrix.rowPointers[row + 1] ?? 0); k += 1) {
      add(dense, row, matrix.columnIndices[k] ?? 0, matrix.values[k] ?? 0);
    }
  }
  return dense;
}

function multiply(a: Dense, b: Dense): Dense {
  const product = zeros(a.length, b[0]?.length ?? 0);
  a.forEach((row, i) =>
    row.forEach((value, k) => {
      if (value !== 0) b[k]?.forEach((other, j) => add(product, i, j, value * other));
    }),
  );
  return product;
}

/** Inverse of a symmetric positive definite matrix by Gauss-Jordan elimination. */
function inverse(matrix: Dense): Dense {
  const n = matrix.length;
  const work = matrix.map((row, i) =>
    Float64Array.from({ length: 2 * n }, (_, j) => (j < n ? (row[j] ?? 0) : j - n === i ? 1 : 0)),
  );
  for (let k = 0; k < n; k += 1) {
    const pivotRow = work[k] ?? assert.fail();
    const pivot = pivotRow[k] ?? 0;
    for (let j = 0; j < 2 * n; j += 1) pivotRow[j] = (pivotRow[j] ?? 0) / pivot;
    for (let i = 0; i < n; i += 1) {
      const row = work[i] ?? assert.fail();
      const factor = row[k] ?? 0;
      if (i === k || factor === 0) continue;
      for (let j = k; j < 2 * n; j += 1) row[j] = (row[j] ?? 0) - factor * (pivotRow[j] ?? 0);
    }
  }
  return work.map((row) => row.slice(n));
}

/** e^m by its Taylor series after halving: no eigenvalues are involved. */
function exponential(matrix: Dense): Dense {
  const n = matrix.length;
  const size = Math.max(...matrix.map((row) => row.reduce((sum, value) => sum + Math.abs(value), 0)));
  const halvings = Math.max(0, Math.ceil(Math.log2(size)) + 4);
  const small = matrix.map((row) => row.map((value) => value / 2 ** halvings));
  let result = zeros(n, n).map((row, i) => row.fill(1, i, i + 1));
  let term = result;
  for (let k = 1; k < 12; k += 1) {
    term = multiply(term, small).map((row) => row.map((value) => value / k));
    result = result.map((row, i) => row.map((value, j) => value + at(term, i, j)));
  }
  for (let i = 0; i < halvings; i += 1) result = multiply(result, result);
  return result;
}

/**
 * Precision of one unit field (sigma = 1) at all steps, the inverse of its covariances
 * C0^-1/2 4 pi g^2 B^-2 e^(-|t - t'| B / gt) C0^-1/2, B = g^2 + C0^-1/2 G1 C0^-1/2.
 */
function unitPrecision(model: EngineModel, logRangeS: number, logRangeT: number): Dense {
  const n = model.c0.length;
  const g2 = 8 / Math.exp(2 * logRangeS);
  const gt = (Math.exp(logRangeT) * g2) / 2;
  const root = model.c0.map(Math.sqrt);
  const b = toDense(model.g1).map((row, i) =>
    row.map((value, j) => value / ((root[i] ?? 1) * (root[j] ?? 1)) + (i === j ? g2 : 0)),
  );
  const inverseOfB = inverse(b);
  const decay = exponential(b.map((row) => row.map((value) => -value / gt)));
  let lagged = multiply(inverseOfB, inverseOfB);
  const covariance = zeros(n * model.numTimeSteps, n * model.numTimeSteps);
  for (let lag = 0; lag < model.numTimeSteps; lag += 1) {
    for (let first = 0; first + lag < model.numTimeSteps; first += 1) {
      for (let i = 0; i < n; i += 1) {
        for (let j = 0; j < n; j += 1) {
          const value = (4 * Math.PI * g2 * at(lagged, i, j)) / ((root[i] ?? 1) * (root[j] ?? 1));
          const [row, column] = [first * n + i, (first + lag) * n + j];
          add(covariance, row, column, value);
          if (lag > 0) add(covariance, column, row, value);
        }
      }
    }
    lagged = multiply(lagged, decay);
  }
  return inverse(covariance);
}

/** Posterior mean and variance of the designs of a two-pollutant model, latent order (process, time, node), fixed effects last. */
function densePrediction(model: EngineModel, theta: readonly number[], designs: readonly PredictionDesign[]) {
  const n = model.c0.length;
  const size = n * model.numTimeSteps;
  const numCovariates = model.observations[0]?.numCovariates ?? 0;
  const total = 2 * size + 2 * numCovariates;
  const [s0, s1, weight] = [Math.exp(theta[6] ?? 0), Math.exp(theta[7] ?? 0), theta[8] ?? 0];
  const units = [0, 1].map((k) => unitPrecision(model, theta[3 * k] ?? 0, theta[3 * k + 1] ?? 0));
  const q = zeros(total, total);
  // u0 = v0 / s0 and u1 = (v1 - weight v0) / s1.
  for (let i = 0; i < size; i += 1) {
    for (let j = 0; j < size; j += 1) {
      const own = at(units[0] ?? [], i, j) / s0 ** 2;
      const other = at(units[1] ?? [], i, j) / s1 ** 2;
      add(q, i, j, own + weight ** 2 * other);
      add(q, i, size + j, -weight * other);
      add(q, size + i, j, -weight * other);
      add(q, size + i, size + j, other);
    }
  }
  for (let i = 2 * size; i < total; i += 1) add(q, i, i, model.fixedEffectsPriorPrecision);
  const right = new Float64Array(total);
  const rowOf = (k: number, time: number, projector: Float64Array, covariates: Float64Array): [number, number][] => [
    ...Array.from(projector, (value, node): [number, number] => [k * size + time * n + node, value]).filter(
      ([, v]) => v !== 0,
    ),
    ...Array.from(covariates, (value, c): [number, number] => [2 * size + k * numCovariates + c, value]),
  ];
  model.observations.forEach((group, index) => {
    const k = group.process ?? assert.fail();
    // The precision of a forecast is in the weights.
    const tau = index < 2 ? Math.exp(theta[3 * k + 2] ?? 0) : 1;
    const projector = toDense(group.projector);
    group.y.forEach((y, o) => {
      const covariates = group.covariates.subarray(o * numCovariates, (o + 1) * numCovariates);
      const row = rowOf(k, group.timeIndex[o] ?? 0, projector[o] ?? assert.fail(), covariates);
      const precision = tau * (group.weights?.[o] ?? 1);
      for (const [i, a] of row) {
        right[i] = (right[i] ?? 0) + precision * a * y;
        for (const [j, b] of row) add(q, i, j, precision * a * b);
      }
    });
  });
  const covariance = inverse(q);
  const mean = covariance.map((row) => row.reduce((sum, value, j) => sum + value * (right[j] ?? 0), 0));
  return designs.map((design) => {
    const projector = toDense(design.projector);
    const means: number[] = [];
    const variances: number[] = [];
    for (const time of design.timeIndices) {
      projector.forEach((weights, r) => {
        const covariates = design.covariates.subarray(r * numCovariates, (r + 1) * numCovariates);
        const row = rowOf(design.process, time, weights, covariates);
        means.push(row.reduce((sum, [i, a]) => sum + a * (mean[i] ?? 0), 0));
        variances.push(
          row.reduce((sum, [i, a]) => sum + row.reduce((s, [j, b]) => s + a * b * at(covariance, i, j), 0), 0),
        );
      });
    }
    return { mean: Float64Array.from(means), variance: Float64Array.from(variances) };
  });
}

const box = { north: 45.5, south: 45.2, west: 9, east: 9.4 };
const origins: FieldOrigin[] = ['analysis', 'analysis', 'analysis', 'forecast'];
const pollutants: readonly PollutantId[] = ['pm2_5', 'o3'];
const elevation = (latitude: number, longitude: number): number =>
  200 + 900 * (latitude - 45.2) + 300 * (longitude - 9) ** 2;

/** A field that is exactly linear in elevation and varies slowly from day to day, on 3 x 4 cells with two of them missing. */
function scenario() {
  const latitudesDegrees = Float64Array.of(45.45, 45.35, 45.25);
  const longitudesDegrees = Float64Array.of(9.05, 9.15, 9.25, 9.35);
  const heights = Float64Array.from({ length: 12 }, (_, c) =>
    elevation(latitudesDegrees[Math.floor(c / 4)] ?? 0, longitudesDegrees[c % 4] ?? 0),
  );
  const field: GriddedField = {
    cadence: 'daily',
    latitudesDegrees,
    longitudesDegrees,
    timesMs: Float64Array.from(origins, (_, t) => t * 86_400_000),
    origins,
    variables: pollutants.map((species, k) => ({
      species,
      units: 'ug m-3',
      statistic: DAILY_STATISTIC[species],
      values: Float64Array.from({ length: 12 * origins.length }, (_, i) => {
        const [t, c] = [Math.floor(i / 12), i % 12];
        const wave = 3 * Math.sin(0.8 * t + 0.5 * (c % 4) + k);
        return (k === 0 ? 35 - 20 * ((heights[c] ?? 0) / 1000) : 60 + 30 * ((heights[c] ?? 0) / 1000)) + wave;
      }),
    })),
  };
  field.variables[1]?.values.fill(Number.NaN, 17, 19);
  const mesh = buildMesh(box, { interiorEdgeKm: 13, extensionKm: 26 });
  const forecast = buildForecastModel({ field, mesh, coarseElevationM: heights, config: { pollutants } });
  const grid = fineGrid(box, 0.1);
  const fineElevationM = Float64Array.from({ length: 12 }, (_, c) =>
    elevation(grid.latitudesDegrees[Math.floor(c / 4)] ?? 0, grid.longitudesDegrees[c % 4] ?? 0),
  );
  const designs = buildPredictionDesigns({ grid, mesh, frame: forecast, fineElevationM });
  return { field, forecast, grid, designs };
}

const theta = [Math.log(40), Math.log(3), Math.log(400), Math.log(50), Math.log(2), Math.log(300), 0, -0.3, 0.4, 0, 0];

test('with little noise the dense posterior gives the coarse values back, missing ones with a larger sd', () => {
  const { field, forecast, grid, designs } = scenario();
  const quiet = theta.map((value, i) => (i === 2 || i === 5 ? Math.log(1e6) : value));
  const posterior = toConcentrations({
    moments: densePrediction(forecast.model, quiet, designs),
    frame: forecast,
    grid,
  });
  posterior.variables.forEach(({ mean, sd }, k) => {
    const values = field.variables[k]?.values ?? assert.fail();
    values.forEach((value, i) => {
      if (origins[Math.floor(i / 12)] === 'forecast') return;
      // Noise sd 1e-3 standardised (1e-2 ug m-3) and 3 x 3 against 4 x 4 sub-points of the same cell.
      if (!Number.isNaN(value))
        assert.ok(Math.abs((mean[i] ?? 0) - value) < 0.15, `${k}, ${i}: ${mean[i]} against ${value}`);
    });
    if (k === 1) assert.ok(Math.min(sd[17] ?? 0, sd[18] ?? 0) > 2 * (sd[16] ?? 0));
  });
});

const skip = existsSync(addonPath()) ? false : 'the native engine is not built';
test('the engine agrees with the dense posterior', { skip }, async () => {
  const { forecast, designs } = scenario();
  const expected = densePrediction(forecast.model, theta, designs);
  const actual = await loadNativeEngine().predict(forecast.model, theta, designs);
  actual.forEach(({ mean, variance }, k) => {
    const reference = expected[k] ?? assert.fail();
    // Gauss-Jordan elimination of a precision with condition about 1e6 leaves 1e-9.
    mean.forEach((value, i) => assert.ok(Math.abs(value - (reference.mean[i] ?? 0)) < 1e-8, `mean ${k}, ${i}`));
    variance.forEach((value, i) => {
      assert.ok(Math.abs(value / (reference.variance[i] ?? 0) - 1) < 1e-7, `variance ${k}, ${i}`);
    });
  });
});
