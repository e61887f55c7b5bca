// SPDX-License-Identifier: Apache-2.0
/** What is there and what is missing, by pollutant and place: files of our own, judged up to the quality gate. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';

import { isTramontanaError } from '../../common/errors.js';
import { regionalDataset, temporaryFolder, type RegionalVariation } from '../../ingest/testing/sample-files.js';
import { classicBytes, type TestDataset, type TestVariable } from '../../ingest/testing/write-classic.js';
import { dailyMeans, runToGate } from '../../tests/ingest/first-stages.js';

const BOX = { north: 45.2, west: 8.9, south: 45.0, east: 9.2 };
const CELLS = 6;
const WAVE = { valueAt: (index: number) => 20 + (index % 37) / 3 };
const hours = (count: number): readonly number[] => Array.from({ length: count }, (_, hour) => hour);

/** A dataset with attributes and variables of a post-processor. */
function changed(
  variation: RegionalVariation,
  attributes: Readonly<Record<string, TestVariable['attributes']>>,
  more: { readonly variables?: readonly TestVariable[]; readonly dimensions?: Readonly<Record<string, number>> } = {},
): TestDataset {
  const dataset = regionalDataset(variation);
  return {
    ...dataset,
    dimensions: { ...dataset.dimensions, ...more.dimensions },
    variables: [
      ...dataset.variables.map((variable) => ({
        ...variable,
        attributes: { ...variable.attributes, ...attributes[variable.name] },
      })),
      ...(more.variables ?? []),
    ],
  };
}

async function folderOf(context: TestContext, files: Readonly<Record<string, TestDataset>>): Promise<string> {
  const folder = await temporaryFolder(context);
  for (const [name, dataset] of Object.entries(files)) await writeFile(join(folder, name), classicBytes(dataset));
  return folder;
}

describe('missing is said of what is missing only', () => {
  it('a daily mean of ozone is no daily maximum: refused by name, not "missing"', async (context) => {
    const dataset = changed(
      { hours: [0, 24, 48], species: { o3_conc: WAVE } },
      { o3_conc: { cell_methods: 'time: mean' } },
    );
    const path = await folderOf(context, { 'o3.nc': dataset });
    await assert.rejects(runToGate(context, path, { boundingBox: BOX, pollutants: ['o3'] }), (error) => {
      assert.ok(isTramontanaError(error, 'Ingest.WrongStatistic'), String(error));
      assert.match(error.message, /o3.*daily_max_8h_mean.*daily_mean/);
      return true;
    });
  });

  it('daily means with bounds, dated at noon as cdo daymean does, are used as they are', async (context) => {
    const dataset = changed(
      { hours: [12, 36, 60], species: { pm2p5_conc: { valueAt: (index) => 10 * (1 + Math.floor(index / CELLS)) } } },
      { pm2p5_conc: { cell_methods: 'time: mean' }, time: { bounds: 'time_bnds' } },
      {
        dimensions: { bnds: 2 },
        variables: [
          {
            ...{ name: 'time_bnds', type: 'double' as const, dimensions: ['time', 'bnds'] },
            values: [0, 24, 24, 48, 48, 72],
          },
        ],
      },
    );
    const { daily, verdict } = await runToGate(context, await folderOf(context, { 'a.nc': dataset }), {
      boundingBox: BOX,
    });
    assert.deepEqual(dailyMeans(daily, 'pm2_5'), { '2025-07-01': 10, '2025-07-02': 20, '2025-07-03': 30 });
    assert.equal(verdict, 'pass');
  });

  it('a daily maximum dated by the hour of the maximum is used as it is (cdo daymax of an 8-hour running mean)', async (context) => {
    const attributes = { o3_conc: { cell_methods: 'time: maximum' }, time: { bounds: 'time_bnds' } };
    const bounds = { name: 'time_bnds', type: 'double' as const, dimensions: ['time', 'bnds'] };
    const dataset = changed(
      { hours: [13.5, 36, 60], species: { o3_conc: { valueAt: (index) => 80 + 10 * Math.floor(index / CELLS) } } },
      attributes,
      { dimensions: { bnds: 2 }, variables: [{ ...bounds, values: [0, 27, 21, 51, 45, 75] }] },
    );
    const path = await folderOf(context, { 'o3.nc': dataset });
    const { daily, codes } = await runToGate(context, path, { boundingBox: BOX, pollutants: ['o3'] });
    assert.deepEqual(dailyMeans(daily, 'o3'), { '2025-07-01': 80, '2025-07-02': 90, '2025-07-03': 100 });
    assert.ok(codes.includes('warning assumed-statistic'));
  });

  it('means of months and years are no days', async (context) => {
    for (const [hoursOfMeans, attributes] of [
      [[0, 31, 59, 90].map((day) => day * 24), {}],
      [[14, 45, 73].map((day) => day * 24), { pm2p5_conc: { cell_methods: 'time: mean' } }],
      [[0, 365 * 24], {}],
    ] as const) {
      const path = await folderOf(context, { 'a.nc': changed({ hours: hoursOfMeans }, attributes) });
      await assert.rejects(runToGate(context, path, { boundingBox: BOX }), (error) => {
        assert.ok(isTramontanaError(error, 'Ingest.WrongStatistic'), String(error));
        assert.match(error.message, /expected hourly or daily values, got \d that are \d+ days apart/);
        return true;
      });
    }
  });

  it('daily means that still call themselves hourly are refused with the command that settles it', async (context) => {
    const hourly = { pm2p5_conc: { value: 'hourly values' } };
    const dataset = (more: Record<string, string> = {}) =>
      changed({ hours: [0, 24, 48] }, { pm2p5_conc: { ...hourly.pm2p5_conc, ...more } });
    await assert.rejects(
      runToGate(context, await folderOf(context, { 'a.nc': dataset() }), { boundingBox: BOX }),
      (error) =>
        isTramontanaError(error, 'Ingest.NoDailyValues') &&
        error.message.includes('ncatted -O -a cell_methods,VARIABLE,o,c,"time: mean"'),
    );
    const told = await folderOf(context, { 'a.nc': dataset({ cell_methods: 'time: mean' }) });
    assert.equal((await runToGate(context, told, { boundingBox: BOX })).daily.timesMs.length, 3);
  });

  it('a pollutant whose days all have two hours is too short, not all missing', async (context) => {
    const path = await folderOf(context, {
      'pm2_5.nc': regionalDataset({ hours: hours(72), species: { pm2p5_conc: WAVE } }),
      'pm10.nc': regionalDataset({ hours: [12, 15, 36, 39, 60, 63], species: { pm10_conc: WAVE } }),
    });
    await assert.rejects(runToGate(context, path, { boundingBox: BOX, pollutants: ['pm2_5', 'pm10'] }), (error) => {
      assert.ok(isTramontanaError(error, 'Ingest.NoDailyValues'), String(error));
      assert.match(error.message, /pm10: 3 days with less than 75 % of its hours.*minimumDailyCoverage/);
      return true;
    });
  });

  it('a pollutant with two hours on a day is missing on that day, its neighbour is not', async (context) => {
    const path = await folderOf(context, {
      'pm2_5.nc': regionalDataset({ hours: hours(72), species: { pm2p5_conc: WAVE } }),
      'pm10.nc': regionalDataset({
        hours: [...hours(24), 36, 39, ...hours(72).slice(48)],
        species: { pm10_conc: WAVE },
      }),
    });
    const { daily } = await runToGate(context, path, { boundingBox: BOX, pollutants: ['pm2_5', 'pm10'] });
    const known = (species: string): boolean[] =>
      Object.values(dailyMeans(daily, species)).map((mean) => !Number.isNaN(mean));
    assert.deepEqual(
      [known('pm2_5'), known('pm10')],
      [
        [true, true, true],
        [true, false, true],
      ],
    );
  });
});

