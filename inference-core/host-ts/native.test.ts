// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import type { CsrMatrix } from '../../artifacts/schemas/mesh.js';
import { isTramontanaError } from '../../common/errors.js';
import type { EngineModel } from './engine-model.js';
import type { OptimizerState } from './fit.js';
import { addonPath, loadNativeEngine } from './native.js';
import { thetaNames } from './theta-names.js';

const skip = existsSync(addonPath()) ? false : 'the native engine is not built; run `npm run setup`';

function csrFromRows(rows: readonly (readonly (readonly [number, number])[])[], numColumns: number): CsrMatrix {
  const entries = rows.flat();
  let end = 0;
  return {
    numRows: rows.length,
    numColumns,
    rowPointers: Int32Array.from([0, ...rows.map((row) => (end += row.length))]),
    columnIndices: Int32Array.from(entries, ([column]) => column),
    values: Float64Array.from(entries, ([, value]) => value),
  };
}

/** A chain of nodes (a string of beads is a mesh as well, to the algebra) over some days, observed at every node. */
function smallModel(numTimeSteps = 5): EngineModel {
  const numNodes = 6;
  const stiffness = Array.from({ length: numNodes }, (_, i): [number, number][] => {
    const row: [number, number][] = [];
    if (i > 0) row.push([i - 1, -1]);
    row.push([i, i === 0 || i === numNodes - 1 ? 1 : 2]);
    if (i + 1 < numNodes) row.push([i + 1, -1]);
    return row;
  });
  const rows: [number, number][][] = [];
  const y: number[] = [];
  const timeIndex: number[] = [];
  for (let step = 0; step < numTimeSteps; step++) {
    for (let node = 0; node < numNodes; node++) {
      rows.push([[node, 1]]);
      timeIndex.push(step);
      y.push(2 + Math.sin(node + 0.7 * step) + 0.3 * Math.cos(7.3 * node * step + step));
    }
  }
  const atEnds = (end: number, inside: number): Float64Array =>
    Float64Array.from({ length: numTimeSteps }, (_, i) => (i === 0 || i === numTimeSteps - 1 ? end : inside));
  return {
    kind: 'spatio-temporal',
    manifold: 'plane',
    numTimeSteps,
    c0: new Float64Array(numNodes).fill(1),
    g1: csrFromRows(stiffness, numNodes),
    temporal: {
      m0: atEnds(0.5, 1),
      m1: atEnds(0.5, 0),
      m2Diagonal: atEnds(1, 2),
      m2OffDiagonal: new Float64Array(numTimeSteps - 1).fill(-1),
    },
    observations: [
      {
        y: Float64Array.from(y),
        timeIndex: Int32Array.from(timeIndex),
        projector: csrFromRows(rows, numNodes),
        covariates: new Float64Array(y.length).fill(1),
        numCovariates: 1,
      },
    ],
    fixedEffectsPriorPrecision: 0.001,
    priors: [
      { type: 'gaussian', mean: 1, precision: 1 },
      { type: 'gaussian', mean: 1, precision: 1 },
      { type: 'penalized-complexity', kind: 'sigma', lambda: 2 },
      { type: 'penalized-complexity', kind: 'noise-sd', lambda: 2 },
    ],
  };
}

const theta = [1, 1, 0, 1.5];

test('gradient agrees with central differences of the objective', { skip }, async () => {
  const engine = loadNativeEngine();
  const model = smallModel();
  const { gradient } = await engine.evaluate(model, theta, { gradient: true });
  assert.ok(gradient);
  for (const [i, value] of theta.entries()) {
    const step = 1e-4;
    const above = await engine.evaluate(model, theta.with(i, value + step));
    const below = await engine.evaluate(model, theta.with(i, value - step));
    const difference = (above.objective - below.objective) / (2 * step);
    // step^2 times the third derivative, and rounding of the objective over the step.
    assert.ok(Math.abs((gradient[i] ?? NaN) - difference) < 1e-5 * (1 + Math.abs(difference)), `component ${i}`);
  }
});

