// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';

import type { FitResult } from '../../../artifacts/schemas/fit-result.js';
import { TramontanaError } from '../../../common/errors.js';
import { fakeEngine } from '../../../tests/engine/fake-engine.js';
import { smallModel, temporaryFolder } from '../../../tests/golden/support.js';
import type { FitOptions, NativeFitResult, OptimizerState } from '../contract/fit.js';
import type { Evaluation, NativeEngine } from '../contract/native-engine.js';
import type { FitJobContent, StartChoice } from '../job/job.js';
import { takeLease } from '../job/lease.js';
import { runFit } from './fit-runner.js';
import { singleRank } from './rank-group.js';

const DEFAULTS = [0, 0];
const EARLIER = [3, 3];
const HESSIAN_EVALUATIONS = 2;
const REFERENCE = { evaluations: 12, of: 'the first fit' };
const START: StartChoice = {
  ...{ from: 'earlier-run', reason: 'the mode of before', theta: EARLIER },
  ...{ curvature: [2, 0, 0, 2], reference: REFERENCE, earlierKey: 'k' },
};

/** What a search finds, by its start. */
interface Behaviour {
  /** Objective at the start. */
  readonly atStart: number;
  readonly objective?: number;
  readonly searched?: number;
  readonly stopReason?: string;
  readonly activeBounds?: readonly string[];
  readonly fails?: true;
}

function found(theta: readonly number[], behaviour: Behaviour): NativeFitResult {
  const { atStart, objective = 10, searched = 4, stopReason = 'gradient', activeBounds = [] } = behaviour;
  const step = { accepted: true, gradientNorm: 0, trustRadius: 1, theta };
  return {
    ...{ theta: Float64Array.from(theta), objective, gradient: new Float64Array(2), gradientNorm: 0, activeBounds },
    ...{ converged: stopReason === 'gradient', stopReason, iterations: searched - 1, otherOptima: [] },
    evaluations: searched + HESSIAN_EVALUATIONS,
    ...{ hessian: Float64Array.of(2, 0, 0, 2), thetaCovariance: Float64Array.of(0.5, 0, 0, 0.5) },
    ...{ fixedEffectMeans: new Float64Array(), fixedEffectCovariance: new Float64Array() },
    ...{ logMarginalLikelihood: 0, recursion: 'fake', seconds: 0 },
    trace: [
      { ...step, iteration: 0, objective: atStart, evaluations: 1 },
      { ...step, iteration: searched - 1, objective, evaluations: searched },
    ],
  };
}

interface Watched {
  readonly engine: NativeEngine;
  readonly searches: FitOptions[];
  /** Times that the objective alone was asked for. */
  readonly probes: number[];
}

/** An engine whose searches find what is said for their starts. */
function engineWith(behaviourAt: (theta: readonly number[]) => Behaviour): Watched {
  const searches: FitOptions[] = [];
  const probes: number[] = [];
  const failed = new TramontanaError('Engine.NotPositiveDefinite', 'not here');
  const engine = fakeEngine({
    fit: (_model, options) => {
      searches.push(options);
      const behaviour = behaviourAt(options.initialTheta);
      const promise =
        behaviour.fails === true ? Promise.reject(failed) : Promise.resolve(found(options.initialTheta, behaviour));
      return { promise, interrupt: () => undefined };
    },
    evaluate: (_model, theta) => {
      probes.push(searches.length);
      const { fails, atStart } = behaviourAt([...theta]);
      return fails === true ? Promise.reject(failed) : Promise.resolve({ objective: atStart } as Evaluation);
    },
  });
  return { engine, searches, probes };
}

const isEarlier = (theta: readonly number[]): boolean => theta[0] === EARLIER[0];

