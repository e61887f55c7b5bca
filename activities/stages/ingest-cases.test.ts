// SPDX-License-Identifier: Apache-2.0
/**
 * From a configuration to the daily field and the verdict on it: the first three stages on layouts that users have, with
 * values by other programs (../shared/cases/ingest), and on small files made here.
 *
 * @module
 */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';

import type { ErrorTag } from '../../common/error-tags.js';
import { isTramontanaError } from '../../common/errors.js';
import {
  regionalDataset,
  sharedCase,
  temporaryFolder,
  type RegionalVariation,
} from '../../ingest/testing/sample-files.js';
import { readCamsFile } from '../../ingest/index.js';
import { classicBytes } from '../../ingest/testing/write-classic.js';
import { dailyMeans, runToGate } from '../../tests/ingest/first-stages.js';

const BOX = { north: 45.8, west: 9.0, south: 44.9, east: 9.9 };
/** Figures of the cases are given to two decimals. */
const ROUNDING = 0.0051;

function assertMeans(found: Record<string, number>, expected: readonly number[]): void {
  const values = Object.values(found);
  assert.equal(values.length, expected.length, JSON.stringify(found));
  expected.forEach((value, day) => {
    assert.ok(
      Math.abs((values[day] ?? NaN) - value) <= ROUNDING,
      `${JSON.stringify(found)}, expected ${value} at ${day}`,
    );
  });
}

function rejects(promise: Promise<unknown>, tag: ErrorTag, message: RegExp): Promise<void> {
  return assert.rejects(promise, (error) => {
    assert.ok(isTramontanaError(error, tag), String(error));
    assert.match(error.message, message);
    return true;
  });
}

describe('layouts that users have', () => {
  it('several models of one request are refused by name', async (context) => {
    const path = sharedCase(context, 'ingest/all-models-folder');
    if (path === undefined) return;
    await rejects(runToGate(context, path), 'Ingest.SeveralModels', /CHIMERE.*ENSEMBLE.*SILAM/);
  });

  it('of a folder of runs the newest is used, the others are named', async (context) => {
    const path = sharedCase(context, 'ingest/forecast-archive');
    if (path === undefined) return;
    const outcome = await runToGate(context, path, { boundingBox: { north: 45.8, west: 9.0, south: 45.2, east: 9.6 } });
    assert.equal(outcome.cycle, '2023-10-05');
    assertMeans(dailyMeans(outcome.daily, 'pm2_5'), [35.3, 32.02, 31.46, 46.6]);
    assert.equal(outcome.codes.filter((code) => code === 'info unused-file').length, 4);
    assert.ok(
      outcome.messages.some((text) => /2023-10-01\.nc: not used: .*run of 2023-10-01.*older.*2023-10-05/.test(text)),
    );
  });

  it('two hours a day are no daily mean', async (context) => {
    const path = sharedCase(context, 'ingest/two-hours-a-day/ENS_ANALYSIS.nc');
    if (path === undefined) return;
    await rejects(runToGate(context, path), 'Ingest.NoDailyValues', /75 % of its hours/);
  });

  it('a file without an origin is degraded, and is what the configuration says', async (context) => {
    const path = sharedCase(context, 'ingest/forecast-taken-as-analysis');
    if (path === undefined) return;
    const boundingBox = { north: 45.8, west: 9.0, south: 45.2, east: 9.6 };
    const guessed = await runToGate(context, path, { boundingBox });
    assert.equal(guessed.verdict, 'degrade');
    assert.ok(guessed.codes.includes('warning assumed-origin'));
    const told = await runToGate(context, path, { boundingBox, source: { origin: 'forecast' } });
    assert.equal(told.cycle, '2023-10-03');
    assert.equal(told.verdict, 'pass');
    assert.deepEqual([...new Set(told.daily.origins)], ['forecast']);
  });

  it('a species that only one origin has is not missing', async (context) => {
    const path = sharedCase(context, 'ingest/mixed-origins');
    if (path === undefined) return;
    const { daily, codes } = await runToGate(context, path, { pollutants: ['pm10', 'o3'] });
    const means = Object.values(dailyMeans(daily, 'o3'));
    assert.ok(daily.variables.every(({ values }) => values.every((value) => !Number.isNaN(value))));
    assert.equal(means.length, 6);
    assert.ok(codes.includes('info mixed-origins'));
    // the case gives the mean of all hours and cells; the products have the daily maximum of 8-hour means, which is higher
    const { variables } = await readCamsFile(join(path, 'ENS_ANALYSIS.nc'), { species: ['o3'], boundingBox: BOX });
    const values = variables[0]?.values ?? new Float64Array();
    assert.ok(Math.abs(values.reduce((sum, value) => sum + value, 0) / values.length - 73.63) <= ROUNDING);
    assert.ok(Math.abs(means.reduce((sum, mean) => sum + mean, 0) / means.length - 81.86) <= ROUNDING);
  });

  it('daily values are used as they are', async (context) => {
    const path = sharedCase(context, 'ingest/already-daily');
    if (path === undefined) return;
    const outcome = await runToGate(context, path, { pollutants: ['pm2_5', 'o3'] });
    const expected = [22.43, 25.78, 23.6, 16.64, 18.68, 18.36, 21.75, 17.43, 19.83, 10.52, 26.05, 20.31];
    assertMeans(dailyMeans(outcome.daily, 'pm2_5'), expected);
    assert.ok(outcome.daily.variables.every(({ values }) => values.every((value) => !Number.isNaN(value))));
    assert.ok(outcome.codes.includes('warning assumed-statistic'));
  });

  it('a domain that the data do not cover is degraded with the share and both boxes', async (context) => {
    const path = sharedCase(context, 'ingest/domain-larger-than-data');
    if (path === undefined) return;
    const outcome = await runToGate(context, path, { boundingBox: { north: 47.8, west: 8.0, south: 44.9, east: 9.9 } });
    assert.equal(outcome.verdict, 'degrade');
    const text = outcome.messages.find((message) => message.includes('cover')) ?? '';
    assert.match(text, /15 % .*north 45\.8, west 9, south 44\.9, east 9\.9.*north 47\.8, west 8/);
  });
});