test('spectral basis given or computed, spectral or nodal recursion: one answer', { skip }, async () => {
  const engine = loadNativeEngine();
  const model = smallModel();
  const spectralBasis = await engine.spectralBasis(model.c0, model.g1);
  const expected = await engine.evaluate(model, theta, { latent: true });
  for (const [other, coordinates] of [
    [{ ...model, spectralBasis }, 'spectral'],
    [model, 'nodal'],
  ] as const) {
    const found = await engine.evaluate(other, theta, { latent: true, coordinates });
    assert.ok(Math.abs(found.objective - expected.objective) < 1e-10);
    found.marginalVariances?.forEach((variance, i) => {
      assert.ok(Math.abs(variance / (expected.marginalVariances?.[i] ?? NaN) - 1) < 1e-10);
    });
  }
});

test(
  'without data, variances are 4/3 at the ends of a discretised field, and stationary for an exact one',
  { skip },
  async () => {
    const engine = loadNativeEngine();
    const numSteps = 121;
    const { temporal, ...model } = smallModel(numSteps);
    assert.ok(temporal);
    const [group] = model.observations;
    assert.ok(group);
    const observations = [{ ...group, weights: new Float64Array(group.y.length).fill(1e-14) }];
    // g^2 = 8 and eigenvalues up to 4: the slowest mode forgets in 20 steps, the fastest in 13; steps are short against both.
    const rangeDays = 40;
    const longTheta = [0, Math.log(rangeDays), 0, 0];
    const varianceAt = async (other: EngineModel): Promise<(step: number) => number> => {
      const { marginalVariances } = await engine.evaluate(other, longTheta, { latent: true });
      return (step) => marginalVariances?.[step * 6 + 2] ?? NaN;
    };
    const discretised = await varianceAt({ ...model, temporal, observations });
    const inside = discretised(60);
    for (const end of [0, numSteps - 1]) {
      // A step of 1 against memories of 13 and more moves the ratio by less than a hundredth.
      assert.ok(Math.abs(discretised(end) / inside - 4 / 3) < 0.01, `${discretised(end) / inside}`);
    }
    for (const t of [2, 5, 10]) {
      const excess = discretised(t) / inside - 1;
      assert.ok(excess > 0 && excess < (1 / 3) * Math.exp((-4 * t) / rangeDays), `${t}: ${excess}`);
    }
    const exact = await varianceAt({ ...model, kind: 'exact-diffusion', observations });
    for (const step of [0, 1, 60, numSteps - 1]) assert.ok(Math.abs(exact(step) / exact(30) - 1) < 1e-9);
  },
);

test('prediction at the nodes equals latent mean plus fixed effect', { skip }, async () => {
  const engine = loadNativeEngine();
  const model = smallModel();
  const latent = await engine.evaluate(model, theta, { latent: true });
  const [moments] = await engine.predict(model, theta, [
    {
      process: 0,
      timeIndices: Int32Array.of(0, 3),
      projector: csrFromRows(
        Array.from({ length: 6 }, (_, node) => [[node, 1]] as const),
        6,
      ),
      covariates: new Float64Array(6).fill(1),
    },
  ]);
  assert.equal(moments?.mean.length, 12);
  const expected = (latent.latentMean?.[3 * 6 + 2] ?? NaN) + (latent.fixedEffectMeans[0] ?? NaN);
  assert.ok(Math.abs((moments.mean[6 + 2] ?? NaN) - expected) < 1e-12);
  assert.ok(moments.variance.every((variance) => variance > 0));
});

test('a fit resumed from a state that went through JSON is the same fit', { skip }, async () => {
  const engine = loadNativeEngine();
  const model = smallModel();
  const states: OptimizerState[] = [];
  const whole = await engine.fit(model, { initialTheta: theta }, undefined, (state) => states.push(state)).promise;
  assert.ok(whole.converged);
  assert.equal(states.at(-1)?.phase, 'done');
  const middle = JSON.parse(JSON.stringify(states[Math.floor(states.length / 2)])) as OptimizerState;
  const resumed = await engine.fit(model, { initialTheta: theta }, middle, () => undefined).promise;
  assert.deepEqual(resumed.theta, whole.theta);
  assert.deepEqual(resumed.thetaCovariance, whole.thetaCovariance);
  assert.equal(resumed.evaluations, whole.evaluations);
});

test('an interrupted fit rejects with Engine.Interrupted after its last state', { skip }, async () => {
  const iterations: number[] = [];
  // long enough that the interruption, which comes from this thread, cannot come too late
  const model = smallModel(4000);
  const running = loadNativeEngine().fit(model, { initialTheta: theta }, undefined, (state) => {
    iterations.push(state.iteration);
    running.interrupt();
  });
  await assert.rejects(running.promise, (error) => isTramontanaError(error, 'Engine.Interrupted') && error.retryable);
  assert.ok(iterations.length >= 1);
});

