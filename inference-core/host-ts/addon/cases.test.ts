// SPDX-License-Identifier: Apache-2.0
/** Cases with right values by independent programs, through the engine's door. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, it } from 'node:test';

import type { CsrMatrix } from '../../../artifacts/schemas/mesh.js';
import { isTramontanaError } from '../../../common/errors.js';
import type { EngineModel, ObservationGroup } from '../contract/engine-model.js';
import { loadNativeEngine } from './native.js';

const casesFolder = fileURLToPath(new URL('../../../../shared/cases/', import.meta.url));
const skip = existsSync(casesFolder) ? false : `there is no ${casesFolder}`;

type Json = Record<string, unknown>;

function csr(matrix: CsrMatrix): CsrMatrix {
  return {
    ...matrix,
    rowPointers: Int32Array.from(matrix.rowPointers),
    columnIndices: Int32Array.from(matrix.columnIndices),
    values: Float64Array.from(matrix.values),
  };
}

function group(plain: ObservationGroup): ObservationGroup {
  return {
    ...plain,
    y: Float64Array.from(plain.y),
    timeIndex: Int32Array.from(plain.timeIndex),
    projector: csr(plain.projector),
    covariates: Float64Array.from(plain.covariates),
    ...(plain.exposure && { exposure: Float64Array.from(plain.exposure) }),
    ...(plain.effectLevels && { effectLevels: plain.effectLevels.map((levels) => Int32Array.from(levels)) }),
  };
}

interface SharedCase<Expected> {
  readonly model: EngineModel;
  readonly initialTheta: readonly number[];
  readonly expected: Expected;
}

async function readCase<Expected>(name: string): Promise<SharedCase<Expected>> {
  const text = async (file: string): Promise<string> => readFile(`${casesFolder}${name}/${file}`, 'utf8');
  const { model, initialTheta } = JSON.parse(await text('model.json')) as {
    model: EngineModel;
    initialTheta: readonly number[];
  };
  return {
    model: {
      ...model,
      c0: Float64Array.from(model.c0),
      g1: csr(model.g1),
      observations: model.observations.map(group),
    },
    initialTheta,
    expected: JSON.parse((await text('expected.json')).replaceAll('NaN', 'null')) as Expected & Json,
  };
}

const engine = loadNativeEngine();

async function fitted(model: EngineModel, initialTheta: readonly number[], gradientTolerance = 1e-3) {
  const found = await engine.fit(model, { initialTheta, gradientTolerance }, undefined, () => {}).promise;
  const { thetaCovariance, hessian } = found;
  assert.ok(found.converged, found.stopReason);
  assert.ok(thetaCovariance !== undefined && hessian !== undefined);
  return { ...found, thetaCovariance, hessian };
}

function near(found: number | undefined, expected: number, tolerance: number, what: string): void {
  assert.ok(found !== undefined && Math.abs(found - expected) <= tolerance, `${what}: ${found}, not ${expected}`);
}

/** The model of nearly no noise at another fixed log precision. */
function withPrecision(model: EngineModel, value: number): EngineModel {
  return { ...model, priors: [...model.priors.slice(0, 2), { type: 'fixed', value }] };
}

describe('nearly no noise', { skip }, () => {
  interface Expected {
    readonly mode: readonly number[];
    readonly sd: readonly number[];
    readonly hessian: readonly (readonly number[])[];
  }

  it('gives mode, standard deviations and Hessian of 60-digit arithmetic', async () => {
    const { model, initialTheta, expected } = await readCase<Expected>('fixed-precision-e15');
    const found = await fitted(model, initialTheta, 1e-6);
    const free = [0, 1];
    for (const i of free) {
      near(found.theta[i], expected.mode[i] ?? NaN, 1e-6, `mode ${i}`);
      near(Math.sqrt(found.thetaCovariance[4 * i] ?? NaN), expected.sd[i] ?? NaN, 1e-5, `sd ${i}`);
      for (const j of free) {
        near(found.hessian[3 * i + j], expected.hessian[i]?.[j] ?? NaN, 1e-3, `hessian ${i} ${j}`);
      }
    }
  });

  it('has a limit without noise, which every larger precision is near', async () => {
    const { model, initialTheta } = await readCase<Expected>('fixed-precision-e15');
    const at = async (precision: number) =>
      fitted(withPrecision(model, precision), [...initialTheta.slice(0, 2), precision], 1e-6);
    const limit = await at(22);
    for (const precision of [16, 18, 20, 26, 30, 40, 60]) {
      const found = await at(precision);
      for (const i of [0, 1, 3, 4])
        near(found.hessian[i], limit.hessian[i] ?? NaN, 2e-3, `hessian ${i} at e^${precision}`);
      near(found.theta[0], limit.theta[0] ?? NaN, 1e-5, `range at e^${precision}`);
      near(found.theta[1], limit.theta[1] ?? NaN, 1e-5, `sigma at e^${precision}`);
    }
  });

  it('is refused by name where two observations of one place contradict each other', async () => {
    const { model, initialTheta } = await readCase<Expected>('fixed-precision-e15');
    const only = model.observations[0];
    assert.ok(only !== undefined);
    const twice = (matrix: CsrMatrix): CsrMatrix => ({
      ...matrix,
      numRows: 2 * matrix.numRows,
      rowPointers: Int32Array.from([
        ...matrix.rowPointers,
        ...matrix.rowPointers.slice(1).map((pointer) => pointer + matrix.values.length),
      ]),
      columnIndices: Int32Array.from([...matrix.columnIndices, ...matrix.columnIndices]),
      values: Float64Array.from([...matrix.values, ...matrix.values]),
    });
    const doubled: EngineModel = {
      ...model,
      observations: [
        {
          ...only,
          y: Float64Array.from([...only.y, ...only.y.map((value) => value + 1)]),
          timeIndex: new Int32Array(2 * only.y.length),
          projector: twice(only.projector),
          covariates: Float64Array.from([...only.covariates, ...only.covariates]),
        },
      ],
    };
    await assert.rejects(
      engine.evaluate(doubled, [...initialTheta.slice(0, 2), 30], { gradient: true }),
      (error) => isTramontanaError(error, 'Engine.NotPositiveDefinite') && /noise precision/.test(error.message),
    );
  });
});

