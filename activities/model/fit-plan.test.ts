// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { isTramontanaError } from '../../common/errors.js';
import { parseDomainConfig } from '../../config/index.js';
import { planInWords, planOf, plannedSize, requireRoomFor } from './fit-plan.js';

const GIB = 2 ** 30;
const DOMAIN = {
  ...{ name: 'planned', pollutants: ['pm2_5', 'o3'], source: { path: '/data' } },
  boundingBox: { north: 46.1, west: 8.6, south: 44.7, east: 10.8 },
};
const CONFIG = parseDomainConfig(DOMAIN, 'x');
const EXTENT = { firstDay: '2026-03-02', lastDay: '2026-03-19', cycle: '2026-03-16', numTimes: 432 };
const deps = { kernelRates: () => Promise.resolve({ multiply: 8e10, inversion: 4e10 }) };

describe('the plan of a fit', () => {
  it('is made of configuration and days, on either route', async () => {
    const mesh = plannedSize(CONFIG, { name: 'mesh' }, EXTENT);
    assert.deepEqual([mesh.order % 2, mesh.numBlocks], [0, 18]);
    const finer = plannedSize(CONFIG, { name: 'mesh', interiorEdgeKm: 5 }, EXTENT);
    assert.ok(finer.order > 2 * mesh.order);
    const grid = plannedSize(CONFIG, { name: 'grid' }, EXTENT);
    // floating point makes one row of cells less of 1.4 degrees
    assert.ok(grid.order === 36 && grid.numBlocks >= 13 * 21 && grid.numBlocks <= 14 * 22);
    const [slow, quick] = [
      await planOf(deps, CONFIG.engine, finer, false),
      await planOf(deps, CONFIG.engine, grid, true),
    ];
    assert.ok(slow.seconds > 100 * quick.seconds && slow.bytes > quick.bytes);
    assert.match(planInWords(slow), /^at most \d+\.\d+ GiB, about \d+ s \(\d+ evaluations, \d\.\de\+\d+ flops\)$/u);
  });

  it('counts all ranks of this machine, and one of a machine of its own', async () => {
    const size = plannedSize(CONFIG, { name: 'mesh' }, EXTENT);
    const engineOf = (launcher: 'mpirun' | 'slurm') => ({ ...CONFIG.engine, launcher, ranks: 4 });
    const [here, there] = [
      await planOf(deps, engineOf('mpirun'), size, false),
      await planOf(deps, engineOf('slurm'), size, false),
    ];
    assert.equal(here.bytes, there.bytes);
    assert.ok(Math.abs(here.seconds / there.seconds - 4) < 1e-9, 'ranks of one machine share its kernels');
    const limit = 2 * here.bytes;
    requireRoomFor({ ...CONFIG, engine: engineOf('slurm') }, size, there, limit);
    assert.throws(
      () => requireRoomFor({ ...CONFIG, engine: engineOf('mpirun') }, size, here, limit),
      (error) => isTramontanaError(error, 'Config.TooCostly') && error.facts['estimatedBytes'] === 4 * here.bytes,
    );
  });

  it('is refused with estimate, limit and remedy where it cannot fit the memory', async () => {
    const size = { ...plannedSize(CONFIG, { name: 'mesh' }, EXTENT), order: 20_000 };
    const plan = await planOf(deps, CONFIG.engine, size, false);
    assert.throws(
      () => requireRoomFor(CONFIG, size, plan, 8 * GIB),
      (error) => {
        assert.ok(isTramontanaError(error, 'Config.TooCostly'));
        assert.match(
          error.message,
          /^planned: expected a fit within 8\.00 GiB of memory, got a fit of 18 time steps of 20000 unknowns/u,
        );
        assert.match(error.message, /interiorEdgeKm.*TRAMONTANA_MEMORY_GIB/u);
        return true;
      },
    );
    requireRoomFor(CONFIG, size, plan, plan.bytes);
  });
});
