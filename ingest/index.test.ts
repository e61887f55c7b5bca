// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as door from './index.js';
import { regionalFile, sharedFile } from './testing/sample-files.js';

test('the public door has these names and no others', () => {
  assert.deepEqual(Object.keys(door).sort(), [
    'DEFAULT_QUALITY_THRESHOLDS',
    'assessExtent',
    'assessQuality',
    'combineDaily',
    'completeDays',
    'inspectFile',
    'keepTimes',
    'mergeFields',
    'qualityGate',
    'readAreas',
    'readCamsFile',
    'readCamsTimes',
    'readElevation',
    'selectBoundingBox',
    'selectSpecies',
    'settledElevation',
    'sniffFile',
    'sourceNames',
    'toDaily',
  ]);
});

test('analysis and forecast files become one daily field', async (context) => {
  const hours = Array.from({ length: 72 }, (_, hour) => hour);
  const species = {
    pm2p5_conc: { valueAt: (index: number) => 10 + (index % 7) + index / 100 },
    o3_conc: { valueAt: (index: number) => 50 + (index % 11) + index / 100 },
  };
  const analysis = await door.readCamsFile(await regionalFile(context, { hours, species }));
  const forecast = await door.readCamsFile(
    await regionalFile(context, {
      hours: [...hours, 72],
      species,
      timeLongName: 'FORECAST time from 20250703',
      attributes: { FORECAST: 'Europe, 20250703+[0H_72H]' },
    }),
  );
  const daily = door.toDaily(door.selectSpecies(door.mergeFields([forecast, analysis]), ['o3', 'pm2_5']));
  assert.deepEqual(daily.origins, ['analysis', 'analysis', 'analysis', 'forecast', 'forecast']);
  assert.deepEqual(
    daily.variables.map((variable) => variable.statistic),
    ['daily_max_8h_mean', 'daily_mean'],
  );
  assert.deepEqual(door.qualityGate(door.assessQuality(daily)), { verdict: 'pass', reasons: [] });
});

test('the 19 irregular days of the real analysis file are complete days', async (context) => {
  const path = sharedFile(context, 'cams/ENS_ANALYSIS_2025-07-01_2025-07-19_classic.nc');
  if (path === undefined) return;
  const daily = door.toDaily(await door.readCamsFile(path, { species: ['pm2_5', 'pm10', 'o3'] }));
  assert.equal(daily.timesMs.length, 19);
  assert.ok(daily.variables.every((variable) => variable.values.every((value) => value > 0)));
  assert.equal(door.qualityGate(door.assessQuality(daily)).verdict, 'pass');
});

test('the nine hours of the real Irish forecast make no day, unless so few are asked for', async (context) => {
  const path = sharedFile(context, 'cams/ENS_FORECAST_o3_ireland_2018-06-28_classic.nc');
  if (path === undefined) return;
  const field = await door.readCamsFile(path);
  assert.throws(() => door.toDaily(field), /expected at least one day with 75 % of its hours/);
  assert.equal(door.toDaily(field, { coverageThreshold: 0.1 }).timesMs.length, 1);
});
