// SPDX-License-Identifier: Apache-2.0
/** Which run, model and origin, and what lies beside the data: files of our own, judged up to the quality gate. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';

import { isTramontanaError } from '../../common/errors.js';
import { regionalDataset, temporaryFolder, type RegionalVariation } from '../../ingest/testing/sample-files.js';
import { classicBytes, type TestVariable } from '../../ingest/testing/write-classic.js';
import { dailyMeans, runToGate } from '../../tests/ingest/first-stages.js';

const BOX = { north: 45.2, west: 8.9, south: 45.0, east: 9.2 };
const small = { boundingBox: BOX };
const SINCE = 'hours since 2025-07-01';
const hours = (count: number, start = 0): readonly number[] => Array.from({ length: count }, (_, hour) => start + hour);
const level = (base: number) => ({ valueAt: (index: number) => base + (index % 37) / 3 });
const bare: RegionalVariation = { hours: hours(72), timeLongName: 'time', timeUnits: SINCE };

async function folderOf(context: TestContext, files: Readonly<Record<string, RegionalVariation>>): Promise<string> {
  const folder = await temporaryFolder(context);
  for (const [name, variation] of Object.entries(files)) {
    await writeFile(join(folder, name), classicBytes(regionalDataset(variation)));
  }
  return folder;
}

/** A run as cfgrib gives it: a scalar reference time. */
function runOf(startHour: number, base: number): RegionalVariation {
  const attributes = { units: SINCE, standard_name: 'forecast_reference_time' };
  const reference: TestVariable = { name: 'reftime', type: 'double', dimensions: [], values: [startHour], attributes };
  return { ...bare, hours: hours(72, startHour), species: { pm2p5_conc: level(base) }, extraVariables: [reference] };
}

function regionalRun(day: string, more: RegionalVariation = {}): RegionalVariation {
  return {
    hours: hours(97),
    timeLongName: `FORECAST time from ${day}`,
    attributes: { FORECAST: `Europe, ${day}+[0H_96H]` },
    ...more,
  };
}

describe('the newest run by what the files say', () => {
  it('of runs of 00 and 12 UTC, by their reference times', async (context) => {
    const path = await folderOf(context, { 'a.nc': runOf(12, 20), 'b.nc': runOf(24, 30), 'c.nc': runOf(0, 90) });
    const { cycle, daily, messages } = await runToGate(context, path, small);
    assert.equal(cycle, '2025-07-02');
    assert.ok(daily.variables[0]!.values.every((value) => value >= 30 && value < 43));
    assert.equal(
      messages.filter((text) => /[ac]\.nc: not used: its run of .* is older than .*b\.nc/.test(text)).length,
      2,
    );
  });

  it('a cycle whose own run is not there is degraded and says so; one that nothing covers is refused', async (context) => {
    const path = await folderOf(context, { 'a.nc': regionalRun('20240228'), 'b.nc': regionalRun('20240301') });
    const late = await runToGate(context, path, small, '2024-02-29');
    assert.equal(late.verdict, 'degrade');
    assert.ok(late.codes.includes('warning late-input'), late.codes.join());
    assert.ok(
      late.messages.some((text) =>
        /cycle 2024-02-29 is not there: the day is taken from the run of 2024-02-28T00:00 UTC/.test(text),
      ),
    );
    const own = await runToGate(context, path, small, '2024-03-01');
    assert.ok(!own.codes.includes('warning late-input'));
    await assert.rejects(runToGate(context, path, small, '2024-03-05'), { tag: 'Input.NoDataForCycle' });
  });

  it('files of a pollutant that nobody wants say nothing about the cycle', async (context) => {
    const ozone = regionalRun('20240301', { species: { o3_conc: level(60) } });
    const path = await folderOf(context, { 'pm.nc': regionalRun('20240220'), 'o3.nc': ozone });
    assert.equal((await runToGate(context, path, small)).cycle, '2024-02-20');
    await assert.rejects(runToGate(context, path, small, '2024-03-01'), { tag: 'Input.NoDataForCycle' });
  });

  it('a run of few hours that puts an older one aside leaves the cycle without its day', async (context) => {
    const partial = regionalRun('20240301', { hours: hours(5), attributes: { FORECAST: 'Europe, 20240301+[0H_4H]' } });
    const analysis: RegionalVariation = {
      hours: hours(72),
      timeLongName: 'ANALYSIS time from 20240225',
      attributes: { ANALYSIS: 'Europe, 20240225-20240227+[0H_23H]' },
    };
    const path = await folderOf(context, { 'a.nc': analysis, 'b.nc': regionalRun('20240229'), 'c.nc': partial });
    await assert.rejects(runToGate(context, path, small, '2024-03-01'), { tag: 'Input.NoDataForCycle' });
  });

  it('across the end of a year', async (context) => {
    const path = await folderOf(context, {
      'c.nc': regionalRun('20231230'),
      'z.nc': regionalRun('20231231', { species: { pm2p5_conc: level(40) } }),
      'a.nc': regionalRun('20240101', { species: { pm2p5_conc: level(60) } }),
    });
    const { cycle, daily } = await runToGate(context, path, small);
    assert.equal(cycle, '2024-01-01');
    assert.ok(daily.variables[0]!.values.every((value) => value >= 60));
  });

  it('of several dates in one file: the hours of older runs are said to be left out', async (context) => {
    const attributes = { FORECAST: 'Europe, 20240228-20240301+[0H_23H]' };
    const path = await folderOf(context, { 'f.nc': regionalRun('20240228', { hours: hours(72), attributes }) });
    const { cycle, daily, messages } = await runToGate(context, path, small);
    assert.equal(cycle, '2024-03-01');
    assert.deepEqual(Object.keys(dailyMeans(daily, 'pm2_5')), ['2024-03-01']);
    assert.ok(messages.some((text) => /f\.nc: 48 of 72 times are not used: .* newest, of 2024-03-01/.test(text)));
  });

  it('models by the codes of reanalysis files, whose months differ', async (context) => {
    const title = { attributes: { title: 'CAMS validated reanalysis' } };
    const path = await folderOf(context, {
      'cams.eaq.vra.CHIMEREa.pm2p5.l0.2025-07.nc': { ...bare, ...title },
      'cams.eaq.vra.MONARCHa.pm2p5.l0.2025-07.nc': { ...bare, ...title, hours: hours(72, 72) },
    });
    await assert.rejects(runToGate(context, path, small), (error) => {
      assert.ok(isTramontanaError(error, 'Ingest.SeveralModels'), String(error));
      assert.match(error.message, /CHIMERE, MONARCH/);
      return true;
    });
  });
});

