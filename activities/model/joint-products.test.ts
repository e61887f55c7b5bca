// SPDX-License-Identifier: Apache-2.0
/** Areas and days in a row of a run, from files to products, by the engine itself. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';

import { decodeFineGridPosterior } from '../../artifacts/schemas/fine-grid-posterior-arrow.js';
import { decodeAreaMeans, decodeExceedanceRuns } from '../../artifacts/schemas/joint-products-arrow.js';
import { entry, float64At } from '../../common/entry.js';
import { addonPath } from '../../inference-core/host-ts/index.js';
import { regionalDataset } from '../../ingest/testing/sample-files.js';
import { classicBytes } from '../../ingest/testing/write-classic.js';
import { exceedanceField } from '../../products/index.js';
import type { RunSummary } from '../../products/summary.js';
import { UNRESTRICTED_ROOTS } from '../inputs/allowed-roots.js';
import { createActivities } from '../create-activities.js';
import { defaultDependencies, type ActivityDependencies } from '../dependencies.js';
import type { Published, StageArgs, StageOutcome } from '../stage-contracts.js';

const skip = existsSync(addonPath()) ? false : 'the native engine is not built; run `npm run setup`';

const [ROWS, COLUMNS, DAYS] = [8, 9, 3];
const CELLS = ROWS * COLUMNS;
const BOX = { north: 45.8, west: 9, south: 45, east: 9.9 };
const SAMPLES = 400;

/** Hours of three days that wander; `missing` cells of the second day. */
function fileOf(missing: number): Buffer {
  const latitudes = Array.from({ length: ROWS }, (_, i) => 45.75 - 0.1 * i);
  const longitudes = Array.from({ length: COLUMNS }, (_, j) => 9.05 + 0.1 * j);
  const valueAt = (index: number): number => {
    const [day, cell] = [Math.floor(index / CELLS / 24), index % CELLS];
    if (day === 1 && cell < missing) return -999;
    const [row, column] = [Math.floor(cell / COLUMNS), cell % COLUMNS];
    return 20 + 4 * Math.sin(0.9 * column + 0.5 * row + day) + 2 * Math.cos(1.7 * row - 0.8 * day) + Math.sin(7 * cell);
  };
  const hours = Array.from({ length: 24 * DAYS }, (_, hour) => hour);
  return classicBytes(regionalDataset({ hours, latitudes, longitudes, species: { pm2p5_conc: { valueAt } } }));
}

function rectangle(name: string, west: number, south: number, east: number, north: number): object {
  const corners = [
    [west, south],
    [east, south],
    [east, north],
    [west, north],
    [west, south],
  ];
  return { type: 'Feature', properties: { name }, geometry: { type: 'Polygon', coordinates: [corners] } };
}

/** A whole, a cell of the products, one half beyond the box, and one in another country. */
const AREAS = {
  type: 'FeatureCollection',
  features: [
    rectangle('all', 9, 45, 9.9, 45.8),
    rectangle('=one', 9.1, 45.7, 9.2, 45.8),
    rectangle('far', 9.85, 45.4, 10.2, 45.5),
    rectangle('elsewhere', 20, 40, 21, 41),
  ],
};

interface Scene {
  readonly deps: ActivityDependencies;
  readonly outputs: Readonly<Record<string, StageOutcome>>;
  readonly published: Published;
  readonly summary: RunSummary;
}

const logger = new DefaultLogger('ERROR');
const inActivity = <Result>(body: () => Promise<Result>): Promise<Result> =>
  new MockActivityEnvironment({}, { logger }).run<[], Result, () => Promise<Result>>(body);

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tramontana-joint-'));
});
after(() => rm(folder, { recursive: true, force: true }));

const depsIn = (own: string): ActivityDependencies => ({
  ...defaultDependencies({ stateFolder: join(own, 'state'), runsFolder: join(own, 'runs') }),
  roots: UNRESTRICTED_ROOTS,
  progressSender: () => () => Promise.resolve(),
});

async function inputOf(own: string, missing: number, products: object, route: string) {
  const path = join(own, 'ANALYSIS.nc');
  await writeFile(path, fileOf(missing));
  await writeFile(join(own, 'areas.geojson'), JSON.stringify(AREAS));
  const domain = {
    ...{ name: 'joint', boundingBox: BOX, pollutants: ['pm2_5'], source: { path } },
    // the cells themselves, so that an area may be one
    products: { resolutionDegrees: 0.1, thresholds: { pm2_5: ['20 ug/m3'] }, samples: SAMPLES, ...products },
    // a mesh of a few triangles: what it estimates is of no interest here
    ...{ model: { route, allowCoarseMesh: true }, mesh: { interiorEdgeKm: 40 } },
    // at one theta, where draws and moments are of one normal distribution
    inference: { integration: 'empirical-bayes' },
    engine: { threads: 1 },
  };
  return { schemaVersion: 1 as const, domain };
}

/** As the workflow has it. */
async function runAll(missing: number, route: string): Promise<Scene> {
  const own = await mkdtemp(join(folder, 'run-'));
  const deps = depsIn(own);
  const consecutiveDays = [1, 2, 9].map((days) => ({ pollutant: 'pm2_5', thresholdUgM3: 20, days }));
  const input = await inputOf(own, missing, { areas: { path: join(own, 'areas.geojson') }, consecutiveDays }, route);
  const activities = createActivities(deps);
  const { run } = await inActivity(() => activities.resolveCycle({ input }));
  let inputs: StageArgs['inputs'] = {};
  const outputs: Record<string, StageOutcome> = {};
  for (const name of ['ingest', 'qualityGate', 'mesh', 'fit', 'integrate', 'downscale'] as const) {
    const outcome = await inActivity(() => activities[name]({ run, inputs }));
    outputs[name] = outcome;
    inputs = { ...inputs, ...outcome.outputs };
  }
  const published = await inActivity(() => activities.publish({ run, inputs, stages: [] }));
  const summary = JSON.parse(await readFile(join(published.folder, 'summary.json'), 'utf8')) as RunSummary;
  return { deps, outputs, published, summary };
}