async function fitOf(
  context: TestContext,
  { engine }: Watched,
  more: Partial<FitJobContent> = {},
): Promise<{ readonly result: FitResult; readonly warnings: string[] }> {
  const folder = await temporaryFolder(context);
  const warnings: string[] = [];
  const job: FitJobContent = {
    ...{ kind: 'fit', jobKey: 'job', attemptToken: await takeLease(folder), checkpointFolder: folder },
    options: { threads: 1, gradientTolerance: 1e-3, maximumIterations: 100 },
    ...{ model: smallModel(), initialTheta: DEFAULTS, thetaNames: ['a', 'b'], start: START },
    ...more,
  };
  const result = await runFit(job, engine, {
    emit: (event) => (event.type === 'warning' ? warnings.push(event.code) : undefined),
    onStart: () => undefined,
    signal: new AbortController().signal,
    group: singleRank(),
    restart: 0,
  });
  return { result, warnings };
}

describe('a fit that begins at an earlier mode', () => {
  it('begins there with its curvature, and tells what that saved', async (context) => {
    const watched = engineWith(() => ({ atStart: 11 }));
    const { result, warnings } = await fitOf(context, watched);
    assert.deepEqual(
      watched.searches.map(({ initialTheta, initialCurvature }) => [initialTheta, initialCurvature]),
      [[EARLIER, START.curvature]],
    );
    assert.deepEqual(watched.probes, [], 'a start near its mode is not compared');
    assert.deepEqual(warnings, []);
    assert.equal(result.evaluations, 6);
    assert.deepEqual(result.start, {
      ...{ from: 'earlier-run', reason: START.reason, evaluationsSaved: 6, reference: REFERENCE, earlierKey: 'k' },
    });
    assert.deepEqual(result.hessian, [
      [2, 0],
      [0, 2],
    ]);
  });

  it('is compared with the defaults where its mode is far, and stands where it is better', async (context) => {
    const watched = engineWith((theta) => ({ atStart: isEarlier(theta) ? 200 : 300 }));
    const { result } = await fitOf(context, watched);
    assert.equal(watched.searches.length, 1);
    assert.equal(watched.probes.length, 1);
    assert.equal(result.start?.from, 'earlier-run');
  });

  it('falls back on the defaults where it cannot be evaluated, is worse or does not lead to a mode', async (context) => {
    const good: Behaviour = { atStart: 50, objective: 9 };
    const cases: readonly (readonly [string, Behaviour, number])[] = [
      ['cannot be evaluated there', { atStart: 0, fails: true }, 1 + 6],
      ['ended early (iterations)', { atStart: 11, stopReason: 'iterations' }, 6 + 6],
      ['ended at a bound', { atStart: 11, activeBounds: ['sigma'] }, 6 + 6],
      ['worse than the defaults (objective 90.0, not 50.0)', { atStart: 90 }, 6 + 1 + 6],
    ];
    for (const [reason, behaviour, evaluations] of cases) {
      const watched = engineWith((theta) => (isEarlier(theta) ? behaviour : good));
      const { result, warnings } = await fitOf(context, watched);
      assert.deepEqual(
        watched.searches.map(({ initialTheta }) => initialTheta),
        [EARLIER, DEFAULTS],
        reason,
      );
      assert.equal(watched.searches[1]?.initialCurvature, undefined);
      assert.deepEqual(result.theta, DEFAULTS);
      assert.equal(result.evaluations, evaluations);
      assert.equal(result.start?.from, 'defaults');
      assert.equal(result.start.evaluationsSaved, 0);
      assert.ok(result.start.reason.includes(reason), result.start.reason);
      assert.deepEqual(warnings, ['start-not-used']);
    }
  });

  it('keeps the better mode of two, and one at a bound where the defaults give none', async (context) => {
    const lower = engineWith((theta) => ({ atStart: isEarlier(theta) ? 90 : 50, objective: isEarlier(theta) ? 8 : 9 }));
    assert.deepEqual((await fitOf(context, lower)).result.theta, EARLIER);
    const alone = engineWith((theta) =>
      isEarlier(theta) ? { atStart: 11, activeBounds: ['sigma'] } : { atStart: 0, fails: true },
    );
    assert.deepEqual((await fitOf(context, alone)).result.theta, EARLIER);
  });

  it('goes on from a checkpoint, whatever start the attempt was given', async (context) => {
    const folder = await temporaryFolder(context);
    const states: OptimizerState['theta'][] = [];
    const engine = fakeEngine({
      fit: (_model, { initialTheta }, resumeFrom, onIteration) => {
        states.push(resumeFrom?.theta ?? initialTheta);
        const state: OptimizerState = {
          version: 2,
          phase: 'search',
          ...{ iteration: 1, evaluations: 2, theta: [2.5, 2.5], objective: 11 },
          ...{ gradient: [1, 1], curvature: [], observedCurvature: [], curvatureCorrection: [], trustRadius: 1 },
          ...{ search: 0, searchStart: 0, saddlesLeft: 0, atRounding: false, optima: [], hessianColumns: [] },
          ...{ stopReason: '', converged: false, trace: [] },
        };
        if (resumeFrom === undefined) onIteration(state);
        const interrupted = new TramontanaError('Engine.Interrupted', 'stopped', { retryable: true });
        const promise =
          resumeFrom === undefined ? Promise.reject(interrupted) : Promise.resolve(found([2.5, 2.5], { atStart: 11 }));
        return { promise, interrupt: () => undefined };
      },
    });
    const job = { checkpointFolder: folder, attemptToken: await takeLease(folder) };
    await assert.rejects(fitOf(context, { engine, searches: [], probes: [] }, job));
    const second = {
      ...job,
      attemptToken: await takeLease(folder),
      start: { from: 'defaults', reason: 'none' } as const,
    };
    const { result } = await fitOf(context, { engine, searches: [], probes: [] }, second);
    assert.deepEqual(states, [EARLIER, [2.5, 2.5]]);
    assert.equal(result.start?.reason, START.reason, 'the start is that of the search, not of the attempt');
  });
});

