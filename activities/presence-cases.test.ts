// SPDX-License-Identifier: Apache-2.0
/** What is there and what is missing, by pollutant and place: files of our own, judged up to the quality gate. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';

import { isTramontanaError } from '../common/errors.js';
import { regionalDataset, temporaryFolder, type RegionalVariation } from '../ingest/testing/sample-files.js';
import { classicBytes, type TestDataset, type TestVariable } from '../ingest/testing/write-classic.js';
import { dailyMeans, runToGate } from '../tests/ingest/first-stages.js';

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
