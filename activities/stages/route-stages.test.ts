// SPDX-License-Identifier: Apache-2.0
/** A run by each route, from a file to products, with an engine that computes nothing. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';

import { decodeFineGridPosterior } from '../../artifacts/schemas/fine-grid-posterior-arrow.js';
import type { EstimationRoute } from '../../artifacts/schemas/estimation-route.js';
import { entry } from '../../common/entry.js';
import type { FitJob, IntegrateJob } from '../../inference-core/host-ts/index.js';
import type { ModelFrame } from '../../modelling/index.js';
import type { RunSummary } from '../../products/summary.js';
import { createActivities } from '../create-activities.js';
import { planForecast } from '../plan.js';
import type { Published, RunContext, StageArgs, StageOutcome } from '../stage-contracts.js';
import { PREDICTOR_SD } from '../testing/fake-engine.js';
import { CELLS, COLUMNS, DAYS, ROWS, routeScene, TOO_MANY, type RouteScene } from '../testing/route-scene.js';

interface FinishedRun {
  readonly route: EstimationRoute;
  readonly mesh: StageOutcome;
  readonly fit: FitJob;
  readonly integrate: IntegrateJob;
  readonly frame: ModelFrame;
  /** Sd of the first pollutant on the first day, in sds of the daily values. */
  readonly sds: Float64Array;
  readonly summary: RunSummary;
  readonly published: Published;
}

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tramontana-routes-'));
});
after(() => rm(folder, { recursive: true, force: true }));

const logger = new DefaultLogger('ERROR');
const inActivity = <Result>(body: () => Promise<Result>): Promise<Result> =>
  new MockActivityEnvironment({}, { logger }).run<[], Result, () => Promise<Result>>(body);

interface FirstStages {
  readonly run: RunContext;
  readonly ingest: StageOutcome;
  readonly quality: StageOutcome;
}

async function untilGate({ deps, input }: RouteScene): Promise<FirstStages> {
  const activities = createActivities(deps);
  const { run } = await inActivity(() => activities.resolveCycle({ input }));
  const ingest = await inActivity(() => activities.ingest({ run, inputs: {} }));
  return { run, ingest, quality: await inActivity(() => activities.qualityGate({ run, inputs: ingest.outputs })) };
}

const hasMpirun = spawnSync('mpirun', ['--version']).error === undefined;
const NO_MPIRUN = hasMpirun ? false : 'mpirun is not on the PATH';

/** As the workflow has it. */
async function runAll(missing: number, more: object = {}): Promise<FinishedRun> {
  const scene = await routeScene(folder, missing, more);
  const { deps, engine } = scene;
  const activities = createActivities(deps);
  const { run, ingest, quality } = await untilGate(scene);
  let inputs = ingest.outputs;
  const next = async (activity: (args: StageArgs) => Promise<StageOutcome>): Promise<StageOutcome> => {
    const outcome = await inActivity(() => activity({ run, inputs }));
    inputs = { ...inputs, ...outcome.outputs };
    return outcome;
  };
  const mesh = await next((args) => activities.mesh(args));
  const fitted = await next((args) => activities.fit(args));
  await next((args) => activities.integrate(args));
  const downscaled = await next((args) => activities.downscale(args));
  const all = { ...inputs, ...quality.outputs };
  const published = await inActivity(() => activities.publish({ run, inputs: all, stages: [] }));
  const outputOf = (outcome: StageOutcome, name: string) => outcome.outputs[name] ?? assert.fail(name);
  const posterior = decodeFineGridPosterior(await deps.store.get(outputOf(downscaled, 'posterior')));
  const frame = await deps.store.getJson<ModelFrame>(outputOf(fitted, 'frame'));
  const fineCells = posterior.latitudesDegrees.length * posterior.longitudesDegrees.length;
  const [fit, integrate] = engine.jobs;
  assert.ok(fit?.kind === 'fit' && integrate?.kind === 'integrate');
  return {
    ...{ mesh, fit, integrate, frame, published },
    route: await deps.store.getJson<EstimationRoute>(outputOf(mesh, 'route')),
    sds: entry(posterior.variables, 0)
      .sd.subarray(0, fineCells)
      .map((sd) => sd / entry(frame.standardisation, 0).sdUgM3),
    summary: JSON.parse(await readFile(join(published.folder, 'summary.json'), 'utf8')) as RunSummary,
  };
}

