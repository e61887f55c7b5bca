// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { NOT_BUILT, runCommand, scratchFolder, SHARED_FOLDER } from '../support/command-line.js';

const NOT_HERE = SHARED_FOLDER === undefined ? 'the folder ../shared with real CAMS files is absent' : NOT_BUILT;

describe('real CAMS files become products', { skip: NOT_HERE, timeout: 30 * 60_000 }, () => {
  let scratch: Awaited<ReturnType<typeof scratchFolder>>;
  before(async () => {
    scratch = await scratchFolder();
  });
  after(() => scratch.remove());

  async function run(config: string, file: string): Promise<Summary> {
    await writeFile(join(scratch.path, 'config.yaml'), config);
    const input = join(SHARED_FOLDER ?? '', 'data', 'cams', file);
    const { code, stdout, stderr } = await runCommand(['run', 'config.yaml', '--input', input, '--json'], {
      cwd: scratch.path,
    });
    assert.equal(code, 0, stderr);
    const report = JSON.parse(stdout) as { folder: string; summary: string };
    for (const name of ['COMPLETE', 'forecast.nc', 'report.html', 'summary.json']) {
      assert.ok(existsSync(join(report.folder, name)), name);
    }
    return JSON.parse(await readFile(report.summary, 'utf8')) as Summary;
  }

  interface Summary {
    readonly run: { readonly cycle: string };
    readonly grid: { readonly days: readonly { readonly day: string; readonly origin: string }[] };
    readonly fit: { readonly gradientNorm: number };
    readonly inference: {
      readonly integration: { readonly strategy: string; readonly points: number; readonly failedPoints: number };
      readonly search: { readonly converged: boolean };
      readonly criteria: Readonly<Record<string, number>>;
      readonly hyperparameters: readonly unknown[];
    };
    readonly quality: { readonly decision: string };
    readonly route: { readonly name: string; readonly reason: string };
  }

  function assertInference({ inference }: Summary, numHyperparameters: number): void {
    assert.ok(inference.search.converged);
    assert.equal(inference.hyperparameters.length, numHyperparameters);
    for (const [name, value] of Object.entries(inference.criteria)) assert.ok(Number.isFinite(value), name);
    assert.equal(inference.criteria['cpoFailures'], 0);
    assert.equal(inference.integration.failedPoints, 0);
  }

  it('the ozone forecast over Ireland of 28 June 2018', async () => {
    const summary = await run(
      `
name: ireland
boundingBox: { north: 55.5, west: -11, south: 51, east: -5 }
pollutants: [o3]
source: { path: set-by-the-command }
products: { resolutionDegrees: 0.1 }
# the file ends at 08 UTC
window: { minimumDailyCoverage: 0.1 }
`,
      'ENS_FORECAST_o3_ireland_2018-06-28_classic.nc',
    );
    assert.equal(summary.run.cycle, '2018-06-28');
    assert.equal(summary.grid.days[0]?.day, '2018-06-28');
    // the search stops below the tolerance of the configuration
    assert.ok(summary.fit.gradientNorm <= 1e-3);
    assert.equal(summary.route.name, 'grid', summary.route.reason);
    // one day: no temporal range
    assertInference(summary, 3);
  });

  it('nineteen days of analyses, on twelve cells, with a forecast of the day after', async () => {
    const summary = await run(
      `
name: analyses
boundingBox: { north: 38.3, west: -3, south: 38, east: -2.6 }
pollutants: [pm2_5]
source: { path: set-by-the-command }
`,
      'ENS_ANALYSIS_2025-07-01_2025-07-19_classic.nc',
    );
    assert.equal(summary.run.cycle, '2025-07-20');
    assert.equal(summary.grid.days.filter(({ origin }) => origin === 'analysis').length, 19);
    assert.equal(summary.grid.days.at(-1)?.day, '2025-07-20');
    assertInference(summary, 4);
    assert.match(summary.route.reason, /^no grid .* got 3 x 4/);
    // a model this small is integrated out within any budget: over a lattice, or on a slow machine the design
    const { strategy, points } = summary.inference.integration;
    assert.notEqual(strategy, 'empirical-bayes');
    assert.ok(strategy === 'lattice' ? points > 100 : points === 25, `${strategy} of ${points} points`);
  });
});
