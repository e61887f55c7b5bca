// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { totalmem } from 'node:os';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

import { isTramontanaError } from '../../common/errors.js';
import { loadDomainConfig, parseDomainConfig, type DomainConfig } from '../../config/index.js';
import { buildMesh } from '../../mesh/index.js';
import { costOf, defaultMemoryLimitBytes, requireAffordable, type InputExtent } from './cost.js';

const GIB = 1024 ** 3;

const SMALL = {
  name: 'small',
  boundingBox: { north: 46, west: 8, south: 45, east: 10 },
  pollutants: ['pm2_5'],
  source: { path: '/data' },
};
const ON_MESH = { ...SMALL, model: { route: 'mesh' } };
const EUROPE = {
  ...SMALL,
  boundingBox: { north: 72, west: -25, south: 30, east: 45 },
  pollutants: ['pm2_5', 'pm10', 'o3', 'no2'],
  products: { resolutionDegrees: 0.1 },
};

const configOf = (value: object): DomainConfig => parseDomainConfig(value, 'test');

function refusalOf(value: object, limitBytes: number, extent?: InputExtent): string {
  try {
    requireAffordable(configOf(value), limitBytes, extent);
  } catch (error) {
    assert.ok(isTramontanaError(error, 'Config.TooCostly'), String(error));
    assert.ok(Number(error.facts['estimatedBytes']) > Number(error.facts['limitBytes']));
    return error.message;
  }
  return 'accepted';
}

describe('a run beyond the memory is refused with estimate, limit and remedy', () => {
  it('for its mesh: 25 bytes a squared node', () => {
    const fine = { ...ON_MESH, mesh: { interiorEdgeKm: 1 } };
    const message = refusalOf(fine, 2 * GIB);
    assert.match(
      message,
      /within 2\.00 GiB of memory, got the spectral basis of about \d+ mesh nodes, which need \d+(\.\d+)? GiB/u,
    );
    assert.match(message, /mesh\.interiorEdgeKm.*memoryLimitBytes/u);
    const nodes = Number(/about (\d+) mesh/u.exec(message)?.[1]);
    assert.match(refusalOf(fine, 25 * nodes ** 2 - 1), /spectral basis/u);
    assert.match(refusalOf(fine, 25 * nodes ** 2), /a time step/u);
    assert.equal(refusalOf(fine, 32 * nodes ** 2), 'accepted');
  });

  it('for an extension that reaches round the world', () => {
    const wide = { ...ON_MESH, mesh: { interiorEdgeKm: 10, extensionKm: 1e5, maximumExtensionEdgeKm: 20 } };
    assert.match(refusalOf(wide, 64 * GIB), /mesh nodes/u);
    assert.match(refusalOf({ ...wide, mesh: { ...wide.mesh, extensionKm: 1e300 } }, 64 * GIB), /mesh nodes/u);
  });

  it('for pollutants that meet in one time step', () => {
    const joint = { ...ON_MESH, pollutants: ['pm2_5', 'pm10', 'o3', 'no2'], mesh: { interiorEdgeKm: 2 } };
    assert.match(refusalOf(joint, 4 * GIB), /a time step of \d+ unknowns \(\d+ mesh nodes, 4 pollutants\)/u);
  });

  it('for observations, time steps and fine cells, which the days of the input decide', () => {
    const year = { firstDay: '2025-01-01', lastDay: '2026-01-10', cycle: '2026-01-08', numTimes: 375 };
    const whole = { ...EUROPE, model: { route: 'mesh' }, window: { maximumHistoryDays: 366 } };
    assert.match(refusalOf(whole, 32 * GIB, year), /got about 4\d{8} observations, which need \d+(\.\d+)? GiB/u);
    assert.equal(refusalOf({ ...whole, window: { maximumHistoryDays: 5 } }, 32 * GIB, year), 'accepted');
    const items = costOf(configOf(whole), year).map(({ what }) => what);
    assert.ok(
      items.some((what) => /^369 time steps of/u.test(what)),
      items.join('; '),
    );
  });

  it('on a complete grid for rows and cells, linearly in the cells, and for no mesh', () => {
    const days = { firstDay: '2026-01-01', lastDay: '2026-01-10', cycle: '2026-01-08', numTimes: 10 };
    const bytesOf = (value: object, pattern: RegExp): number =>
      costOf(configOf(value), days).find(({ what }) => pattern.test(what))?.bytes ?? Number.NaN;
    const [solutions, index, maps] = [/solutions of/u, /index of the grid/u, /maps of 10 days/u];
    const whole = { ...EUROPE, model: { tiles: 'none' } };
    // three matrices of 4 pollutants x 10 days
    assert.equal(bytesOf(whole, index), 24 * 40 ** 2);
    // one intercept a pollutant: 5 columns of 40 rows, sums of 10 pairs and four tables of 4 pollutants for each of 10 lags
    const bytesACell = 8 * (5 * 40 + 10 * (10 + 4 * 4));
    assert.equal(bytesOf(whole, solutions), bytesACell * 420 * 700);
    assert.equal(bytesOf(whole, maps), 8 * 6 * 10 * 420 * 700);
    const half = { ...whole, boundingBox: { ...EUROPE.boundingBox, south: 51 } };
    assert.equal(2 * bytesOf(half, solutions), bytesOf(whole, solutions));
    // of a box in tiles by one of them
    assert.equal(bytesOf(EUROPE, solutions), bytesACell * 64 ** 2);
    for (const route of ['automatic', 'grid']) {
      const items = costOf(configOf({ ...EUROPE, model: { route } }), days).map(({ what }) => what);
      assert.ok(!items.some((what) => /mesh|unknowns/u.test(what)), items.join('; '));
    }
    assert.match(refusalOf(whole, GIB / 2, days), /got the solutions of 294000 cells with 40 rows, which need/u);
  });

  it('for files of a century', () => {
    const century = { firstDay: '1900-01-01', lastDay: '2026-01-10', cycle: '2026-01-08', numTimes: 24 * 46_031 };
    assert.match(
      refusalOf({ ...EUROPE, window: { maximumHistoryDays: 2 } }, 64 * GIB, century),
      /files of 1104744 times.*move the others away/u,
    );
  });

  it('for a fine grid that no file holds, before anything is computed', () => {
    const world = {
      ...SMALL,
      boundingBox: { north: 85, west: -179, south: -85, east: 179 },
      products: { resolutionDegrees: 0.001 },
    };
    assert.throws(
      () => costOf(configOf(world)),
      (error) => isTramontanaError(error) && /^(Modelling\.InvalidGrid|Mesh\.)/u.test(error.tag),
    );
  });
});