test('what the progress callback throws rejects the fit', { skip }, async () => {
  const engine = loadNativeEngine();
  const running = engine.fit(smallModel(), { initialTheta: theta }, undefined, () => {
    throw new Error('disk full');
  });
  await assert.rejects(running.promise, /disk full/);
});

test('invalid models reject with Engine.InvalidModel that names the field', { skip }, async () => {
  const engine = loadNativeEngine();
  const model = smallModel();
  const observations = [{ ...model.observations[0]!, y: new Float64Array(30).fill(NaN) }];
  const cases: [Partial<EngineModel>, RegExp][] = [
    [{ observations }, /observations\[0\]\.y must be finite/],
    [{ observations: [] }, /observations must hold at least one group/],
    [{ c0: new Float64Array(6) }, /c0 must be positive/],
    [{ priors: [] }, /one prior for each of the 4 components/],
  ];
  for (const [change, message] of cases) {
    await assert.rejects(engine.evaluate({ ...model, ...change }, theta), (error) => {
      assert.ok(isTramontanaError(error, 'Engine.InvalidModel'));
      assert.match(error.message, message);
      return true;
    });
  }
  await assert.rejects(engine.evaluate(model, [1, NaN, 0, 1]), /theta\[1\] \(log_range_t\) must be finite/);
});

test('what is no number is refused, never read as one', { skip }, async () => {
  const engine = loadNativeEngine();
  const model = smallModel();
  // JavaScript would make 0 of null and of an empty array, and 1 of true.
  for (const value of [null, undefined, [], true, '0.3']) {
    const spoilt = [...theta.slice(0, -1), value] as number[];
    const message = new RegExp(`theta\\[${theta.length - 1}\\] must be a number`);
    await assert.rejects(
      engine.evaluate(model, spoilt),
      (error) => isTramontanaError(error, 'Engine.InvalidModel') && message.test(error.message),
    );
  }
  const nothing = undefined as unknown as number[];
  await assert.rejects(
    engine.evaluate(model, nothing),
    (error) => isTramontanaError(error, 'Engine.InvalidModel') && /theta must be/.test(error.message),
  );
});

test('a field that no function knows is refused by its name, wherever it stands', { skip }, async () => {
  const engine = loadNativeEngine();
  const model = smallModel();
  const [group] = model.observations;
  assert.ok(group);
  const identity = Float64Array.from({ length: 16 }, (_, i) => (i % 5 === 0 ? 1e-4 : 0));
  const design = {
    process: 0,
    timeIndices: Int32Array.of(0),
    projector: csrFromRows([[[0, 1]]], 6),
    covariates: Float64Array.of(1),
  };
  const nothing = (): undefined => undefined;
  const start = { initialTheta: theta };
  const cases: [string, () => Promise<unknown>][] = [
    ['request.gradients', () => engine.evaluate(model, theta, { gradients: true } as object)],
    [
      'options.maxIteration',
      () => engine.fit(model, { ...start, maxIteration: 3 } as never, undefined, nothing).promise,
    ],
    ['options.tolerance', () => engine.multilevelStart(model, { ...start, tolerance: 1 } as never).promise],
    ['options.criterion', () => engine.integrate(model, theta, identity, { criterion: false } as object).promise],
    ['options.samples', () => engine.samplePosterior(model, [{ theta, weight: 1 }], { samples: 3 } as object).promise],
    ['points[0].wieght', () => engine.samplePosterior(model, [{ theta, weight: 1, wieght: 2 } as never]).promise],
    ['designs[0].offset', () => engine.predict(model, theta, [{ ...design, offset: 1 } as never])],
    ['offsets', () => engine.evaluate({ ...model, offsets: new Float64Array(2) } as never, theta)],
    ['observations[0].weigths', () => engine.prepare({ ...model, observations: [{ ...group, weigths: 1 } as never] })],
    ['temporal.m3', () => engine.prepare({ ...model, temporal: { ...model.temporal, m3: 1 } as never })],
    ['g1.data', () => engine.spectralBasis(model.c0, { ...model.g1, data: true } as never)],
    [
      'priors[2].mean',
      () => engine.prepare({ ...model, priors: model.priors.with(2, { ...model.priors[2], mean: 1 } as never) }),
    ],
  ];
  for (const [field, call] of cases) {
    await assert.rejects(
      async () => call(),
      (error) => {
        assert.ok(isTramontanaError(error, 'Engine.InvalidModel'), String(error));
        assert.ok(error.message.startsWith(`${field} is not known; expected no other fields than `), error.message);
        assert.equal(error.facts['field'], field);
        return true;
      },
    );
  }
  // What is undefined is absent, under any name.
  await engine.evaluate({ ...model, offsets: undefined } as never, theta, { gradients: undefined } as object);
});