describe('gamma observations near zero', { skip }, () => {
  it('have a mode, for the likelihood is log-concave', async () => {
    interface Expected {
      readonly lmlAtStart: number;
      readonly mode: readonly number[];
      readonly logPosteriorAtMode: number;
    }
    const { model, initialTheta, expected } = await readCase<Expected>('gamma-near-zero');
    const start = await engine.evaluate(model, initialTheta);
    near(start.logMarginalLikelihood, expected.lmlAtStart, 1e-6, 'log marginal likelihood');
    const found = await fitted(model, initialTheta);
    expected.mode.forEach((value, i) => near(found.theta[i], value, 5e-3, `mode ${i}`));
    for (const smallest of [1e-12, 1e-7, 1e-15]) {
      const observations = model.observations.map((one) => ({
        ...one,
        y: one.y.map((value) => (value === 1e-9 ? smallest : value)),
      }));
      const other = await engine.evaluate({ ...model, observations }, initialTheta, { gradient: true });
      assert.ok(other.gradient?.every(Number.isFinite), `gradient with ${smallest}`);
    }
  });
});

interface Moments {
  readonly mean: number;
  readonly sd: number;
}

/** Within shares of the right standard deviation. */
function nearMoments(found: Moments | undefined, exact: Moments, shares: { mean: number; sd: number }, what: string) {
  near(found?.mean, exact.mean, shares.mean * exact.sd, `${what} mean`);
  near(found?.sd, exact.sd, shares.sd * exact.sd, `${what} sd`);
}

describe('published cases', { skip }, () => {
  it('spdetoy: theta and intercept as on a dense grid', async () => {
    interface Expected {
      readonly theta: readonly (Moments & { readonly q: readonly number[] })[];
      readonly beta: Moments & { readonly q: readonly number[] };
      readonly lml: number;
    }
    const { model, initialTheta, expected } = await readCase<Expected>('spdetoy');
    const { theta, thetaCovariance } = await fitted(model, initialTheta);
    const found = await engine.integrate(model, theta, thetaCovariance, { criteria: false }).promise;
    assert.equal(found.strategy, 'lattice');
    near(found.logMarginalLikelihood, expected.lml, 0.01, 'log marginal likelihood');
    expected.theta.forEach((exact, i) => {
      nearMoments(found.theta[i]?.internal, exact, { mean: 0.01, sd: 0.01 }, `theta ${i}`);
      // The grid of the reference has steps of half a standard deviation and more: so much for its quantiles.
      exact.q.forEach((q, k) =>
        near(found.theta[i]?.internal.quantiles[k], q, 0.1 * exact.sd, `theta ${i} quantile ${k}`),
      );
    });
    nearMoments(found.fixedEffects[0], expected.beta, { mean: 0.005, sd: 0.005 }, 'intercept');
    expected.beta.q.forEach((q, k) => near(found.fixedEffects[0]?.quantiles[k], q, 0.01, `intercept quantile ${k}`));
  });

  it('scotland: precision, fixed effects, effects and criteria as by importance sampling', async () => {
    interface Expected {
      readonly fixedEffects: readonly Moments[];
      readonly logPrecision: Moments;
      readonly logPrecisionLaplaceGrid: Moments;
      readonly effects: { readonly mean: readonly number[]; readonly sd: readonly number[] };
      readonly criteria: { readonly DIC: number; readonly pD: number; readonly WAIC: number; readonly pW: number };
    }
    const { model, initialTheta, expected } = await readCase<Expected>('scotland');
    const { theta, thetaCovariance } = await fitted(model, initialTheta);
    const found = await engine.integrate(model, theta, thetaCovariance).promise;
    const precision = found.theta[2]?.internal;
    nearMoments(precision, expected.logPrecisionLaplaceGrid, { mean: 0.005, sd: 0.005 }, 'log precision on the grid');
    // Laplace's approximation of p(y | theta) is what is left.
    nearMoments(precision, expected.logPrecision, { mean: 0.06, sd: 0.01 }, 'log precision');
    expected.fixedEffects.forEach((effect, i) =>
      nearMoments(found.fixedEffects[i], effect, { mean: 0.02, sd: 0.02 }, `fixed effect ${i}`),
    );
    expected.effects.mean.forEach((mean, i) => {
      const exact = { mean, sd: expected.effects.sd[i] ?? NaN };
      nearMoments(found.fixedEffects[2 + i], exact, { mean: 0.03, sd: 0.03 }, `effect ${i}`);
    });
    const { criteria } = found;
    near(criteria?.dic, expected.criteria.DIC, 0.5, 'DIC');
    near(criteria?.dicEffectiveParameters, expected.criteria.pD, 0.2, 'effective parameters of DIC');
    near(criteria?.waic, expected.criteria.WAIC, 0.5, 'WAIC');
    near(criteria?.waicEffectiveParameters, expected.criteria.pW, 0.2, 'effective parameters of WAIC');
  });
});