describe('ordinary runs', () => {
  it('of the samples fit in 4 GiB, a year of them too', async () => {
    const folder = fileURLToPath(new URL('../../samples', import.meta.url));
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
      /domain.*\.ya?ml$|\.yaml$/u.test(name),
    );
    assert.ok(files.length > 0);
    for (const file of files) {
      const config = await loadDomainConfig(`${folder}/${file}`);
      requireAffordable(config, 4 * GIB, {
        firstDay: '2025-01-01',
        lastDay: '2026-01-01',
        cycle: '2026-01-01',
        numTimes: 9000,
      });
    }
  });

  it('the reckoned basis is that of the mesh', () => {
    const config = configOf(ON_MESH);
    const nodes = buildMesh(config.boundingBox).c0.length;
    const basis = costOf(config)[0]?.bytes ?? 0;
    assert.ok(Math.abs(Math.sqrt(basis / 25) / nodes - 1) < 0.15, `${Math.sqrt(basis / 25)} for ${nodes}`);
  });
});

describe('the limit', () => {
  it('is three quarters of the memory, or what the variable says', () => {
    const limit = defaultMemoryLimitBytes({});
    assert.ok(limit > 0 && limit <= 0.75 * totalmem());
    assert.equal(defaultMemoryLimitBytes({ TRAMONTANA_MEMORY_GIB: '2.5' }), 2.5 * GIB);
    for (const value of ['x', '-1', '0', 'Infinity', '1e999', 'NaN']) {
      assert.throws(
        () => defaultMemoryLimitBytes({ TRAMONTANA_MEMORY_GIB: value }),
        (error) => isTramontanaError(error, 'Config.Invalid') && error.message.includes(value),
      );
    }
  });
});
