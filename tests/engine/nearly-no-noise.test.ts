// SPDX-License-Identifier: Apache-2.0
/** Hardly any noise: every function of the engine is right, by kriging in plain arrays, or says that it cannot be. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { CsrMatrix } from '../../artifacts/schemas/mesh.js';
import { isTramontanaError } from '../../common/errors.js';
import type {
  EngineModel,
  ObservationGroup,
  PredictionDesign,
} from '../../inference-core/host-ts/contract/engine-model.js';
import { loadNativeEngine } from '../../inference-core/host-ts/addon/native.js';
import { smallModel } from '../golden/support.js';
import { denseKriging } from './dense-kriging.js';

const engine = loadNativeEngine();
const PRECISIONS = [17, 20, 24];

/** A field of one time step, its noise precision fixed. */
function spatial(logPrecision: number, scale = 1): EngineModel {
  const { temporal: _, ...model } = smallModel({ numTimeSteps: 1 });
  return {
    ...model,
    kind: 'spatial',
    observations: model.observations.map((group) => ({ ...group, y: group.y.map((y) => scale * y) })),
    priors: [
      { type: 'gaussian', mean: 1, precision: 1 },
      { type: 'gaussian', mean: Math.log(scale), precision: 1 },
      { type: 'fixed', value: logPrecision },
    ],
  };
}

function rowsOf(matrix: CsrMatrix, from: number, to: number): CsrMatrix {
  const [first, last] = [matrix.rowPointers[from] ?? NaN, matrix.rowPointers[to] ?? NaN];
  return {
    numRows: to - from,
    numColumns: matrix.numColumns,
    rowPointers: matrix.rowPointers.slice(from, to + 1).map((pointer) => pointer - first),
    columnIndices: matrix.columnIndices.slice(first, last),
    values: matrix.values.slice(first, last),
  };
}

/** Its observations, which stand in the order of time, as designs. */
function designsOf(group: ObservationGroup): PredictionDesign[] {
  return [...new Set(group.timeIndex)].map((step) => {
    const [from, to] = [group.timeIndex.indexOf(step), group.timeIndex.lastIndexOf(step) + 1];
    return {
      process: 0,
      timeIndices: Int32Array.of(step),
      projector: rowsOf(group.projector, from, to),
      covariates: new Float64Array(to - from).fill(1),
    };
  });
}

/** Every third node observed, and a field that is smooth and wide: the prior is small beside the data everywhere. */
function sparse(logPrecision: number): EngineModel {
  const { temporal: _, ...model } = smallModel({ side: 6, numTimeSteps: 1 });
  const numRows = 12;
  return {
    ...model,
    kind: 'spatial',
    observations: model.observations.map((group) => ({
      ...group,
      y: Float64Array.from({ length: numRows }, (_unused, i) => 30 * (group.y[3 * i] ?? NaN)),
      timeIndex: new Int32Array(numRows),
      projector: {
        numRows,
        numColumns: 36,
        rowPointers: Int32Array.from({ length: numRows + 1 }, (_unused, i) => i),
        columnIndices: Int32Array.from({ length: numRows }, (_unused, i) => 3 * i),
        values: new Float64Array(numRows).fill(1),
      },
      covariates: new Float64Array(numRows).fill(1),
    })),
    priors: [
      { type: 'gaussian', mean: 1.5, precision: 1 },
      { type: 'gaussian', mean: 3, precision: 1 },
      { type: 'fixed', value: logPrecision },
    ],
  };
}

/** Three time steps with every second node observed, then the other half. */
function spatioTemporal(logPrecision: number): EngineModel {
  const model = smallModel();
  const [group] = model.observations;
  assert.ok(group !== undefined);
  const kept = Array.from(group.y.keys()).filter((i) => i % 2 === (i >= 16 && i < 32 ? 1 : 0));
  return {
    ...model,
    observations: [
      {
        ...group,
        y: Float64Array.from(kept, (i) => group.y[i] ?? NaN),
        timeIndex: Int32Array.from(kept, (i) => Math.floor(i / 16)),
        projector: {
          numRows: kept.length,
          numColumns: 16,
          rowPointers: Int32Array.from({ length: kept.length + 1 }, (_, i) => i),
          columnIndices: Int32Array.from(kept, (i) => i % 16),
          values: new Float64Array(kept.length).fill(1),
        },
        covariates: new Float64Array(kept.length).fill(1),
      },
    ],
    priors: [...model.priors.slice(0, 3), { type: 'fixed', value: logPrecision }],
  };
}

function near(found: number | undefined, expected: number, tolerance: number, what: string): void {
  assert.ok(found !== undefined && Math.abs(found - expected) <= tolerance, `${what}: ${found}, not ${expected}`);
}

