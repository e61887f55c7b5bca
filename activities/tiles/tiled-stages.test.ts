// SPDX-License-Identifier: Apache-2.0
/** A run in tiles, from a file to products, with an engine that computes nothing. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';

import type { EstimationRoute } from '../../artifacts/schemas/estimation-route.js';
import type { TilePlan } from '../../artifacts/schemas/tile-plan.js';
import { entry } from '../../common/entry.js';
import { artifactsOfDomain, artifactsOfTile, tileArtifact } from '../../common/tile-names.js';
import type { RunSummary } from '../../products/summary.js';
import { createActivities } from '../create-activities.js';
import { planForecast } from '../plan.js';
import type { Published, RunContext, StageArgs, StageOutcome } from '../stage-contracts.js';
import { routeScene, type RouteScene } from '../testing/route-scene.js';

const SHAPE = { rows: 20, columns: 14 };
const TILED = { model: { tiles: { cells: 12, overlap: 4 } } };
const SIDE = { products: { resolutionDegrees: 0.05, thresholds: { pm2_5: ['20 ug/m3'] } } };

const logger = new DefaultLogger('ERROR');
const inActivity = <Result>(body: () => Promise<Result>): Promise<Result> =>
  new MockActivityEnvironment({}, { logger }).run<[], Result, () => Promise<Result>>(body);

interface Cut {
  readonly scene: RouteScene;
  readonly run: RunContext;
  readonly ingest: StageOutcome;
  readonly quality: StageOutcome;
  readonly mesh: StageOutcome;
  readonly plan: TilePlan;
  readonly route: EstimationRoute;
}

interface Finished extends Cut {
  readonly published: Published;
  readonly summary: RunSummary;
  /** By tile and stage whether it was reused. */
  readonly reused: ReadonlyMap<string, boolean>;
}

