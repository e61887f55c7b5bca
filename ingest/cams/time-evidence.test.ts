// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isTramontanaError } from '../../common/errors.js';
import { regionalFile, sharedCase, type RegionalVariation } from '../testing/sample-files.js';
import type { TestVariable } from '../testing/write-classic.js';
import { readCamsFile } from './read-cams-file.js';
import { periodsInName } from './time-evidence.js';

const hoursTo = (count: number, step = 1): readonly number[] => Array.from({ length: count }, (_, i) => i * step);
const FORECAST_LABEL = 'FORECAST time from 20231003';
const FORECAST = { FORECAST: 'Europe, 20231003+[0H_96H]' };

const SINCE = 'hours since 2025-07-01';
/** A reference time these hours after the first of July, and the period of each time since it, as cfgrib gives them. */
function run(startHour: number, periods?: readonly number[]): readonly TestVariable[] {
  const reference = { units: SINCE, standard_name: 'forecast_reference_time' };
  const scalar = {
    name: 'reftime',
    type: 'double',
    dimensions: [],
    values: [startHour],
    attributes: reference,
  } as const;
  const attributes = { units: 'hours', standard_name: 'forecast_period' };
  return periods === undefined
    ? [scalar]
    : [scalar, { name: 'step', type: 'double', dimensions: ['time'], values: periods, attributes }];
}

describe('a time axis that contradicts what else the file says is refused, and both are named', () => {
  const cases: readonly (readonly [string, RegionalVariation, string, RegExp])[] = [
    [
      'days called hours (as cdo writes)',
      { hours: hoursTo(97, 1 / 24), timeLongName: FORECAST_LABEL, attributes: FORECAST },
      'ENS.nc',
      /97 times from 2023-10-03T00:00:00Z to 2023-10-03T04:00:00Z \(units "hours"\) contradict .*\[0H_96H\]/,
    ],
    [
      'minute steps without a request',
      { hours: hoursTo(60), timeUnits: 'minutes since 2023-10-03' },
      'ENS.nc',
      /contradict .*hourly|at most one value an hour/,
    ],
    [
      'hours that start again at 0 (ncrcat of two days)',
      { hours: [...hoursTo(24), ...hoursTo(24)] },
      'ENS.nc',
      /positions 0 and 24, where the axis starts again/,
    ],
    [
      'times beyond the request (xarray keeps the attributes of the first file)',
      {
        hours: hoursTo(48),
        timeUnits: 'hours since 2025-07-01',
        timeLongName: 'time',
        attributes: { ANALYSIS: 'Europe, 20250701-20250701+[0H_23H]' },
      },
      'ENS.nc',
      /to 2025-07-02T23:00:00Z .*contradict .*ANALYSIS "Europe, 20250701-20250701\+\[0H_23H\]"/,
    ],
    [
      'hours called days',
      { hours: hoursTo(97), timeUnits: 'days since 2023-10-03', timeLongName: FORECAST_LABEL },
      'ENS.nc',
      /contradict its label "FORECAST time from 20231003"; no forecast reaches 96 days/,
    ],
    [
      'times before the date of the label',
      { hours: hoursTo(24), timeUnits: 'hours since 2022-10-03', timeLongName: FORECAST_LABEL },
      'ENS.nc',
      /contradict its label/,
    ],
    [
      'a label of another date than the request',
      {
        hours: hoursTo(24),
        timeLongName: 'FORECAST time from 20231005',
        attributes: { FORECAST: 'Europe, 20231003+[48H_96H]' },
      },
      'ENS.nc',
      /contradict the attribute FORECAST .*the date in the label/,
    ],
    [
      'a run that starts after its first hour (a stale valid_time)',
      { hours: hoursTo(24), timeUnits: SINCE, timeLongName: 'time', extraVariables: run(24) },
      'f.nc',
      /2025-07-01T00:00:00Z .*contradict the reference time 2025-07-02T00:00:00Z of 2025-07-01T00:00:00Z/,
    ],
    [
      'a period that is not the time since the run (a step that was shifted alone)',
      { hours: hoursTo(24), timeUnits: SINCE, timeLongName: 'time', extraVariables: run(-24, hoursTo(24)) },
      'f.nc',
      /contradict the reference time 2025-06-30T00:00:00Z and its forecast period of 0 h of 2025-07-01T00:00:00Z/,
    ],
    [
      'days counted in whole numbers (xarray without an encoding)',
      { hours: hoursTo(72).map((hour) => Math.floor(hour / 24)), timeUnits: 'days since 2025-07-01' },
      'ENS.nc',
      /stands at positions 0, 1, 2, 3 and 20 more/,
    ],
    [
      'a month shifted under a request (cdo shifttime)',
      {
        hours: hoursTo(24),
        timeUnits: 'hours since 2025-06-01',
        attributes: { ANALYSIS: 'Europe, 20250701+[0H_23H]' },
      },
      'ENS.nc',
      /2025-06-01T00:00:00Z .*contradict the attribute ANALYSIS/,
    ],
    [
      'a leap day in the name of data of another year',
      { hours: hoursTo(24), timeUnits: 'hours since 2023-03-01', timeLongName: 'time' },
      'ENS_ANALYSIS_2024-02-29.nc',
      /contradict the date in the name of the file/,
    ],
    [
      'a reference date that was lost',
      { hours: hoursTo(24), timeUnits: 'hours since 1970-01-01', timeLongName: 'time' },
      'ENS_ANALYSIS_2025-07-01.nc',
      /1970-01-01T00:00:00Z .*contradict the date in the name of the file, "ENS_ANALYSIS_2025-07-01\.nc"/,
    ],
  ];
  for (const [name, variation, file, expected] of cases) {
    it(name, async (context) => {
      const path = await regionalFile(context, variation, file);
      await assert.rejects(
        readCamsFile(path),
        (error) => isTramontanaError(error, 'Ingest.ContradictoryTimes') && expected.test(error.message),
      );
    });
  }

  it('the forecast that cdo cropped', async (context) => {
    const path = sharedCase(context, 'ingest/cdo-crop/ENS_FORECAST_sellonlatbox.nc');
    if (path === undefined) return;
    await assert.rejects(
      readCamsFile(path),
      (error) =>
        isTramontanaError(error, 'Ingest.ContradictoryTimes') &&
        /97 times from 2023-10-03T00:00:00Z to 2023-10-03T04:00:00Z .*\[0H_96H\]/.test(error.message),
    );
  });
});