const WAVE = { valueAt: (index: number) => 20 + (index % 37) / 3 };
const SMALL_BOX = { north: 45.2, west: 8.9, south: 45.0, east: 9.2 };
const hoursTo = (end: number, start = 0): readonly number[] => Array.from({ length: end - start }, (_, i) => start + i);

/** A folder of small regional files. */
async function folderOf(context: TestContext, files: Record<string, RegionalVariation | string>): Promise<string> {
  const folder = await temporaryFolder(context);
  for (const [name, content] of Object.entries(files)) {
    const bytes = typeof content === 'string' ? content : classicBytes(regionalDataset(content));
    await writeFile(join(folder, name), bytes);
  }
  return folder;
}

function analysis(hours: readonly number[], more: RegionalVariation = {}): RegionalVariation {
  return { hours, species: { pm2p5_conc: WAVE }, ...more };
}

function forecast(day: string, more: RegionalVariation = {}): RegionalVariation {
  return {
    hours: hoursTo(72),
    timeLongName: `FORECAST time from ${day}`,
    species: { pm2p5_conc: WAVE },
    attributes: { FORECAST: `Europe, ${day}+[0H_71H]` },
    ...more,
  };
}

describe('which data win, and which day it is', () => {
  const small = { boundingBox: SMALL_BOX };
  const other = { species: { pm2p5_conc: { valueAt: (index: number) => 40 + (index % 37) / 3 } } };

  it('a partial last day of analyses does not shift the cycle', async (context) => {
    const path = await folderOf(context, { 'a.nc': analysis(hoursTo(49)) });
    assert.equal((await runToGate(context, path, small)).cycle, '2025-07-03');
  });

  it('the same run twice with other values is refused, with the same values once', async (context) => {
    const twice = await folderOf(context, { 'a.nc': forecast('20250701'), 'b.nc': forecast('20250701', other) });
    await rejects(
      runToGate(context, twice, small),
      'Ingest.ContradictoryFiles',
      /a\.nc and .*b\.nc: pm2_5 .*run 2025-07-01/,
    );
    const same = await folderOf(context, { 'a.nc': forecast('20250701'), 'b.nc': forecast('20250701') });
    const outcome = await runToGate(context, same, small);
    assert.ok(outcome.codes.includes('info overlapping-files') && !outcome.codes.includes('info overlapping-runs'));
    assert.ok(outcome.messages.some((text) => /b\.nc: not used: .*a\.nc holds the same values/.test(text)));
  });

  it('analyses that disagree are refused, whatever their names', async (context) => {
    const path = await folderOf(context, { 'z.nc': analysis(hoursTo(48)), 'a.nc': analysis(hoursTo(48), other) });
    await rejects(runToGate(context, path, small), 'Ingest.ContradictoryFiles', /a\.nc and .*z\.nc/);
  });

  it('an older run after a newer one in the alphabet loses', async (context) => {
    const path = await folderOf(context, { 'a.nc': forecast('20250702'), 'b.nc': forecast('20250701', other) });
    const outcome = await runToGate(context, path, small);
    assert.equal(outcome.cycle, '2025-07-02');
    assert.ok(Math.max(...outcome.daily.variables[0]!.values) < 40);
    assert.ok(outcome.messages.some((text) => /b\.nc: not used: its run of 2025-07-01/.test(text)));
  });

  it('a model is known by its attributes: two are refused even when their hours differ', async (context) => {
    const of = (model: string, hours: readonly number[]): RegionalVariation =>
      analysis(hours, { attributes: { source: `Data from ${model} model` } });
    const path = await folderOf(context, { 'a.nc': of('EMEP', hoursTo(24)), 'b.nc': of('MOCAGE', hoursTo(48, 24)) });
    await rejects(runToGate(context, path, small), 'Ingest.SeveralModels', /EMEP, MOCAGE/);
  });

  it('a newest run without a whole day is refused, and the older whole run named, which its cycle takes', async (context) => {
    const path = await folderOf(context, {
      'new.nc': forecast('20250702', { hours: hoursTo(3), attributes: { FORECAST: 'Europe, 20250702+[0H_2H]' } }),
      'old.nc': forecast('20250701'),
    });
    await rejects(
      runToGate(context, path, small),
      'Ingest.NoDailyValues',
      /the older run of 2025-07-01T00:00:00Z in .*old\.nc has 3 whole days: ask for the cycle 2025-07-01/,
    );
    const { cycle, daily } = await runToGate(context, path, small, '2025-07-01');
    assert.deepEqual([cycle, Object.keys(dailyMeans(daily, 'pm2_5')).length], ['2025-07-01', 3]);
  });

  it('a file that does not state its model degrades beside one that does, and alone it does not', async (context) => {
    const emep = analysis(hoursTo(24), { attributes: { source: 'Data from EMEP model' } });
    const silent = analysis(hoursTo(48, 24));
    const path = await folderOf(context, { 'a.nc': emep, 'b.nc': silent });
    const { verdict, messages } = await runToGate(context, path, small);
    assert.equal(verdict, 'degrade');
    assert.ok(messages.some((text) => /a\.nc is the analysis of EMEP, .*b\.nc does not state its model/.test(text)));
    const alike = await folderOf(context, { 'a.nc': analysis(hoursTo(24)), 'b.nc': silent });
    assert.equal((await runToGate(context, alike, small)).verdict, 'pass');
  });

  it('days between the last analysis and the newest run are bridged by an older run', async (context) => {
    const path = await folderOf(context, {
      'analysis.nc': analysis(hoursTo(48), { attributes: { ANALYSIS: 'Europe, 20250701-20250702+[0H_23H]' } }),
      'old.nc': forecast('20250703', other),
      'new.nc': forecast('20250704'),
    });
    const outcome = await runToGate(context, path, small);
    assert.equal(outcome.cycle, '2025-07-04');
    const days = Object.values(dailyMeans(outcome.daily, 'pm2_5'));
    assert.deepEqual(
      days.map((value) => value > 40),
      [false, false, true, false, false, false],
    );
  });
});

