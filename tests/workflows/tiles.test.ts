// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { Context } from '@temporalio/activity';
import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';

import type { TramontanaActivities } from '../../activities/index.js';
import type { PublishArgs, StageArgs, StageOutcome } from '../../activities/stage-contracts.js';
import type { ForecastResult } from '../../workflows/forecast.js';
import type { RunProgress } from '../../workflows/progress-state.js';
import { fakeActivities, outcome, ref } from '../support/fake-stages.js';
import { ForecastServer } from '../support/forecast-server.js';

const TILES = ['r01c01', 'r01c02', 'r02c01', 'r02c02'];

/** A stage `mesh` that cut four tiles. */
function cutTiles(): Promise<StageOutcome> {
  const whole = outcome('mesh', ['route', 'tilePlan']);
  const named = TILES.map((tile) => `tiles/${tile}/daily`);
  return Promise.resolve({
    ...whole,
    outputs: { ...whole.outputs, ...Object.fromEntries(named.map((name) => [name, ref(name)])) },
    facts: { ...whole.facts, tiles: TILES },
  });
}

type EngineStage = 'fit' | 'integrate' | 'downscale';

/** Stages whose outputs are named after the tile that they were computed for. */
function tileStage(name: EngineStage, outputs: readonly string[], calls: string[]) {
  return ({ run, inputs }: StageArgs): Promise<StageOutcome> => {
    const { tile = '' } = run;
    calls.push(`${name} of ${tile} (${Object.keys(inputs).sort().join(',')})`);
    const own = Object.fromEntries(outputs.map((output) => [output, ref(`${output} of ${tile}`)]));
    return Promise.resolve({ ...outcome(name), outputs: own });
  };
}

interface Scene {
  readonly calls: string[];
  readonly published: PublishArgs[];
  readonly activities: TramontanaActivities;
}

function scene(changes: (calls: string[]) => Partial<TramontanaActivities> = () => ({})): Scene {
  const calls: string[] = [];
  const published: PublishArgs[] = [];
  const activities = fakeActivities([], {
    mesh: cutTiles,
    fit: tileStage('fit', ['fit', 'parameters'], calls),
    integrate: tileStage('integrate', ['inference', 'moments', 'parameters'], calls),
    downscale: tileStage('downscale', ['posterior'], calls),
    publish: (args) => {
      published.push(args);
      return Promise.resolve({ outcome: outcome('publish'), folder: '/runs/test/2026-03-16', files: ['report.html'] });
    },
    ...changes(calls),
  });
  return { calls, published, activities };
}

