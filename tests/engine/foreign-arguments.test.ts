// SPDX-License-Identifier: Apache-2.0
/** What looks like an argument and is none: handles, records, arrays, states and matrices of something else. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { test } from 'node:test';

import { isTramontanaError } from '../../common/errors.js';
import type { EngineModel } from '../../inference-core/host-ts/contract/engine-model.js';
import type { FitOptions, OptimizerState } from '../../inference-core/host-ts/contract/fit.js';
import { loadNativeEngine } from '../../inference-core/host-ts/addon/native.js';
import { smallModel, theta } from './chain-model.js';

const engine = loadNativeEngine();
const nothing = (): void => undefined;
const model = smallModel();
const [group] = model.observations;
assert.ok(group);

async function refused(call: () => unknown, message: RegExp): Promise<void> {
  await assert.rejects(
    async () => {
      await call();
    },
    (error) => {
      assert.ok(isTramontanaError(error, 'Engine.InvalidModel'), String(error));
      assert.match(error.message, message);
      return true;
    },
  );
}

const fit = (options: Partial<FitOptions>, state?: OptimizerState, of: EngineModel = model) =>
  engine.fit(of, { initialTheta: theta, ...options }, state, nothing).promise;

test('a handle that prepare() did not give is no model, and its memory is not read as one', async () => {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port);
  try {
    await once(socket, 'connect');
    const { _handle } = socket as unknown as { _handle: { _externalStream: unknown } };
    await refused(() => engine.evaluate(_handle._externalStream as EngineModel, theta), /^model must be/u);
  } finally {
    socket.destroy();
    server.close();
  }
  await engine.evaluate(await engine.prepare(model), theta);
});

test('what has its content elsewhere than in fields is no record of options', async () => {
  for (const request of [
    new Map([['gradient', true]]),
    new Set(['gradient']),
    new Date(),
    nothing,
    new Float64Array(1),
    new ArrayBuffer(8),
    Promise.resolve({ gradient: true }),
  ]) {
    await refused(() => engine.evaluate(model, theta, request as object), /^request must be an object/u);
  }
  class Request {
    readonly gradient = true;
  }
  for (const request of [new Request(), Object.assign(Object.create(null) as object, { gradient: true })]) {
    assert.ok((await engine.evaluate(model, theta, request)).gradient);
  }
});

test('an empty array is not one number an observation', async () => {
  const weighted = { ...model, observations: [{ ...group, weights: new Float64Array(0) }] };
  await refused(() => engine.prepare(weighted), /^observations\[0\]\.weights must have length 30, found 0/u);
  const counts = { ...group, y: group.y.map(() => 1), likelihood: 'poisson', exposure: new Float64Array(0) } as const;
  await refused(
    () => engine.prepare({ ...model, observations: [counts], priors: model.priors.slice(0, 3) }),
    /^observations\[0\]\.exposure must have length 30, found 0/u,
  );
});

test('a state of other data is refused, at whatever point it was taken', async () => {
  const states: OptimizerState[] = [];
  await engine.fit(model, { initialTheta: theta }, undefined, (state) => states.push(state)).promise;
  const other = { ...model, observations: [{ ...group, y: group.y.map((y) => 50 * y + 3) }] };
  for (const state of states)
    await refused(() => fit({}, state, other), /is not of this model: its objective must be/u);
  for (const state of [states[0], states[2], states.at(-1)]) assert.ok((await fit({}, state)).converged);
});

test('matrices that contradict themselves are refused', async () => {
  const skew = Float64Array.from({ length: 16 }, (_, i) => (i % 5 === 0 ? 10 : i === 1 ? 5 : 0));
  await refused(() => fit({ initialCurvature: skew }), /^initialCurvature must be symmetric/u);
  const halfFixed = Float64Array.from({ length: 16 }, (_, i) =>
    i === 1 || i === 4 ? 0.1 : i > 0 && i % 5 === 0 ? 1 : 0,
  );
  await refused(
    () => engine.integrate(model, theta, halfFixed).promise,
    /^thetaCovariance must have no covariance with a component of zero variance/u,
  );
  await refused(
    () => engine.integrate(model, theta, new Float64Array(16), { criteria: false, rinlaCriteria: true }).promise,
    /^rinlaCriteria must be false without criteria/u,
  );
});

test('columns are collinear at either end of double precision', async () => {
  for (const value of [1e-300, 1e-170, 1e170, 1e300]) {
    const covariates = Float64Array.from({ length: 60 }, (_, i) => (i % 2 === 0 ? 1 : value));
    await refused(
      () => engine.prepare({ ...model, observations: [{ ...group, numCovariates: 2, covariates }] }),
      /column 1 collinear with column 0/u,
    );
  }
});

test('a logistic response of any spread is right, at once', () => {
  const startMs = performance.now();
  for (const variance of [17, 1e4, 1e13, 1e17, 1e30, 1e300]) {
    for (const mean of [-3, 0, 3]) {
      const found = engine.summariseResponse('logistic', Float64Array.of(mean), Float64Array.of(variance), [0.5]);
      // Simpson's rule over the density of the predictor, or the limit of a step.
      const sd = Math.sqrt(variance);
      let [first, second, total] = [0, 0, 0];
      for (let k = -40_000; sd <= 100 && k <= 40_000; k += 1) {
        const weight = Math.exp(-0.5 * (k / 4000) ** 2) * (k % 2 === 0 ? 2 : 4);
        const share = 1 / (1 + Math.exp(-mean - (sd * k) / 4000));
        total += weight;
        first += weight * share;
        second += weight * share * share;
      }
      const exact = total > 0 ? first / total : 0.5;
      const spread = total > 0 ? Math.sqrt(second / total - exact * exact) : 0.5;
      const tolerance = total > 0 ? 1e-9 : 1e-5;
      assert.ok(Math.abs((found.mean[0] ?? NaN) - exact) < tolerance, `mean ${found.mean[0]}, not ${exact}`);
      assert.ok(Math.abs((found.sd[0] ?? NaN) - spread) < tolerance, `sd ${found.sd[0]}, not ${spread}`);
    }
  }
  assert.ok(performance.now() - startMs < 2000);
});
