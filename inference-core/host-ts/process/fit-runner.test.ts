// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { isTramontanaError, TramontanaError } from '../../../common/errors.js';
import { completeGrid } from '../../../tests/engine/complete-grid.js';
import { fakeEngine } from '../../../tests/engine/fake-engine.js';
import { smallModel, temporaryFolder } from '../../../tests/golden/support.js';
import { runFit } from './fit-runner.js';
import { singleRank } from './rank-group.js';
import type { FitJobContent } from '../job/job.js';
import { takeLease } from '../job/lease.js';
import type { IterationRecord, NativeFitResult, OptimizerState } from '../contract/fit.js';
import type { NativeEngine } from '../contract/native-engine.js';
import type { EngineEvent, EngineEventOf } from './protocol.js';

const NUM_THETA = 4;
const TARGET = 0.3;
const ITERATIONS = 12;

function stateAt(iteration: number, theta: number[], trace: readonly IterationRecord[]): OptimizerState {
  const gradient = theta.map((value) => value - TARGET);
  const objective = gradient.reduce((sum, value) => sum + 0.5 * value * value, 0);
  const gradientNorm = Math.max(...gradient.map(Math.abs));
  const record = {
    iteration,
    accepted: true,
    objective,
    gradientNorm,
    trustRadius: 1,
    evaluations: iteration + 1,
    theta,
  };
  return {
    version: 2,
    phase: iteration === ITERATIONS ? 'done' : 'search',
    iteration,
    evaluations: iteration + 1,
    theta,
    objective,
    gradient,
    curvature: [],
    observedCurvature: [],
    curvatureCorrection: [],
    trustRadius: 1,
    search: 0,
    searchStart: 0,
    saddlesLeft: 0,
    atRounding: false,
    optima: [],
    hessianColumns: [],
    stopReason: '',
    converged: iteration === ITERATIONS,
    trace: [...trace, record],
  };
}

/** A search that halves the distance to its target twelve times, one macrotask an iteration, like the engine's callbacks. */
function halvingEngine(options: { beforeIteration?: (iteration: number) => Promise<void> } = {}): NativeEngine {
  return fakeEngine({
    fit: (_model, { initialTheta }, resumeFrom, onIteration) => {
      let interrupted = false;
      const search = async (): Promise<NativeFitResult> => {
        let state = resumeFrom ?? stateAt(0, [...initialTheta], []);
        while (state.iteration < ITERATIONS) {
          await options.beforeIteration?.(state.iteration + 1);
          await new Promise((resolve) => setImmediate(resolve));
          if (interrupted) throw new TramontanaError('Engine.Interrupted', 'interrupted', { retryable: true });
          const theta = state.theta.map((value) => value + 0.5 * (TARGET - value));
          state = stateAt(state.iteration + 1, theta, state.trace);
          onIteration(state);
        }
        const identity = Float64Array.from({ length: NUM_THETA ** 2 }, (_, k) => (k % (NUM_THETA + 1) === 0 ? 1 : 0));
        return {
          theta: Float64Array.from(state.theta),
          objective: state.objective,
          gradient: Float64Array.from(state.gradient),
          gradientNorm: Math.max(...state.gradient.map(Math.abs)),
          converged: true,
          stopReason: 'gradient',
          activeBounds: [],
          otherOptima: [],
          iterations: state.iteration,
          evaluations: state.evaluations,
          thetaCovariance: identity,
          fixedEffectMeans: Float64Array.of(1, 2),
          fixedEffectCovariance: Float64Array.of(4, 0.5, 0.5, 9),
          logMarginalLikelihood: 0,
          recursion: 'fake',
          trace: state.trace,
          seconds: 0,
        };
      };
      return {
        promise: search(),
        interrupt: () => {
          interrupted = true;
        },
      };
    },
  });
}

async function jobIn(folder: string): Promise<FitJobContent> {
  return {
    kind: 'fit',
    jobKey: 'job',
    attemptToken: await takeLease(folder),
    checkpointFolder: folder,
    options: { threads: 1, gradientTolerance: 1e-3, maximumIterations: 100 },
    model: smallModel(),
    initialTheta: [1, 2, 3, 4],
    thetaNames: ['a', 'b', 'c', 'd'],
  };
}

interface Recorder {
  readonly events: EngineEvent[];
  readonly starts: number[];
  readonly stop: AbortController;
  readonly hooks: Parameters<typeof runFit>[2];
}

function recorder(onEvent: (event: EngineEvent, stop: AbortController) => void = () => undefined): Recorder {
  const stop = new AbortController();
  const events: EngineEvent[] = [];
  const starts: number[] = [];
  const emit = (event: EngineEvent): void => {
    events.push(event);
    onEvent(event, stop);
  };
  const onStart = (iteration: number): number => starts.push(iteration);
  return { events, starts, stop, hooks: { emit, onStart, signal: stop.signal, group: singleRank(), restart: 0 } };
}

function eventsOf<Type extends EngineEvent['type']>(events: readonly EngineEvent[], type: Type): EngineEventOf<Type>[] {
  return events.filter((event): event is EngineEventOf<Type> => event.type === type);
}