test('options that are no object are refused', { skip }, async () => {
  const engine = loadNativeEngine();
  for (const options of [[], 'gradient', 3, true]) {
    await assert.rejects(
      engine.evaluate(smallModel(), theta, options as object),
      (error) => isTramontanaError(error, 'Engine.InvalidModel') && /^request must be an object/u.test(error.message),
    );
  }
});

test('priors, ranges and covariates that cannot be meant are refused by name', { skip }, async () => {
  const engine = loadNativeEngine();
  const model = smallModel();
  const [group] = model.observations;
  assert.ok(group);
  const sigma = { type: 'penalized-complexity', kind: 'sigma', lambda: 1 } as const;
  const twice = { ...group, numCovariates: 2, covariates: new Float64Array(2 * group.y.length).fill(3e6) };
  const cases: [() => Promise<unknown>, RegExp][] = [
    [
      () => engine.prepare({ ...model, priors: model.priors.with(0, sigma) }),
      /^priors\[0\] \(log_range_s\) .*'sigma'/u,
    ],
    [() => engine.prepare({ ...model, observations: [twice] }), /column 1 collinear with column 0/u],
    [
      () => engine.fit(model, { initialTheta: theta.with(0, -3) }, undefined, () => undefined).promise,
      /^initialTheta\[0\] \(log_range_s\) must not keep the spatial range below the shortest edge of the mesh, 1\.07/u,
    ],
  ];
  for (const [call, message] of cases) {
    await assert.rejects(
      async () => call(),
      (error) => {
        assert.ok(isTramontanaError(error, 'Engine.InvalidModel'), String(error));
        assert.match(error.message, message);
        return true;
      },
    );
  }
});

test('a theta that cannot be factorised rejects with block, pivot and theta', { skip }, async () => {
  const engine = loadNativeEngine();
  await assert.rejects(engine.evaluate(smallModel(), [1, 1, -400, 1]), (error) => {
    assert.ok(isTramontanaError(error, 'Engine.NotPositiveDefinite'));
    assert.deepEqual(error.facts['theta'], [1, 1, -400, 1]);
    return true;
  });
});

test('the number of threads is checked', { skip }, () => {
  assert.throws(
    () => loadNativeEngine().setNumThreads(0),
    (error) => isTramontanaError(error, 'Engine.InvalidModel'),
  );
});

test('theta integrated out: weights, marginals, criteria and predictions belong together', { skip }, async () => {
  const engine = loadNativeEngine();
  const model = smallModel();
  const fit = await engine.fit(model, { initialTheta: theta }, undefined, () => undefined).promise;
  assert.ok(fit.thetaCovariance);
  const result = await engine.integrate(model, fit.theta, fit.thetaCovariance).promise;
  assert.equal(result.points.length, 25);
  assert.ok(Math.abs(result.points.reduce((sum, point) => sum + point.weight, 0) - 1) < 1e-12);
  assert.deepEqual(
    result.theta.map((marginal) => marginal.naturalName),
    ['range_s', 'range_t', 'sigma', 'noise_precision'],
  );
  for (const { natural } of result.theta) {
    assert.equal(natural.grid.length, natural.density.length);
    const [low = NaN, median = NaN, high = NaN] = natural.quantiles;
    assert.ok(0 < low && low < median && median < high);
  }
  assert.equal(result.latent?.mean.length, 5 * 6 + 1);
  assert.ok(result.criteria);
  assert.equal(result.criteria.groups[0]?.pit.length, model.observations[0]?.y.length);
  assert.ok(
    Math.abs(result.criteria.dic - result.criteria.meanDeviance - result.criteria.dicEffectiveParameters) < 1e-9,
  );

  const atMode = await engine.integrate(model, fit.theta, fit.thetaCovariance, {
    strategy: 'empirical-bayes',
    criteria: false,
  }).promise;
  const expected = await engine.evaluate(model, fit.theta, { latent: true });
  atMode.latent?.sd.forEach((sd, i) => {
    assert.ok(Math.abs(sd ** 2 / (expected.marginalVariances?.[i] ?? NaN) - 1) < 1e-10);
  });
  assert.equal(atMode.criteria, undefined);
});