describe('the origin by what the file says', () => {
  const coarse = { latitudes: [45.75, 45, 44.25], longitudes: [8.25, 9, 9.75] };
  const wide = { boundingBox: { north: 46, west: 8, south: 44, east: 10 } };

  it('times after the start of their run are a forecast', async (context) => {
    const path = await folderOf(context, { 'x.nc': runOf(0, 20) });
    const { cycle, daily, verdict } = await runToGate(context, path, small);
    assert.deepEqual([cycle, verdict, [...new Set(daily.origins)]], ['2025-07-01', 'pass', ['forecast']]);
  });

  it('regional names on a grid of 0.75 degree are no reanalysis', async (context) => {
    const path = await folderOf(context, { 'x.nc': { ...bare, ...coarse } });
    const { daily, verdict, codes } = await runToGate(context, path, wide);
    assert.equal(verdict, 'degrade');
    assert.ok(codes.includes('warning assumed-origin'));
    assert.ok(!daily.origins.includes('reanalysis'));
  });

  it('global names on that grid are', async (context) => {
    const path = await folderOf(context, { 'x.nc': { ...bare, ...coarse, species: { pm2p5: {} } } });
    assert.deepEqual([...new Set((await runToGate(context, path, wide)).daily.origins)], ['reanalysis']);
  });

  it('the attribute source is a statement, a path in it is none', async (context) => {
    for (const [source, origin, verdict] of [
      ['CAMS regional ensemble forecast', 'forecast', 'pass'],
      ['/archive/forecast/x.nc', 'analysis', 'degrade'],
    ] as const) {
      const path = await folderOf(context, { 'x.nc': { ...bare, attributes: { source } } });
      const outcome = await runToGate(context, path, small);
      assert.deepEqual([[...new Set(outcome.daily.origins)], outcome.verdict], [[origin], verdict], source);
    }
  });
});

describe('what lies beside the data', () => {
  const said = (messages: readonly string[], pattern: RegExp): boolean => messages.some((text) => pattern.test(text));

  it('a pollutant that nobody wants does not stop the others, whatever its units', async (context) => {
    const path = await folderOf(context, {
      'a.nc': bare,
      'o3.nc': { ...bare, species: { o3_conc: { units: 'ppb' } } },
    });
    const { daily, messages } = await runToGate(context, path, small);
    assert.equal(daily.timesMs.length, 3);
    assert.ok(said(messages, /o3\.nc: not used: .*"o3_conc": .*mixing ratio in "ppb"/));
    await assert.rejects(runToGate(context, path, { ...small, pollutants: ['pm2_5', 'o3'] }), (error) =>
      isTramontanaError(error, 'Ingest.MixingRatio'),
    );
  });

  it('a file from years ago is named', async (context) => {
    const path = await folderOf(context, { 'a.nc': bare, 'b.nc': { ...bare, timeUnits: 'hours since 2020-01-01' } });
    const { daily, messages } = await runToGate(context, path, small);
    assert.equal(daily.timesMs.length, 3);
    assert.ok(said(messages, /b\.nc: not used: its times end before the \d+ days before 2025-07-04/));
  });

  it('a folder of GRIB alone names what converts it', async (context) => {
    const path = await temporaryFolder(context);
    await writeFile(join(path, 'data.grib'), Buffer.from('GRIB\0\0\0\u0002rest'));
    await assert.rejects(
      runToGate(context, path, small),
      (error) => isTramontanaError(error, 'Input.NoFiles') && /GRIB edition 2.*tramontana inspect/.test(error.message),
    );
  });
});