describe('a fit that begins at coarser meshes', () => {
  const coarse = { edgeKm: 10, meshes: [28, 22].map((edgeKm) => ({ edgeKm, model: smallModel() })) };
  const start: StartChoice = { from: 'defaults', reason: 'first fit of the domain' };

  it('begins where their modes lead in a straight line, and counts its own evaluations', async (context) => {
    const watched = engineWith(() => ({ atStart: 11 }));
    const modes = [
      [5.8, 1],
      [5.2, 1],
    ];
    const engine = fakeEngine({
      ...watched.engine,
      fit: (model, options, from, onIteration) => {
        const running = watched.engine.fit(model, options, from, onIteration);
        const theta = modes[watched.searches.length - 1];
        if (theta === undefined) return running;
        assert.equal(options.computeHessian, false);
        return {
          ...running,
          promise: Promise.resolve({ ...found(theta, { atStart: 11, searched: 9 }), evaluations: 9 }),
        };
      },
    });
    const { result } = await fitOf(context, { ...watched, engine }, { start, coarse });
    const starts = watched.searches.map(({ initialTheta }) => initialTheta);
    assert.deepEqual(starts.slice(0, 2), [DEFAULTS, modes[0]]);
    assert.ok(Math.abs((starts[2]?.[0] ?? 0) - 4) < 1e-12, String(starts[2]));
    assert.equal(result.start?.from, 'coarse-mesh');
    assert.equal(result.evaluations, 6);
    assert.equal(result.start.reference?.evaluations, 9 + HESSIAN_EVALUATIONS);
    assert.equal(result.start.evaluationsSaved, 5);
    assert.match(
      result.start.reason,
      /^first fit of the domain; modes on meshes of \d+ and \d+ nodes, 18 evaluations/u,
    );
  });

  it('begins at the defaults where one of them has no mode', async (context) => {
    const watched = engineWith(() => ({ atStart: 11, stopReason: 'iterations' }));
    const engine = fakeEngine({
      ...watched.engine,
      fit: (model, options, from, onIteration) =>
        options.computeHessian === false
          ? watched.engine.fit(model, options, from, onIteration)
          : { promise: Promise.resolve(found(options.initialTheta, { atStart: 11 })), interrupt: () => undefined },
    });
    const { result } = await fitOf(context, { ...watched, engine }, { start, coarse });
    assert.deepEqual(result.theta, DEFAULTS);
    assert.equal(result.start?.from, 'defaults');
    assert.match(result.start.reason, /the mesh with edges of 28\.0 km is none: iterations/u);
  });
});