describe('a run with areas and days in a row', { skip }, () => {
  it('on a grid tells them as its maps do', async () => {
    const { deps, outputs, published, summary } = await runAll(0, 'grid');
    const read = (stage: string, name: string) => {
      const ref = outputs[stage]?.outputs[name];
      assert.ok(ref, name);
      return deps.store.get(ref);
    };
    const posterior = decodeFineGridPosterior(await read('downscale', 'posterior'));
    const means = decodeAreaMeans(await read('integrate', 'areaMeans'));
    const runs = decodeExceedanceRuns(await read('integrate', 'exceedanceRuns'));
    const { mean, sd } = entry(posterior.variables, 0);
    const area = entry(means.variables, 0);
    assert.deepEqual(
      means.areas.map(({ name }) => name),
      ['all', '=one'],
    );
    assert.deepEqual(
      means.leftOut.map(({ name }) => name),
      ['far'],
    );
    assert.equal(means.numBeyond, 1);
    const numDays = posterior.timesMs.length;
    const weights = Array.from(posterior.latitudesDegrees, (latitude) => Math.cos((latitude * Math.PI) / 180));
    for (let day = 0; day < numDays; day += 1) {
      const cells = mean.subarray(day * CELLS, (day + 1) * CELLS);
      const weightOf = (cell: number): number => entry(weights, Math.floor(cell / COLUMNS));
      const whole = cells.reduce((sum, _, cell) => sum + weightOf(cell), 0);
      const expected = cells.reduce((sum, value, cell) => sum + weightOf(cell) * value, 0) / whole;
      // the rows' surfaces are those of the cosine at their centres to 1e-6
      assert.ok(Math.abs(float64At(area.mean, 2 * day) - expected) < 1e-4);
      const one = day * CELLS + 1;
      // rounding, also of the edges of the cell
      assert.ok(Math.abs(float64At(area.mean, 2 * day + 1) - float64At(mean, one)) < 1e-9);
      // four standard errors of the sd of normal draws
      const tolerance = (4 * float64At(sd, one)) / Math.sqrt(2 * SAMPLES);
      assert.ok(Math.abs(float64At(area.sd, 2 * day + 1) - float64At(sd, one)) < tolerance);
      assert.ok(float64At(area.q025, 2 * day) < expected && expected < float64At(area.q975, 2 * day));
    }
    const [single, pair, nine] = runs;
    assert.ok(single && pair && nine);
    exceedanceField(mean, sd, 20).forEach((probability, i) => {
      // five standard errors, for there are hundreds of cells, and one draw: where nearly none exceeds, that is more
      const tolerance = 5 * Math.sqrt((probability * (1 - probability)) / SAMPLES) + 1 / SAMPLES;
      assert.ok(Math.abs(float64At(single.probability, i) - probability) < tolerance);
      if (i < CELLS) assert.ok(Number.isNaN(pair.probability[i]));
      else {
        const both = Math.min(float64At(single.probability, i), float64At(single.probability, i - CELLS));
        assert.ok(float64At(pair.probability, i) <= both + 1e-12);
      }
    });
    assert.ok(nine.probability.every(Number.isNaN));
    assert.ok(published.files.includes('areas.csv') && published.files.includes('areas.parquet'));
    const csv = await readFile(join(published.folder, 'areas.csv'), 'utf8');
    assert.match(csv, /^'=one,pm2_5,2025-07-01,analysis,/mu);
    assert.equal(summary.areas?.areas.length, 2);
    assert.deepEqual(
      summary.consecutiveDays?.map(({ variable, highestProbability }) => [variable, highestProbability === null]),
      [
        ['pm2_5_p_exceed_20_1_days', false],
        ['pm2_5_p_exceed_20_2_days', false],
        ['pm2_5_p_exceed_20_9_days', true],
      ],
    );
    assert.ok(summary.provenance.inputs.some(({ name, role }) => name === 'areas.geojson' && role === 'areas'));
    assert.ok(!summary.quality.issues.some(({ code }) => code === 'no-joint-products'));
  });

  it('on a mesh leaves them out and says so, without degrading the rest', async () => {
    // more than a quarter of all values, so that no grid fills them
    const { outputs, published, summary } = await runAll(56, 'mesh');
    assert.ok(!('areaMeans' in (outputs['integrate']?.outputs ?? {})));
    assert.ok(!published.files.includes('areas.csv'));
    const issue = summary.quality.issues.find(({ code }) => code === 'no-joint-products');
    assert.match(issue?.message ?? '', /^means over areas and probabilities of days in a row are left out/u);
    assert.ok(!summary.quality.reasons.some((reason) => /left out/u.test(reason)));
  });

  it('ends at the quality gate when its areas are none', async () => {
    const own = await mkdtemp(join(folder, 'run-'));
    const areas = { path: join(own, 'areas.geojson') };
    const input = await inputOf(own, 0, { areas: { ...areas, nameProperty: 'name' } }, 'grid');
    await writeFile(areas.path, '{"type": "Topology"}');
    const activities = createActivities(depsIn(own));
    const { run } = await inActivity(() => activities.resolveCycle({ input }));
    const ingest = await inActivity(() => activities.ingest({ run, inputs: {} }));
    await assert.rejects(
      inActivity(() => activities.qualityGate({ run, inputs: ingest.outputs })),
      (error) =>
        error instanceof ApplicationFailure && error.type === 'Ingest.InvalidAreas' && error.nonRetryable === true,
    );
  });
});