test('an integration can be interrupted, and names a covariance that is not one', { skip }, async () => {
  const engine = loadNativeEngine();
  const model = smallModel();
  const identity = Float64Array.from({ length: 16 }, (_, i) => (i % 5 === 0 ? 1e-4 : 0));
  // long enough that the interruption, which comes from this thread, cannot come too late
  const running = engine.integrate(smallModel(4000), theta, identity);
  running.interrupt();
  await assert.rejects(running.promise, (error) => isTramontanaError(error, 'Engine.Interrupted'));
  await assert.rejects(engine.integrate(model, theta, identity.subarray(1)).promise, (error) =>
    isTramontanaError(error, 'Engine.InvalidModel'),
  );
});

test('a prepared model stands for the model in every function', { skip }, async () => {
  const engine = loadNativeEngine();
  const model = smallModel();
  const theta = [0.5, 0.6, -0.3, 2];
  const prepared = await engine.prepare(model);
  const [direct, again] = await Promise.all([
    engine.evaluate(model, theta, { gradient: true }),
    engine.evaluate(prepared, theta, { gradient: true }),
  ]);
  assert.equal(again.objective, direct.objective);
  assert.deepEqual(again.gradient, direct.gradient);
  const options = { initialTheta: theta, computeHessian: false };
  const fit = await engine.fit(prepared, options, undefined, () => undefined).promise;
  assert.equal(fit.converged, true);
  await assert.rejects(
    engine.prepare({ ...model, c0: new Float64Array(6) }),
    (error) => isTramontanaError(error, 'Engine.InvalidModel') && /c0 must be positive/u.test(error.message),
  );
});

test(
  'a fit starts at the mode of a coarser mesh where that resolves the range, and as given where it does not',
  { skip },
  async () => {
    const engine = loadNativeEngine();
    // Edges of about 1, ranges held at 20 and at 2.
    for (const range of [20, 2]) {
      const model: EngineModel = {
        ...smallModel(),
        priors: smallModel().priors.with(0, { type: 'fixed', value: Math.log(range) }),
      };
      const options = { initialTheta: theta.with(0, Math.log(range)), gradientTolerance: 1e-4 };
      const start = await engine.multilevelStart(model, options).promise;
      assert.equal(start.isUsed, range === 20, start.reason);
      assert.ok(start.coarseEvaluations > 0);
      assert.equal(start.options.gradientTolerance, 1e-4);
      if (!start.isUsed) {
        assert.match(start.reason, /does not resolve the range/u);
        assert.deepEqual(start.options.initialTheta, options.initialTheta);
        continue;
      }
      // The fine model is the coarse one here: the fit ends where it starts.
      const fit = await engine.fit(model, start.options, undefined, () => undefined).promise;
      assert.equal(fit.iterations, 0);
    }
    await assert.rejects(engine.multilevelStart(smallModel(), { initialTheta: [1] }).promise, (error) =>
      isTramontanaError(error, 'Engine.InvalidModel'),
    );
  },
);