/** Evaluation, gradient and prediction at one theta; false where it is refused by name. */
async function isRight(model: EngineModel, theta: readonly number[]): Promise<boolean> {
  const group = model.observations[0];
  assert.ok(group !== undefined);
  const { mean, variance, logMarginalLikelihood } = denseKriging(model, theta);
  try {
    const found = await engine.evaluate(model, theta, { gradient: true });
    near(found.logMarginalLikelihood, logMarginalLikelihood, 1e-6 * Math.abs(logMarginalLikelihood), 'log likelihood');
    const free = theta.slice(0, -1);
    free.forEach((value, i) => {
      const h = 1e-4;
      const moved = (shift: number): number =>
        denseKriging(model, theta.with(i, value + shift)).logMarginalLikelihood + logPrior(model, i, value + shift);
      const slope = (moved(-h) - moved(h)) / (2 * h);
      near(found.gradient?.[i], slope, 1e-4 * (1 + Math.abs(slope)), `gradient ${i}`);
    });
    const moments = await engine.predict(model, theta, designsOf(group));
    const means = moments.flatMap((one) => Array.from(one.mean));
    const variances = moments.flatMap((one) => Array.from(one.variance));
    const sd = Math.exp(-0.5 * (theta.at(-1) ?? NaN));
    mean.forEach((value, i) => near(means[i], value, 1e-3 * sd + 1e-9 * Math.abs(value), `mean ${i}`));
    // The square of what the mean may be off by, beside the noise.
    variance.forEach((value, i) => near((variances[i] ?? NaN) / value, 1, 5e-3, `variance ${i}`));
    return true;
  } catch (error) {
    if (!isTramontanaError(error, 'Engine.NotPositiveDefinite')) throw error;
    assert.match(error.message, /noise/);
    return false;
  }
}

function logPrior(model: EngineModel, index: number, value: number): number {
  const prior = model.priors[index];
  assert.ok(prior?.type === 'gaussian');
  return -0.5 * prior.precision * (value - prior.mean) ** 2;
}

describe('nearly no noise', () => {
  for (const precision of PRECISIONS) {
    it(`e^${precision}: evaluation, gradient and prediction of a spatial field are those of kriging`, async () => {
      for (const theta of [
        [1, 0, precision],
        [0.3, 0.8, precision],
        [1.8, -0.5, precision],
      ]) {
        assert.ok(await isRight(spatial(precision), theta), `theta ${String(theta)} is refused`);
      }
      const thousand = spatial(precision, 1000);
      assert.ok(await isRight(thousand, [1, Math.log(1000), precision]), 'a field of sd 1000 is refused');
    });

    it(`e^${precision}: so are those of a wide, smooth field that is seen at a third of its nodes`, async () => {
      for (const theta of [
        [1.5, 3, precision],
        [2.2, 3.5, precision],
        [2.8, 4, precision],
      ]) {
        assert.ok(await isRight(sparse(precision), theta), `theta ${String(theta)} is refused`);
      }
    });

    it(`e^${precision}: a field in space and time is right or refused by name`, async () => {
      for (const theta of [
        [0.2, 0.5, 0, precision],
        [1.5, 1.5, 1, precision],
        [2.2, 2.5, 3, precision],
        [2.8, 3, 4, precision],
      ]) {
        await isRight(spatioTemporal(precision), theta);
      }
    });

    it(`e^${precision}: fit and integration of a spatial field are those of a dense grid`, async () => {
      const model = spatial(precision);
      const { theta, thetaCovariance, converged } = await engine.fit(
        model,
        { initialTheta: [0.5, 0.5, precision], gradientTolerance: 1e-5 },
        undefined,
        () => undefined,
      ).promise;
      assert.ok(converged && thetaCovariance !== undefined);
      const found = await engine.integrate(model, theta, thetaCovariance, { criteria: false }).promise;
      const logPosterior = (a: number, b: number): number =>
        denseKriging(model, [a, b, precision]).logMarginalLikelihood + logPrior(model, 0, a) + logPrior(model, 1, b);
      const [modeA = NaN, modeB = NaN] = theta;
      for (const [da, db] of [
        [0.05, 0],
        [-0.05, 0],
        [0, 0.05],
        [0, -0.05],
      ] as const) {
        assert.ok(logPosterior(modeA, modeB) > logPosterior(modeA + da, modeB + db), 'the fit ends at the mode');
      }
      const reach = [0, 4].map((entry) => 6 * Math.sqrt(thetaCovariance[entry] ?? NaN));
      const side = 41;
      const top = logPosterior(modeA, modeB);
      let total = 0;
      const first = [0, 0];
      const second = [0, 0];
      for (let i = 0; i < side * side; i += 1) {
        const shifts = [i % side, Math.floor(i / side)].map((k, c) => ((2 * k) / (side - 1) - 1) * (reach[c] ?? NaN));
        const weight = Math.exp(logPosterior(modeA + (shifts[0] ?? NaN), modeB + (shifts[1] ?? NaN)) - top);
        total += weight;
        shifts.forEach((shift, c) => {
          first[c] = (first[c] ?? NaN) + weight * shift;
          second[c] = (second[c] ?? NaN) + weight * shift * shift;
        });
      }
      [modeA, modeB].forEach((mode, c) => {
        const mean = (first[c] ?? NaN) / total;
        const sd = Math.sqrt((second[c] ?? NaN) / total - mean * mean);
        near(found.theta[c]?.internal.mean, mode + mean, 0.02 * sd, `mean of theta ${c}`);
        near(found.theta[c]?.internal.sd, sd, 0.02 * sd, `sd of theta ${c}`);
      });
    });
  }
});