const hasMeshPicture = ({ published }: FinishedRun): boolean => published.files.some((file) => /mesh/u.test(file));
/** Rounding of the square root of a sum. */
const isPredictorSd = (sd: number): boolean => Math.abs(sd - PREDICTOR_SD) < 1e-12;

describe('a run by the route', () => {
  it('grid: no mesh, the grid estimates and maps, no variance between nodes, and the products say why', async () => {
    const finished = await runAll(0, { model: { route: 'grid' } });
    const { route, mesh, fit, integrate, sds, summary, frame } = finished;
    assert.deepEqual(Object.keys(mesh.outputs), ['route']);
    assert.deepEqual([route.name, route.maps], ['grid', 'grid']);
    assert.ok('grid' in fit.model && fit.model.grid.numRows === ROWS && fit.model.grid.numColumns === COLUMNS);
    assert.deepEqual(integrate.model, fit.model);
    assert.deepEqual([integrate.designs.length, integrate.maps?.designs.length], [0, 1]);
    assert.equal(integrate.maps?.designs[0]?.rows.centres.length, ROWS);
    assert.ok(sds.every(isPredictorSd));
    assert.deepEqual([frame.facts.numCells, frame.facts.numNodes], [CELLS, undefined]);
    assert.deepEqual(summary.route, {
      name: 'grid',
      maps: 'grid',
      reason: 'as configured (model.route: grid)',
      tiles: 1,
    });
    assert.equal(summary.inference.integration.strategy, 'cubature');
    assert.equal(summary.inference.criteria.numObservations, DAYS * CELLS);
    // all probability integral transforms of the fake are one half: the eleventh of twenty bins
    assert.deepEqual(
      summary.inference.pit.map(({ days, counts }) => [days, counts[10]]),
      [['analysis', DAYS * CELLS]],
    );
    assert.ok(!hasMeshPicture(finished));
    const report = await readFile(join(finished.published.folder, 'report.html'), 'utf8');
    assert.match(report, /Estimated on the grid of the cells: as configured/u);
    assert.match(report, /over a cubature rule/u);
  });

  it('automatic, of a small box: a mesh estimates, the grid maps at its points', async () => {
    const finished = await runAll(0);
    const { route, mesh, fit, integrate, sds, summary } = finished;
    assert.deepEqual([route.name, route.maps, summary.route?.name], ['mesh', 'grid', 'mesh']);
    assert.deepEqual(Object.keys(mesh.outputs).sort(), ['mesh', 'route', 'spectralBasis']);
    assert.ok(!('grid' in fit.model) && !('grid' in integrate.model));
    assert.deepEqual([integrate.designs.length, integrate.maps?.designs.length], [0, 1]);
    assert.equal(integrate.maps?.model.priors.length, fit.initialTheta.length);
    assert.ok(sds.every(isPredictorSd));
    assert.ok(hasMeshPicture(finished));
    // the edge is at most the longer side of a cell, .1 degree
    assert.ok((route.interiorEdgeKm ?? NaN) <= 11.12);
  });

  it('grid, with a gap: the engine is given the gap, and the criteria count what is there', async () => {
    const { route, fit, summary } = await runAll(3, { model: { route: 'grid' } });
    assert.equal(route.name, 'grid');
    assert.ok('grid' in fit.model);
    const gaps = Array.from(entry(fit.model.groups, 0).y).filter(Number.isNaN);
    assert.equal(gaps.length, 3);
    assert.equal(summary.inference.criteria.numObservations, DAYS * CELLS - 3);
  });

  it('automatic, with too many gaps: a mesh estimates and maps, with the variance between its nodes', async () => {
    const { route, integrate, sds } = await runAll(TOO_MANY);
    assert.deepEqual([route.name, route.maps], ['mesh', 'mesh']);
    assert.match(route.reason, /no grid .* but 24 of 84 are/u);
    assert.deepEqual([integrate.designs.length, integrate.maps], [1, undefined]);
    assert.ok(sds.every((sd) => sd >= PREDICTOR_SD) && !sds.every(isPredictorSd));
  });

  it('a mesh coarser than the cells where it is allowed: report, summary, file and maps are degraded', async () => {
    const { summary, published } = await runAll(0, {
      model: { route: 'mesh', allowCoarseMesh: true },
      mesh: { interiorEdgeKm: 16 },
    });
    assert.equal(summary.quality.decision, 'degrade');
    const words = /interior edge of 16 km exceeds the 11\.1 km of the cells/u;
    assert.match(summary.quality.reasons.join(), words);
    assert.ok(summary.quality.issues.some(({ code }) => code === 'coarse-mesh'));
    assert.match(await readFile(join(published.folder, 'forecast.nc'), 'latin1'), words);
  });

  it('a mesh coarser than the cells is refused, and so is the grid of a field with too many gaps', async () => {
    for (const [missing, more, type] of [
      [0, { model: { route: 'mesh' }, mesh: { interiorEdgeKm: 16 } }, 'Modelling.MeshTooCoarse'],
      [TOO_MANY, { mesh: { interiorEdgeKm: 16 } }, 'Modelling.MeshTooCoarse'],
      [TOO_MANY, { model: { route: 'grid' } }, 'Modelling.IncompleteGrid'],
    ] as const) {
      const scene = await routeScene(folder, missing, more);
      const { run, ingest } = await untilGate(scene);
      const activities = createActivities(scene.deps);
      await assert.rejects(
        inActivity(() => activities.mesh({ run, inputs: ingest.outputs })),
        (error) => error instanceof ApplicationFailure && error.type === type && error.nonRetryable === true,
      );
    }
  });

  it('grid, by ranks of mpirun: started so, and found again by one process', { skip: NO_MPIRUN }, async () => {
    const scene = await routeScene(folder, 0, { model: { route: 'grid' } });
    const { engine, input } = scene;
    const activities = createActivities(scene.deps);
    for (const settings of [{ launcher: 'mpirun', ranks: 2 }, { launcher: 'local' }]) {
      const domain = { ...(input.domain as object), engine: settings };
      const { run, ingest } = await untilGate({ ...scene, input: { ...input, domain } });
      const mesh = await inActivity(() => activities.mesh({ run, inputs: ingest.outputs }));
      const inputs = { ...ingest.outputs, ...mesh.outputs };
      const fit = await inActivity(() => activities.fit({ run, inputs }));
      await inActivity(() => activities.integrate({ run, inputs: { ...inputs, ...fit.outputs } }));
    }
    assert.deepEqual(engine.starts, ['mpirun 2', 'mpirun 2']);
  });

  it('none at all: a fit on a given mesh', async () => {
    const scene = await routeScene(folder, 0, {});
    const { run, ingest } = await untilGate(scene);
    const activities = createActivities(scene.deps);
    const { outputs } = await inActivity(() => activities.mesh({ run, inputs: ingest.outputs }));
    const { route: _, ...given } = { ...ingest.outputs, ...outputs };
    await inActivity(() => activities.fit({ run, inputs: given }));
    assert.ok(scene.engine.jobs.every(({ model }) => !('grid' in model)));
  });
});

describe('the plan', () => {
  it('tells the route as soon as the input is read, before and after it was taken', async () => {
    const scene = await routeScene(folder, TOO_MANY, {});
    assert.equal((await planForecast(scene.deps, scene.input)).route, undefined);
    const { run, ingest } = await untilGate(scene);
    const before = await planForecast(scene.deps, scene.input);
    assert.deepEqual([before.route?.name, before.route?.maps], ['mesh', 'mesh']);
    assert.match(before.route?.reason ?? '', /no grid/u);
    assert.ok(before.stages.find(({ name }) => name === 'mesh')?.willRun);
    await inActivity(() => createActivities(scene.deps).mesh({ run, inputs: ingest.outputs }));
    const afterwards = await planForecast(scene.deps, scene.input);
    assert.deepEqual(afterwards.route, before.route);
    assert.equal(afterwards.stages.find(({ name }) => name === 'mesh')?.willRun, false);
  });
});
