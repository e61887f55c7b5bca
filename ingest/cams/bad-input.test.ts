// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { isTramontanaError, type TramontanaError } from '../../common/errors.js';
import { regionalFile, temporaryFile, type RegionalVariation } from '../testing/sample-files.js';
import { classicBytes } from '../testing/write-classic.js';
import { readCamsFile, type ReadCamsOptions } from './read-cams-file.js';

async function failureOf(
  context: TestContext,
  variation: RegionalVariation,
  options?: ReadCamsOptions,
): Promise<TramontanaError & { path: string }> {
  const path = await regionalFile(context, variation);
  try {
    await readCamsFile(path, options);
  } catch (error) {
    assert.ok(isTramontanaError(error), String(error));
    assert.ok(error.message.includes(path), `the message must name the file: ${error.message}`);
    return Object.assign(error, { path });
  }
  assert.fail('expected a rejection');
}

describe('bad input names file, variable, expectation and value', () => {
  it('units that are unknown', async (context) => {
    const error = await failureOf(context, { species: { pm2p5_conc: { units: 'furlongs' } } });
    assert.equal(error.tag, 'Ingest.UnknownUnits');
    assert.match(error.message, /variable "pm2p5_conc": expected units of a mass concentration.*got "furlongs"/);
  });

  it('unknown units of a species that nobody asked for do not stop the others', async (context) => {
    const path = await regionalFile(context, { species: { o3_conc: {}, apg_conc: { units: 'grains/m3' } } });
    const field = await readCamsFile(path);
    assert.deepEqual(
      field.variables.map((variable) => variable.species),
      ['o3'],
    );
    assert.equal(field.issues[0]?.code, 'unreadable-variable');
    await assert.rejects(readCamsFile(path, { species: ['apg'] }), /variable "apg_conc".*got "grains\/m3"/);
  });

  it('a species that is not there, with what is', async (context) => {
    const error = await failureOf(context, { species: { o3_conc: {}, pm10_conc: {} } }, { species: ['no2'] });
    assert.equal(error.tag, 'Ingest.MissingVariable');
    assert.match(error.message, /expected a variable with no2; the file holds o3, pm10/);
  });

  it('no pollutant at all', async (context) => {
    const error = await failureOf(context, { species: {} });
    assert.equal(error.tag, 'Ingest.NoPollutants');
    assert.match(error.message, /the variables are longitude, latitude, level, time/);
  });

  it('all values missing', async (context) => {
    const error = await failureOf(context, { species: { o3_conc: { valueAt: () => -999 } } });
    assert.equal(error.tag, 'Ingest.AllMissing');
    assert.match(error.message, /variable "o3_conc": expected at least one value, all 144 are missing/);
  });

  const badTimes: readonly (readonly [string, RegionalVariation, RegExp])[] = [
    [
      'no date in long_name',
      { timeLongName: 'time' },
      /variable "time": expected units "\.\.\. since <date>".*got units "hours" and long_name "time"/,
    ],
    [
      'a date that is none',
      { timeLongName: 'FORECAST time from 20251301' },
      /variable "time": expected .*got long_name "FORECAST time from 20251301"/,
    ],
    [
      'a unit that is none',
      { timeUnits: 'moons since 2020-01-01' },
      /variable "time": expected .*got units "moons since 2020-01-01"/,
    ],
    [
      'a missing value',
      { hours: [0, NaN, 2] },
      /variable "time": expected instants between 1900 and 2200, got a missing value at index 1/,
    ],
    [
      'an impossible value',
      { hours: [0, 1e9] },
      /variable "time": expected instants between 1900 and 2200, got 1000000000 hours at index 1/,
    ],
    ['no time', { hours: [] }, /variable "time": expected at least one time, got none/],
  ];
  for (const [name, variation, expectation] of badTimes) {
    it(`time: ${name}`, async (context) => {
      const error = await failureOf(context, variation);
      assert.equal(error.tag, 'Ingest.BadTime');
      assert.match(error.message, expectation);
    });
  }

  it('a bounding box without a cell, with the extent of the file', async (context) => {
    const error = await failureOf(context, {}, { boundingBox: { north: 60, south: 59, west: 9, east: 10 } });
    assert.equal(error.tag, 'Ingest.EmptyBoundingBox');
    assert.match(
      error.message,
      /\{north 60, west 9, south 59, east 10\} is empty.*\{north 45\.15, west 8\.95, south 45\.05, east 9\.15\}/,
    );
  });

  it('a bounding box upside down', async (context) => {
    const error = await failureOf(context, {}, { boundingBox: { north: 45, south: 46, west: 8, east: 10 } });
    assert.match(error.message, /north \(45\) must not be less than south \(46\)/);
  });

  it('a latitude beyond the pole', async (context) => {
    const error = await failureOf(context, { latitudes: [95, 45] });
    assert.equal(error.tag, 'Ingest.BadCoordinate');
    assert.match(error.message, /variable "latitude": expected latitude within \[-90, 90\] degrees, got 95 at index 0/);
  });

  it('several levels of which none is the surface', async (context) => {
    const path = await temporaryFile(
      context,
      'levels.nc',
      classicBytes({
        dimensions: { level: 2, latitude: 1, longitude: 1, time: 1 },
        variables: [
          { name: 'level', type: 'float', dimensions: ['level'], values: [50, 250], attributes: { units: 'm' } },
          {
            name: 'latitude',
            type: 'float',
            dimensions: ['latitude'],
            values: [45],
            attributes: { units: 'degrees_north' },
          },
          {
            name: 'longitude',
            type: 'float',
            dimensions: ['longitude'],
            values: [9],
            attributes: { units: 'degrees_east' },
          },
          {
            name: 'time',
            type: 'float',
            dimensions: ['time'],
            values: [0],
            attributes: { units: 'hours since 2020-01-01' },
          },
          {
            name: 'o3',
            type: 'float',
            dimensions: ['time', 'level', 'latitude', 'longitude'],
            values: [1, 2],
            attributes: { units: 'ug m-3' },
          },
        ],
      }),
    );
    await assert.rejects(
      readCamsFile(path),
      /variable "o3": expected one value a time and place.*got 2 along dimension "level"/,
    );
  });

  it('an abort is passed on as it is', async (context) => {
    const reason = new Error('the run was cancelled');
    await assert.rejects(readCamsFile(await regionalFile(context), { signal: AbortSignal.abort(reason) }), reason);
  });
});