describe('forecast in tiles', () => {
  let server: ForecastServer;
  before(async () => {
    server = await ForecastServer.start();
  });
  after(() => server.stop());

  it('runs the stages of one rectangle for each tile, on its own field, and replays', async () => {
    const { calls, published, activities } = scene();
    const { result, history, progress } = await server.withWorkers(activities, async (start) => {
      const handle = await start({ schemaVersion: 1 });
      return {
        result: (await handle.result()) as ForecastResult,
        history: await handle.fetchHistory(),
        progress: await handle.query<RunProgress>('progress'),
      };
    });
    assert.equal(calls.length, 12);
    for (const tile of TILES) {
      assert.ok(calls.includes(`fit of ${tile} (daily,route,tilePlan)`));
      assert.ok(calls.includes(`integrate of ${tile} (daily,fit,parameters,route,tilePlan)`));
    }
    const [args] = published;
    assert.ok(args !== undefined);
    assert.equal(args.inputs['tiles/r02c01/posterior']?.sha256, 'posterior of r02c01');
    // what tiles start from is no input of the products
    assert.equal(args.inputs['tiles/r02c01/daily'], undefined);
    assert.equal(args.failedTiles, undefined);
    assert.deepEqual(
      result.stages.map(({ name }) => name),
      ['resolve-cycle', 'ingest', 'quality-gate', 'mesh', 'fit', 'integrate', 'downscale', 'publish'],
    );
    assert.equal(progress.state, 'done');
    assert.equal(progress.stages.find(({ name }) => name === 'fit')?.summary, '4 of 4 tiles computed');
    await server.replay(history, 'forecast-in-tiles');
  });

  it('publishes without a tile that fails for good, and says so', async () => {
    const { published, activities } = scene((calls) => {
      const fit = tileStage('fit', ['fit', 'parameters'], calls);
      return {
        fit: (args) => {
          if (args.run.tile === 'r01c02') throw ApplicationFailure.nonRetryable('no mode', 'Engine.NoMode');
          return fit(args);
        },
      };
    });
    await server.withWorkers(
      activities,
      async (start) => (await start({ schemaVersion: 1 })).result() as Promise<ForecastResult>,
    );
    assert.deepEqual(published[0]?.failedTiles, [{ tile: 'r01c02', type: 'Engine.NoMode', message: 'no mode' }]);
    assert.equal(published[0].inputs['tiles/r01c02/posterior'], undefined);
    assert.notEqual(published[0].inputs['tiles/r02c02/posterior'], undefined);
    assert.equal(published[0].stages.find(({ name }) => name === 'fit')?.reason, '3 of 4 tiles computed, 1 missing');
  });

  it('retries a tile alone', async () => {
    let failures = 0;
    const { calls, published, activities } = scene((told) => {
      const integrate = tileStage('integrate', ['inference', 'moments', 'parameters'], told);
      return {
        integrate: (args) => {
          if (args.run.tile === 'r02c01' && failures < 1) {
            failures += 1;
            throw ApplicationFailure.retryable('the engine was killed', 'Engine.Crashed');
          }
          return integrate(args);
        },
      };
    });
    await server.withWorkers(
      activities,
      async (start) => (await start({ schemaVersion: 1 })).result() as Promise<ForecastResult>,
    );
    assert.equal(failures, 1);
    assert.equal(calls.filter((call) => call.startsWith('fit')).length, 4);
    assert.equal(published[0]?.failedTiles, undefined);
  });

  it('fails when more than half of the tiles fail, with the reason of one', async () => {
    const { published, activities } = scene(() => ({
      fit: ({ run }) => {
        if (run.tile !== 'r02c02')
          throw ApplicationFailure.nonRetryable(`no mode in ${run.tile ?? ''}`, 'Engine.NoMode');
        return Promise.resolve(outcome('fit', ['fit', 'parameters']));
      },
    }));
    await server.withWorkers(activities, async (start) => {
      const handle = await start({ schemaVersion: 1 });
      await assert.rejects(handle.result(), (error: unknown) => {
        assert.ok(error instanceof WorkflowFailedError && error.cause instanceof ApplicationFailure);
        assert.equal(error.cause.type, 'Engine.NoMode');
        assert.match(error.cause.message, /^Fit the model: no mode in r0/u);
        return true;
      });
      const progress = await handle.query<RunProgress>('progress');
      assert.equal(progress.state, 'failed');
    });
    assert.equal(published.length, 0);
  });

  it('cancels all tiles with the run', async () => {
    const { activities } = scene(() => ({
      fit: async () => {
        const context = Context.current();
        const beat = setInterval(() => context.heartbeat(), 100);
        try {
          await context.cancelled;
        } finally {
          clearInterval(beat);
        }
        throw new Error('not reached');
      },
    }));
    await server.withWorkers(activities, async (start) => {
      const handle = await start({ schemaVersion: 1 });
      for (;;) {
        const { pendingActivities } = (await handle.describe()).raw;
        if ((pendingActivities?.length ?? 0) >= TILES.length) break;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      await handle.cancel();
      await assert.rejects(
        handle.result(),
        (error: unknown) => error instanceof WorkflowFailedError && error.cause instanceof CancelledFailure,
      );
      assert.equal((await handle.query<RunProgress>('progress')).state, 'cancelled');
    });
  });
});
