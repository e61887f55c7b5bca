// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { isTramontanaError } from '../common/errors.js';
import type { ProductInputs } from './product-types.js';
import { publish } from './publish.js';
import { renewSummary } from './renew-summary.js';
import { COMPLETE_FILE, verifyRun } from './run-manifest.js';
import { readSummary } from './summary.js';
import { PO_VALLEY, type SyntheticDomain } from './testing/synthetic-fields.js';
import { syntheticInputs } from './testing/synthetic-run.js';

const SMALL: SyntheticDomain = {
  ...PO_VALLEY,
  pollutants: ['pm2_5', 'o3'],
  analysisDays: 3,
  forecastDays: 1,
  resolutionDegrees: 0.1,
};
const inputs = syntheticInputs(SMALL);

let runsFolder: string;
before(async () => {
  runsFolder = await mkdtemp(join(tmpdir(), 'tramontana-publish-'));
});
after(() => rm(runsFolder, { recursive: true, force: true }));

async function entries(): Promise<string[]> {
  return (await readdir(join(runsFolder, 'po-valley')).catch(() => [])).sort();
}

test('a run holds every product, and the marker', async () => {
  const shares: number[] = [];

  const run = await publish({ ...inputs, runsFolder }, { onProgress: (share) => shares.push(share) });

  assert.equal(run.folder, join(runsFolder, 'po-valley', '2025-01-24'));
  for (const file of run.files) assert.ok((await stat(join(run.folder, file))).size > 0, file);
  for (const file of [
    'forecast.nc',
    'report.html',
    'maps/mesh.png',
    'maps/pm2_5_comparison_2025-01-12.png',
    'summary.json',
  ]) {
    assert.ok(run.files.includes(file), file);
  }
  assert.equal(run.files[run.files.length - 1], COMPLETE_FILE);
  assert.deepEqual(await entries(), ['.versions', '2025-01-24']);
  assert.ok(shares.every((share, k) => share > (shares[k - 1] ?? 0) && share <= 1));
  const onDisk = (await readdir(run.folder, { recursive: true })).filter((name) => name !== 'maps').sort();
  assert.deepEqual(onDisk, [...run.files].sort());
});

test('the summary holds what scripts rely on', async () => {
  const summary = await readSummary(join(runsFolder, 'po-valley', '2025-01-24'));

  assert.deepEqual(
    summary.stages.map(({ name }) => name),
    [...inputs.stages.map(({ name }) => name), 'publish'],
  );
  assert.deepEqual(Object.keys(summary.fit.theta), inputs.fit.thetaNames);
  assert.equal(summary.fit.objective, inputs.fit.objective);
  assert.equal(summary.fit.resumedFromIteration, 0);
  assert.equal(summary.quality.decision, 'degrade');
  assert.equal(summary.provenance.inputs.length, 2);
  const scores = summary.evaluation?.pm2_5;
  assert.ok(scores && scores.rmse > 0 && scores.rmseBilinear >= 0 && scores.coverage95 > 0.5);
  assert.equal(scores.forecast?.days, 1);
  assert.deepEqual(summary.grid.shape, [4, 14, 22]);
  assert.deepEqual(summary.grid.days[3], { day: '2025-01-13', origin: 'forecast' });
  assert.equal(summary.exceedance.length, 2 * 4);
});

test('a second run that computed nothing changes only the stages of the summary', async () => {
  const folder = join(runsFolder, 'po-valley', '2025-01-24');
  const before = await readSummary(folder);
  const stages = before.stages.map((stage) => ({ ...stage, reused: true, seconds: 0 }));

  await renewSummary({ runsFolder, domain: 'po-valley', cycle: '2025-01-24' }, stages);

  assert.deepEqual(await readSummary(folder), { ...before, stages });
  assert.deepEqual((await verifyRun(folder)).domain, 'po-valley');
});

test('publishing again replaces the run and leaves nothing beside it', async () => {
  const folder = join(runsFolder, 'po-valley', '2025-01-24');
  await writeFile(join(folder, 'old'), 'x');

  await publish({ ...inputs, runsFolder });

  assert.ok(!(await readdir(folder)).includes('old'));
  assert.deepEqual(await entries(), ['.versions', '2025-01-24']);
});

test('a failure or an abort leaves the earlier run as it was and no staging folder', async () => {
  const folder = join(runsFolder, 'po-valley', '2025-01-24');
  const marker = await readFile(join(folder, COMPLETE_FILE), 'utf8');
  const brokenMesh: ProductInputs = {
    ...inputs,
    mesh: { segmentsDegrees: new Float64Array(), outline: new Float64Array() },
  };

  await assert.rejects(publish({ ...brokenMesh, runsFolder }), (error) =>
    isTramontanaError(error, 'Products.EmptyMesh'),
  );
  const controller = new AbortController();
  await assert.rejects(
    publish(
      { ...inputs, runsFolder },
      { signal: controller.signal, onProgress: (share) => share > 0.3 && controller.abort(new Error('stopped')) },
    ),
    /stopped/,
  );

  assert.equal(await readFile(join(folder, COMPLETE_FILE), 'utf8'), marker);
  assert.deepEqual(await entries(), ['.versions', '2025-01-24']);
});

test('inputs that cannot be published are refused before anything is written', async () => {
  const variable = inputs.posterior.variables[0];
  assert.ok(variable);
  const withRun = (change: object): ProductInputs => ({ ...inputs, run: { ...inputs.run, ...change } });
  const withPosterior = (change: object): ProductInputs => ({
    ...inputs,
    posterior: { ...inputs.posterior, ...change },
  });
  const cases: readonly (readonly [ProductInputs, RegExp])[] = [
    [withRun({ domain: '../escape' }), /run\.domain: expected .* got \.\.\/escape/],
    [withRun({ cycle: '2025-13-40' }), /run\.cycle: expected a day/],
    [withPosterior({ variables: [] }), /at least one pollutant/],
    [withPosterior({ timesMs: new Float64Array() }), /at least one day/],
    [
      withPosterior({ variables: [{ ...variable, sd: variable.sd.map(() => -1) }] }),
      /sd of pm2_5 at index 0: expected at least 0, got -1/,
    ],
    [{ ...inputs, thresholds: [{ pollutant: 'o3', value_ug_m3: Number.NaN, label: 'x' }] }, /threshold of o3/],
  ];
  const fresh = join(runsFolder, 'untouched');
  for (const [bad, message] of cases) {
    await assert.rejects(publish({ ...bad, runsFolder: fresh }), (error) => {
      assert.ok(isTramontanaError(error, 'Products.InvalidInput'));
      assert.match(error.message, message);
      return true;
    });
  }
  await assert.rejects(readdir(fresh), /ENOENT/);
});