test('counts, random effects and several groups a process reach the engine', { skip }, async () => {
  const engine = loadNativeEngine();
  const model = smallModel();
  const [group] = model.observations;
  assert.ok(group);
  const levels = Int32Array.from(group.y, (_, index) => index % 3);
  const counts = { ...group, likelihood: 'poisson', y: group.y.map((y) => Math.round(Math.exp(y) / 3)) } as const;
  const joint: EngineModel = {
    ...model,
    observations: [
      { ...counts, process: 0, effectLevels: [levels] },
      { ...group, process: 0, effectLevels: [levels] },
    ],
    randomEffects: [{ process: 0, numLevels: 3, structure: 'cyclic-walk' }],
    priors: Array.from({ length: 5 }, () => ({ type: 'gaussian', mean: 0, precision: 0.5 }) as const),
  };
  assert.deepEqual(thetaNames(joint), [
    'log_range_s',
    'log_range_t',
    'log_sigma',
    'log_noise_precision_group_1',
    'log_effect_precision_0',
  ]);
  const theta = [0.5, 0.6, -0.3, 2, 1];
  const found = await engine.evaluate(joint, theta, { gradient: true });
  assert.equal(found.gradient?.length, 5);
  const step = 1e-5;
  for (const index of theta.keys()) {
    const at = async (shift: number): Promise<number> =>
      (await engine.evaluate(joint, theta.with(index, (theta[index] ?? 0) + shift))).objective;
    const difference = ((await at(step)) - (await at(-step))) / (2 * step);
    // rounding of f over the step
    assert.ok(Math.abs((found.gradient[index] ?? NaN) - difference) < 1e-5);
  }
  await assert.rejects(
    engine.evaluate({ ...joint, observations: [{ ...counts, y: group.y }] }, theta),
    (error) =>
      isTramontanaError(error, 'Engine.InvalidModel') && /observations\[0\]\.y must be counts/u.test(error.message),
  );
});

test('predictors are carried back to the scale of the response', { skip }, () => {
  const engine = loadNativeEngine();
  const summary = engine.summariseResponse('exp', Float64Array.of(1), Float64Array.of(0.25), [0.5]);
  assert.ok(Math.abs((summary.mean[0] ?? 0) - Math.exp(1.125)) < 1e-14);
  assert.ok(Math.abs((summary.quantiles[0] ?? 0) - Math.E) < 1e-14);
  assert.throws(
    () => engine.summariseResponse('exp', Float64Array.of(1), Float64Array.of(-1), [0.5]),
    (error) => isTramontanaError(error, 'Engine.InvalidModel'),
  );
});

test('samples of predictors scatter around their prediction', { skip }, async () => {
  const engine = loadNativeEngine();
  const model = smallModel();
  const design = {
    process: 0,
    timeIndices: Int32Array.of(1, 4),
    projector: csrFromRows(
      [
        [[2, 1]],
        [
          [3, 0.5],
          [4, 0.5],
        ],
      ],
      6,
    ),
    covariates: Float64Array.of(1, 1),
  };
  const [expected] = await engine.predict(model, theta, [design]);
  const numSamples = 400;
  const points = [{ theta, weight: 1 }];
  const samples = await engine.samplePosterior(model, points, { numSamples, seed: 3, predictions: [design] }).promise;
  assert.equal(samples.points.length, numSamples);
  assert.equal(samples.latent, undefined);
  const [values] = samples.predictions;
  assert.ok(expected && values);
  for (let i = 0; i < 4; i += 1) {
    let mean = 0;
    for (let s = 0; s < numSamples; s += 1) mean += (values[s * 4 + i] ?? NaN) / numSamples;
    // five standard errors
    const error = Math.sqrt((expected.variance[i] ?? NaN) / numSamples);
    assert.ok(Math.abs(mean - (expected.mean[i] ?? NaN)) < 5 * error);
  }
  const again = await engine.samplePosterior(model, points, { numSamples, seed: 3, predictions: [design] }).promise;
  assert.deepEqual(again.predictions, samples.predictions);
});

test('single observations left out agree with CPO at the mode', { skip }, async () => {
  const engine = loadNativeEngine();
  const model = smallModel();
  const count = model.observations[0]?.y.length ?? 0;
  const covariance = Float64Array.from({ length: 16 }, (_, i) => (i % 5 === 0 ? 1e-4 : 0));
  const atMode = await engine.integrate(model, theta, covariance, { strategy: 'empirical-bayes' }).promise;
  const folds = [Int32Array.from({ length: count }, (_, i) => (i < 3 ? i : -1))];
  const found = await engine.leaveGroupsOut(model, theta, folds).promise;
  for (let i = 0; i < 3; i += 1) {
    const logCpo = atMode.criteria?.groups[0]?.logCpo[i] ?? NaN;
    // differences of evidences of size 100
    assert.ok(Math.abs((found.foldLogDensity[i] ?? NaN) - logCpo) < 1e-9);
    assert.ok(Math.abs((found.groups[0]?.logDensity[i] ?? NaN) - logCpo) < 1e-9);
  }
  assert.ok(Number.isNaN(found.groups[0]?.pit[5]));
});