describe('a domain beyond the data is degraded with the share', () => {
  for (const [side, box, share] of [
    ['north', { ...BOX, north: 45.4 }, 50],
    ['east', { ...BOX, east: 9.5 }, 50],
    ['all sides', { north: 45.6, west: 8.5, south: 44.6, east: 9.6 }, 5],
  ] as const) {
    it(`on its side: ${side}`, async (context) => {
      const path = await folderOf(context, { 'a.nc': regionalDataset({ hours: hours(72) }) });
      const { verdict, messages } = await runToGate(context, path, { boundingBox: box });
      assert.equal(verdict, 'degrade');
      assert.match(messages.find((message) => message.includes('cover')) ?? '', new RegExp(`cover ${share} % `, 'u'));
    });
  }
});

describe('cells left out between others are told', () => {
  for (const [name, longitudes, west, east, share] of [
    ['one column', [8.95, 9.05, 9.15, 9.35, 9.45], 8.9, 9.5, 83],
    ['two areas far apart', [8.95, 9.05, 18.95, 19.05], 8.9, 19.1, 4],
  ] as const) {
    it(name, async (context) => {
      const path = await folderOf(context, { 'a.nc': regionalDataset({ hours: hours(72), longitudes }) });
      const { verdict, messages } = await runToGate(context, path, { boundingBox: { ...BOX, west, east } });
      assert.equal(verdict, 'degrade');
      assert.match(
        messages.find((message) => message.includes('cover')) ?? '',
        new RegExp(`cover ${share} % .*columns of cells left out`, 'u'),
      );
    });
  }

  it('a level aloft is no surface: by its coordinate, by the name of a reanalysis', async (context) => {
    const aloft = (dataset: TestDataset): TestDataset => ({
      ...dataset,
      variables: dataset.variables.map((item) => (item.name === 'level' ? { ...item, values: [250] } : item)),
    });
    const dataset = regionalDataset({ hours: hours(72) });
    for (const [file, content, found] of [
      ['ENS_ANALYSIS.nc', aloft(dataset), '"level" at 250 m'],
      ['cams.eaq.vra.ENSa.pm2p5.l250.2025-07.nc', dataset, 'a file of 250 m by its name'],
    ] as const) {
      await assert.rejects(
        runToGate(context, await folderOf(context, { [file]: content }), { boundingBox: BOX }),
        (error) => isTramontanaError(error, 'Ingest.BadCoordinate') && error.message.includes(`got ${found}; request`),
      );
    }
  });

  it('x and y without units under a map projection are no longitude and latitude', async (context) => {
    const axes: Readonly<Record<string, string>> = { latitude: 'y', longitude: 'x' };
    const dataset = regionalDataset({ hours: hours(72) });
    const mapped: TestDataset = {
      ...dataset,
      dimensions: { x: 3, y: 2, level: 1, time: 72 },
      variables: [
        ...dataset.variables.map((item) => ({
          ...item,
          name: axes[item.name] ?? item.name,
          dimensions: item.dimensions.map((name) => axes[name] ?? name),
          attributes: axes[item.name] !== undefined ? {} : { ...item.attributes, grid_mapping: 'crs' },
        })),
        {
          ...{ name: 'crs', type: 'int' as const, dimensions: [], values: [0] },
          attributes: { grid_mapping_name: 'lambert_conformal_conic' },
        },
      ],
    };
    await assert.rejects(
      runToGate(context, await folderOf(context, { 'a.nc': mapped }), { boundingBox: BOX }),
      (error) => isTramontanaError(error, 'Ingest.BadCoordinate') && /variable "y".*projected/.test(error.message),
    );
  });
});