describe('a time axis that is a part of what is stated, or says the same, is read', () => {
  it('a few of the requested hours, with a warning when most of the span is lost', async (context) => {
    const read = async (hours: readonly number[]): Promise<readonly string[]> =>
      (
        await readCamsFile(await regionalFile(context, { hours, timeLongName: FORECAST_LABEL, attributes: FORECAST }))
      ).issues.map(({ severity, code }) => `${severity} ${code}`);
    assert.deepEqual(await read(hoursTo(97)), []);
    assert.deepEqual(await read(hoursTo(33, 3)), []);
    assert.deepEqual(await read(hoursTo(5)), ['warning short-time-axis']);
  });

  it('days as floats are the full hours that were meant', async (context) => {
    const path = await regionalFile(context, {
      hours: hoursTo(97, 1 / 24),
      timeUnits: 'days since 2023-10-03',
      timeLongName: FORECAST_LABEL,
      attributes: FORECAST,
    });
    const field = await readCamsFile(path);
    assert.deepEqual(
      Array.from(field.timesMs, (time) => (time - Date.UTC(2023, 9, 3)) / 3_600_000),
      hoursTo(97),
    );
  });

  it('dates in a name are days, months or years; other numbers are none', () => {
    const iso = (name: string): readonly string[] =>
      periodsInName(name).map(([from, to]) =>
        [from, to].map((time) => new Date(time).toISOString().slice(0, 10)).join('/'),
      );
    assert.deepEqual(iso('ENS_2025-07-01_20250719.nc'), ['2025-07-01/2025-07-02', '2025-07-19/2025-07-20']);
    assert.deepEqual(iso('cams.eaq.ira.ENSa.pm10.l0.2022-12.nc'), ['2022-12-01/2023-01-01']);
    assert.deepEqual(iso('Milan_point_2018.nc'), ['2018-01-01/2019-01-01']);
    assert.deepEqual(iso('box2000m_pm10_v1.nc'), []);
  });
});

describe('years in which there is no CAMS', () => {
  for (const [name, timeUnits, isStrange] of [
    ['seconds since 1900 called seconds since 1970', 'hours since 2095-07-01', true],
    ['before the first reanalysis', 'hours since 1995-07-01', true],
    ['a leap day', 'hours since 2024-02-29', false],
    ['the first reanalysis', 'hours since 2003-01-01', false],
  ] as const) {
    it(name, async (context) => {
      const path = await regionalFile(context, { timeUnits, timeLongName: 'time' });
      const { issues } = await readCamsFile(path);
      const found = issues.find(({ code }) => code === 'strange-years');
      assert.equal(found !== undefined, isStrange);
      if (found !== undefined)
        assert.match(found.message, /expected times of CAMS, between 2003-01-01 and ten days from/);
    });
  }
});
