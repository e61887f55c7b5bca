// SPDX-License-Identifier: Apache-2.0
/** What would end a run after hours is told before them: a place that the products cannot have, numbers without sense. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { isTramontanaError } from '../../common/errors.js';
import { parseDomainConfig } from '../../config/index.js';
import { UNRESTRICTED_ROOTS } from '../inputs/allowed-roots.js';
import { requireAffordable } from '../model/cost.js';
import { defaultDependencies } from '../dependencies.js';
import { prepareRun } from './resolve-cycle.js';

const DOMAIN = {
  name: 'early',
  boundingBox: { north: 45.6, west: 9, south: 44.9, east: 10 },
  pollutants: ['pm2_5'],
};

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tramontana-early-'));
  await writeFile(join(folder, 'ENS.nc'), 'CDF\u0001');
});
after(() => rm(folder, { recursive: true, force: true }));

/** The end of the first stage, for a run of 1 July 2025 with its products in this folder. */
async function startWith(outputFolder: string): Promise<unknown> {
  const deps = {
    ...defaultDependencies({ stateFolder: join(folder, 'state'), runsFolder: join(folder, 'runs') }),
    roots: UNRESTRICTED_ROOTS,
  };
  const domain = { ...DOMAIN, source: { path: join(folder, 'ENS.nc') } };
  const prepared = await prepareRun(deps, { input: { schemaVersion: 1, domain, outputFolder } });
  const days = { firstDay: '2025-06-01', lastDay: '2025-07-03', cycle: '2025-07-01', numTimes: 72 };
  return prepared.context(days);
}

describe('a place that the products cannot have is told by the first stage', () => {
  it('where somebody keeps something else', async () => {
    const taken = join(folder, 'taken', 'early', '2025-07-01');
    await mkdir(taken, { recursive: true });
    await writeFile(join(taken, 'thesis.txt'), 'mine');

    await assert.rejects(
      startWith(join(folder, 'taken')),
      (error) => isTramontanaError(error, 'Products.NotOurs') && !error.retryable,
    );

    assert.equal(await readFile(join(taken, 'thesis.txt'), 'utf8'), 'mine');
  });

  it('where a file has the name of the folder, or the name is too long for one', async () => {
    await writeFile(join(folder, 'file'), '');
    await assert.rejects(startWith(join(folder, 'file', 'runs')), { code: 'ENOTDIR' });
    await assert.rejects(startWith(join(folder, 'n'.repeat(300))), { code: 'ENAMETOOLONG' });
  });

  it('and one that they can have is not touched by the question', async () => {
    const before = await readdir(folder);
    await startWith(join(folder, 'new', 'runs'));
    assert.deepEqual((await readdir(folder)).sort(), [...new Set([...before, 'state'])].sort());
  });
});

describe('numbers without sense are refused with their key', () => {
  const cases: readonly (readonly [object, RegExp])[] = [
    [
      { products: { thresholds: { pm2_5: Array.from({ length: 10_000 }, (_, index) => `${index + 1} ug/m3`) } } },
      /thresholds\.pm2_5/u,
    ],
    [{ model: { forecastErrorSds: Array<number>(1e6).fill(1) } }, /forecastErrorSds/u],
    // the rate of such a prior is infinite, and the search for theta would begin and end there
    [{ model: { priors: { sigma: { threshold: 1e-320, probability: 0.5 } } } }, /priors\.sigma\.threshold/u],
    [{ model: { priors: { spatialRangeKm: { threshold: 1e308, probability: 0.5 } } } }, /spatialRangeKm/u],
    [{ model: { priors: { coregionalisation: { mean: 0, sd: 1e-200 } } } }, /coregionalisation\.sd/u],
    [{ model: { forecastErrorSds: [1e200] } }, /forecastErrorSds/u],
    [{ engine: { gradientTolerance: 1e-300 } }, /gradientTolerance/u],
    [{ inference: { integrationBudgetSeconds: 1e12 } }, /integrationBudgetSeconds/u],
    [{ mesh: { maximumExtensionEdgeKm: 0.001 } }, /maximumExtensionEdgeKm/u],
    [{ mesh: { interiorEdgeKm: 0.2 } }, /interiorEdgeKm/u],
    [{ boundingBox: { north: 80, west: -170, south: -80, east: 170 }, mesh: { interiorEdgeKm: 20 } }, /width/u],
  ];
  for (const [change, named] of cases) {
    it(String(named), () => {
      const started = performance.now();
      assert.throws(
        () => requireAffordable(parseDomainConfig({ ...DOMAIN, source: { path: '/data' }, ...change }, 'x'), 2 ** 32),
        (error) => isTramontanaError(error) && named.test(error.message) && error.message.length < 1000,
      );
      assert.ok(performance.now() - started < 10_000);
    });
  }
});