describe('a fit', () => {
  it('writes a checkpoint an iteration and reports progress that never falls', async (context) => {
    const { events, hooks, starts } = recorder();
    const result = await runFit(await jobIn(await temporaryFolder(context)), halvingEngine(), hooks);
    assert.deepEqual(starts, [0]);
    assert.equal(result.resumedFromIteration, 0);
    assert.equal(result.iterations, ITERATIONS);
    assert.deepEqual(result.fixedEffects, { mean: [1, 2], sd: [2, 3] });
    assert.deepEqual(result.thetaNames, ['a', 'b', 'c', 'd']);
    assert.deepEqual(
      eventsOf(events, 'checkpoint').map(({ iteration }) => iteration),
      Array.from({ length: ITERATIONS }, (_, index) => index + 1),
    );
    const fractions = eventsOf(events, 'progress').map(({ fraction }) => fraction);
    assert.deepEqual(
      fractions,
      [...fractions].sort((a, b) => a - b),
    );
    assert.equal(fractions.at(-1), 1);
    assert.ok(
      eventsOf(events, 'progress')
        .slice(1)
        .every(({ etaSeconds }) => etaSeconds !== null && etaSeconds >= 0),
    );
  });

  it('goes on from where an interrupted attempt stopped and ends at the same bits', async (context) => {
    const whole = await runFit(await jobIn(await temporaryFolder(context)), halvingEngine(), recorder().hooks);

    const folder = await temporaryFolder(context);
    const first = recorder((event, stop) => {
      if (event.type === 'progress' && event.iteration === 5) stop.abort();
    });
    await assert.rejects(runFit(await jobIn(folder), halvingEngine(), first.hooks), (error) =>
      isTramontanaError(error, 'Engine.Interrupted'),
    );
    const stoppedAt = eventsOf(first.events, 'checkpoint').at(-1)?.iteration;
    assert.ok(stoppedAt !== undefined && stoppedAt >= 5 && stoppedAt < ITERATIONS);

    const second = recorder();
    const resumed = await runFit(await jobIn(folder), halvingEngine(), second.hooks);
    assert.deepEqual(second.starts, [stoppedAt]);
    assert.equal(resumed.resumedFromIteration, stoppedAt);
    const timeless = (result: typeof whole): typeof whole => ({
      ...result,
      seconds: 0,
      resumedFromIteration: 0,
      peakBytes: 0,
      trace: result.trace.map((entry) => ({ ...entry, seconds: 0 })),
    });
    assert.deepEqual(timeless(resumed), timeless(whole));
    assert.ok(
      resumed.trace.slice(1).every(({ seconds }) => seconds > 0),
      'times of the first attempt are kept',
    );
  });

  it('stops when a newer attempt takes over, without writing again', async (context) => {
    const folder = await temporaryFolder(context);
    const job = await jobIn(folder);
    let stolen = false;
    const engine = halvingEngine({
      beforeIteration: async (iteration) => {
        if (iteration === 4) stolen = (await takeLease(folder)) > job.attemptToken;
        if (iteration > 4) await new Promise((resolve) => setTimeout(resolve, 20));
      },
    });
    const { events, hooks } = recorder();
    await assert.rejects(runFit(job, engine, hooks), (error) => isTramontanaError(error, 'Engine.Superseded'));
    assert.ok(stolen);
    assert.ok(eventsOf(events, 'checkpoint').every(({ iteration }) => iteration < 4));
  });

  it('does not start from a checkpoint of another size, and says so', async (context) => {
    const folder = await temporaryFolder(context);
    const job = await jobIn(folder);
    await runFit({ ...job, initialTheta: [1, 2] }, halvingEngine(), recorder().hooks).catch(() => undefined);
    const { events, hooks, starts } = recorder();
    await runFit(await jobIn(folder), halvingEngine(), hooks);
    assert.deepEqual(starts, [0]);
    assert.deepEqual(
      eventsOf(events, 'warning').map(({ code }) => code),
      ['checkpoint-foreign'],
    );
  });

  it('of a complete grid is that of the other solver, with the same checkpoints and progress', async (context) => {
    const folder = await temporaryFolder(context);
    const grid = completeGrid();
    const engine = fakeEngine({
      fitGrid: (model, ...search) => {
        assert.equal(model, grid);
        return halvingEngine().fit(smallModel(), ...search);
      },
    });
    const first = recorder((event, stop) => {
      if (event.type === 'progress' && event.iteration === 3) stop.abort();
    });
    const job = async (): Promise<FitJobContent> => ({ ...(await jobIn(folder)), model: grid });
    await assert.rejects(runFit(await job(), engine, first.hooks), (error) =>
      isTramontanaError(error, 'Engine.Interrupted'),
    );
    const { starts, hooks } = recorder();
    const result = await runFit(await job(), engine, hooks);
    assert.ok((starts[0] ?? 0) >= 3);
    assert.equal(result.iterations, ITERATIONS);
  });

  it('is interrupted at once when it was aborted before', async (context) => {
    const { hooks, stop } = recorder();
    stop.abort();
    await assert.rejects(runFit(await jobIn(await temporaryFolder(context)), halvingEngine(), hooks), (error) =>
      isTramontanaError(error, 'Engine.Interrupted'),
    );
  });
});