describe('origin and presence', () => {
  const small = { boundingBox: SMALL_BOX };
  const bare: RegionalVariation = { timeLongName: 'time', timeUnits: 'hours since 2025-07-01' };

  it('a name, a grid or nothing is no statement; contradicting statements are refused', async (context) => {
    for (const name of ['ENS_FORECAST.nc', 'milan.nc']) {
      const path = await folderOf(context, { [name]: analysis(hoursTo(72), bare) });
      const outcome = await runToGate(context, path, small);
      assert.equal(outcome.verdict, 'degrade', name);
      assert.ok(outcome.codes.includes('warning assumed-origin'));
    }
    const both = await folderOf(context, {
      'a.nc': analysis(hoursTo(72), { attributes: { title: 'PM25 Air Pollutant FORECAST at the Surface' } }),
    });
    await rejects(runToGate(context, both, small), 'Ingest.ContradictoryOrigin', /says analysis.*says forecast/);
  });

  it('a folder called reanalysis in the history of a file states nothing', async (context) => {
    const history = 'cdo mergetime /data/reanalysis/a.nc reanalysis.nc';
    const path = await folderOf(context, { 'a.nc': analysis(hoursTo(72), { ...bare, attributes: { history } }) });
    const outcome = await runToGate(context, path, small);
    assert.deepEqual([...new Set(outcome.daily.origins)], ['analysis']);
    assert.equal(outcome.verdict, 'degrade');
  });

  it('one requested hour a day is no daily value', async (context) => {
    const noon = [0, 24, 48].map((hour) => hour);
    const attributes = { ANALYSIS: 'Europe, 20250701-20250703+[0H_0H]' };
    const path = await folderOf(context, { 'a.nc': analysis(noon, { attributes }) });
    await rejects(runToGate(context, path, small), 'Ingest.NoDailyValues', /3 times/);
  });
});

describe('what lies in the folder', () => {
  const small = { boundingBox: SMALL_BOX };

  it('content decides, not the ending; what is not read is named with the reason', async (context) => {
    const path = await folderOf(context, {
      ENS_ANALYSIS: analysis(hoursTo(72)),
      'error.nc': '<!doctype html><html>Sign in</html>',
      'request.zip': 'PK\u0003\u0004rest',
      'README.txt': 'about these files',
      'iberia.nc': analysis(hoursTo(72), { longitudes: [-4, -3.9, -3.8] }),
      'wind.nc': { hours: [0], species: { u10: {} } },
    });
    const outcome = await runToGate(context, path, small);
    assert.equal(Object.keys(dailyMeans(outcome.daily, 'pm2_5')).length, 3);
    const said = (pattern: RegExp): boolean => outcome.messages.some((text) => pattern.test(text));
    assert.ok(said(/error\.nc: not used: it is an HTML page/));
    assert.ok(said(/request\.zip: not used: it is a zip archive.*unpack/));
    assert.ok(said(/README\.txt: not used: it is text/));
    assert.ok(said(/iberia\.nc: not used: the bounding box .* no cell centre lies inside/));
    assert.ok(said(/wind\.nc: not used: expected at least one pollutant/));
    assert.equal(outcome.verdict, 'degrade');
  });
});