describe('a run in tiles', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tramontana-tiled-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  async function cut(scene: RouteScene): Promise<Cut> {
    const activities = createActivities(scene.deps);
    const { run } = await inActivity(() => activities.resolveCycle({ input: scene.input }));
    const ingest = await inActivity(() => activities.ingest({ run, inputs: {} }));
    const quality = await inActivity(() => activities.qualityGate({ run, inputs: ingest.outputs }));
    const mesh = await inActivity(() => activities.mesh({ run, inputs: ingest.outputs }));
    const { tilePlan, route } = mesh.outputs;
    assert.ok(tilePlan !== undefined && route !== undefined);
    return {
      ...{ scene, run, ingest, quality, mesh },
      plan: await scene.deps.store.getJson<TilePlan>(tilePlan),
      route: await scene.deps.store.getJson<EstimationRoute>(route),
    };
  }

  /** As the workflow has it, but one tile after the other. */
  async function runAll(scene: RouteScene, failing: readonly string[] = []): Promise<Finished> {
    const activities = createActivities(scene.deps);
    const all = await cut(scene);
    const { run, ingest, quality, mesh, plan } = all;
    const outputs: Record<string, StageOutcome['outputs'][string]> = {};
    const reused = new Map<string, boolean>();
    for (const { id } of plan.tiles.filter((tile) => !failing.includes(tile.id))) {
      const { route, tilePlan } = mesh.outputs;
      assert.ok(route !== undefined && tilePlan !== undefined);
      const start = { ...artifactsOfTile(mesh.outputs, id), route, tilePlan };
      let args: StageArgs = { run: { ...run, tile: id }, inputs: start };
      for (const stage of ['fit', 'integrate', 'downscale'] as const) {
        const outcome = await inActivity(() => activities[stage](args));
        args = { ...args, inputs: { ...args.inputs, ...outcome.outputs } };
        for (const [name, ref] of Object.entries(outcome.outputs)) outputs[tileArtifact(id, name)] = ref;
        reused.set(`${id} ${stage}`, outcome.reused);
      }
    }
    const inputs = { ...ingest.outputs, ...quality.outputs, ...artifactsOfDomain(mesh.outputs), ...outputs };
    const failedTiles = failing.map((tile) => ({ tile, type: 'Engine.NoMode', message: 'no mode was found' }));
    const published = await inActivity(() =>
      activities.publish({ run, inputs, stages: [mesh], ...(failing.length === 0 ? {} : { failedTiles }) }),
    );
    const summary = JSON.parse(await readFile(join(published.folder, 'summary.json'), 'utf8')) as RunSummary;
    return { ...all, published, summary, reused };
  }

  it('cuts the domain, says so, and publishes one grid with the estimates of every tile', async () => {
    const scene = await routeScene(folder, 0, { ...TILED, ...SIDE }, SHAPE);
    const { route, plan, summary, published, mesh } = await runAll(scene);
    assert.deepEqual([route.name, route.maps, route.tiles], ['grid', 'grid', plan.tiles.length]);
    assert.ok(plan.tiles.length === 4 && plan.leftOut.length === 0);
    assert.match(route.reason, /^20 x 14 cells in 4 overlapping tiles of at most 12 x 12 cells/u);
    assert.deepEqual(
      mesh.facts['tiles'],
      plan.tiles.map(({ id }) => id),
    );
    assert.deepEqual(summary.grid.shape.slice(1), [40, 28]);
    assert.equal(summary.tiles?.length, 4);
    assert.ok(Object.keys(entry(summary.tiles, 0).parameters ?? {}).length > 3);
    assert.equal(summary.quality.decision, 'pass');
    assert.ok(published.files.includes('forecast.nc'));
    const report = await readFile(join(published.folder, 'report.html'), 'utf8');
    assert.match(report, /4 of 4 tiles, each fitted by itself/u);
  });

  it('takes tiles from an earlier run, and the plan knows', async () => {
    const scene = await routeScene(folder, 0, { ...TILED, ...SIDE }, SHAPE);
    const first = await runAll(scene, ['r01c02']);
    assert.ok([...first.reused.values()].every((value) => !value));
    const willRun = async () =>
      new Map(
        (await planForecast(scene.deps, scene.input)).stages.map(({ name, willRun: will, reason }) => [
          name,
          { will, reason },
        ]),
      );
    const before = await willRun();
    assert.equal(before.get('fit')?.will, true);
    assert.match(before.get('fit')?.reason ?? '', /^1 of 4 tiles; r01c02: /u);

    const second = await runAll(scene);
    for (const [stage, reused] of second.reused) assert.equal(reused, !stage.startsWith('r01c02'), stage);
    const after_ = await willRun();
    assert.equal(after_.get('fit')?.reason, '4 tiles unchanged');
    assert.ok([...after_.values()].every(({ will }) => !will));
  });

  it('what is configured reaches the tiles, also where the cut is taken from before', async () => {
    const scene = await routeScene(folder, 0, { ...TILED, ...SIDE }, SHAPE);
    await runAll(scene);
    const domain = { ...(scene.input.domain as object), inference: { integration: 'empirical-bayes' } };
    const second = await runAll({ ...scene, input: { ...scene.input, domain } });
    assert.equal(second.mesh.reused, true);
    for (const { id } of second.plan.tiles) {
      assert.equal(second.reused.get(`${id} fit`), true);
      assert.equal(second.reused.get(`${id} integrate`), false);
    }
    const jobs = scene.engine.jobs.filter((job) => job.kind === 'integrate');
    assert.equal(jobs.at(-1)?.strategy, 'empirical-bayes');
  });

  it('areas are told by the tile that holds them, and left out by name where none does', async () => {
    const square = (name: string, west: number, south: number, side: number): object => ({
      type: 'Feature',
      properties: { name },
      geometry: {
        type: 'Polygon',
        coordinates: [
          [
            [west, south],
            [west + side, south],
            [west + side, south + side],
            [west, south + side],
            [west, south],
          ],
        ],
      },
    });
    // tiles are 1.2 degrees of the 2.0 x 1.4 of the box, from 45.6 N 9 E
    const features = [
      square('north', 9.1, 45.1, 0.3),
      square('south', 9.1, 43.7, 0.3),
      square('large', 9.1, 43.8, 1.6),
    ];
    const path = join(folder, 'areas.geojson');
    await writeFile(path, JSON.stringify({ type: 'FeatureCollection', features }));
    const products = { ...SIDE.products, areas: { path, nameProperty: 'name' } };
    const scene = await routeScene(folder, 0, { ...TILED, products }, SHAPE);
    const { plan, mesh } = await cut(scene);
    assert.deepEqual(
      plan.areas?.leftOut.map(({ name }) => name),
      ['large'],
    );
    assert.match(plan.areas.leftOut[0]?.reason ?? '', /several tiles/u);
    const given = new Map<string, string[]>();
    for (const { id } of plan.tiles) {
      const { areas } = artifactsOfTile(mesh.outputs, id);
      if (areas === undefined) continue;
      const { areas: outlines } = await scene.deps.store.getJson<{ areas: { name: string }[] }>(areas);
      given.set(
        id,
        outlines.map(({ name }) => name),
      );
    }
    assert.deepEqual(
      [...given],
      [
        ['r01c01', ['north']],
        ['r02c01', ['south']],
      ],
    );
  });

  it('a tile that failed degrades the products, which name it and are empty where nothing covers it', async () => {
    const scene = await routeScene(folder, 0, { ...TILED, ...SIDE }, SHAPE);
    const { summary, published } = await runAll(scene, ['r02c01']);
    assert.equal(summary.quality.decision, 'degrade');
    assert.match(summary.quality.reasons.join(), /tile r02c01 could not be computed: no mode was found/u);
    assert.equal(summary.tiles?.find(({ id }) => id === 'r02c01')?.missing, 'no mode was found');
    const report = await readFile(join(published.folder, 'report.html'), 'utf8');
    assert.match(report, /3 of 4 tiles/u);
  });

  it('a tile whose data no grid can use is left out by name', async () => {
    // rows that are missing on the second day: the tiles of the north lack too much of it
    const scene = await routeScene(
      folder,
      14 * 7,
      { ...TILED, ...SIDE, quality: { maximumMissingShareDegrade: 0.5 } },
      SHAPE,
    );
    const { plan, summary } = await runAll(scene);
    assert.ok(plan.leftOut.length > 0 && plan.tiles.length > 0);
    assert.match(entry(plan.leftOut, 0).reason, /% of the values/u);
    assert.equal(summary.quality.decision, 'degrade');
    assert.match(summary.quality.reasons.join(), new RegExp(`tile ${entry(plan.leftOut, 0).tile.id} is left out`, 'u'));
  });

  it('a domain without a usable tile ends with the reason of the first', async () => {
    const more = { ...TILED, ...SIDE, quality: { maximumMissingShareFail: 1 } };
    // one row of tiles, and more than half of the second day missing in each of them
    const scene = await routeScene(folder, 22 * 7, more, { rows: 12, columns: 22 });
    await assert.rejects(
      cut(scene),
      (error) =>
        error instanceof ApplicationFailure &&
        error.type === 'Modelling.IncompleteGrid' &&
        error.message.includes('got 0 of 3: ') &&
        error.message.includes('take model.tiles: none'),
    );
  });

  it('a box that is one tile is one rectangle, whatever its gaps', async () => {
    const more = { model: { tiles: { cells: 60, overlap: 8 } }, ...SIDE, quality: { maximumMissingShareFail: 1 } };
    const scene = await routeScene(folder, 22 * 7, more, { rows: 12, columns: 22 });
    const activities = createActivities(scene.deps);
    const { run } = await inActivity(() => activities.resolveCycle({ input: scene.input }));
    const ingest = await inActivity(() => activities.ingest({ run, inputs: {} }));
    const mesh = await inActivity(() => activities.mesh({ run, inputs: ingest.outputs }));
    assert.equal(mesh.outputs['tilePlan'], undefined);
    assert.match(String(mesh.facts['summary']), /^mesh of .* no grid/u);
  });

  it('tiles too fine to be computed as one are refused before anything is read', async () => {
    const products = { resolutionDegrees: 0.001, thresholds: { pm2_5: ['20 ug/m3'] } };
    const model = { tiles: { cells: 30, overlap: 8 } };
    const scene = await routeScene(folder, 0, { model, products }, { rows: 40, columns: 40 });
    const activities = createActivities(scene.deps);
    await assert.rejects(
      inActivity(() => activities.resolveCycle({ input: scene.input })),
      (error) => error instanceof ApplicationFailure && error.type === 'Modelling.InvalidGrid',
    );
  });
});
