// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { netcdf4File, regionalFile, temporaryFile } from '../testing/sample-files.js';
import { classicBytes } from '../testing/write-classic.js';
import { readCamsFile } from './read-cams-file.js';

const HOUR_MS = 3_600_000;
const JULY_FIRST_MS = Date.UTC(2025, 6, 1);

describe('layouts', () => {
  it('longitudes around Greenwich are put in order, with their values', async (context) => {
    const path = await regionalFile(context, {
      longitudes: [359.95, 0.05, 0.15],
      hours: [0],
      species: { o3_conc: { valueAt: (index) => 10 * (index + 1) } },
    });
    const field = await readCamsFile(path);
    assert.deepEqual(field.longitudesDegrees, Float64Array.of(-0.05, 0.05, 0.15));
    assert.deepEqual(field.variables[0]?.values, Float64Array.of(10, 20, 30, 40, 50, 60));
  });

  it('a box that wraps in the middle of the file is reordered', async (context) => {
    const path = await regionalFile(context, {
      longitudes: [0.05, 0.15, 359.95],
      latitudes: [45.05, 45.15],
      hours: [0],
      species: { o3_conc: { valueAt: (index) => index + 1 } },
    });
    const field = await readCamsFile(path);
    assert.deepEqual(field.latitudesDegrees, Float64Array.of(45.15, 45.05));
    assert.deepEqual(field.variables[0]?.values, Float64Array.of(6, 4, 5, 3, 1, 2));
  });

  it('a meridian at 0 and at 360 degrees is one column, where both say the same', async (context) => {
    const longitudes = [0, 90, 180, 270, 360];
    const fileOf = (atEnd: number): Promise<string> =>
      regionalFile(context, {
        ...{ hours: [0, 1], longitudes },
        species: { o3_conc: { valueAt: (index) => (index % 5 === 4 ? atEnd : 10 + (index % 5)) } },
      });
    const field = await readCamsFile(await fileOf(10));
    assert.deepEqual(field.longitudesDegrees, Float64Array.of(-180, -90, 0, 90));
    assert.deepEqual(field.variables[0]?.values.slice(0, 4), Float64Array.of(12, 13, 10, 11));
    const contradicting = await fileOf(11);
    await assert.rejects(
      readCamsFile(contradicting),
      /"longitude": 0 and 360 degrees are one meridian: expected equal values there, got 10 and 11; .*ncks -d longitude,0,3/,
    );
    const east = { north: 46, west: 80, south: 44, east: 100 };
    assert.deepEqual((await readCamsFile(contradicting, { boundingBox: east })).longitudesDegrees, Float64Array.of(90));
  });

  it('noise of Greenwich is zero; floats become the decimals that were meant', async (context) => {
    const path = await regionalFile(context, { longitudes: [-0.4, -4.1e-15, 0.4], hours: [0] });
    const field = await readCamsFile(path);
    assert.deepEqual(field.longitudesDegrees, Float64Array.of(-0.4, 0, 0.4));
  });

  it('axes in the order longitude, latitude, time are transposed', async (context) => {
    const path = await temporaryFile(
      context,
      'transposed.nc',
      classicBytes({
        dimensions: { lon: 3, lat: 2, time: 2 },
        variables: [
          {
            name: 'lon',
            type: 'double',
            dimensions: ['lon'],
            values: [8, 9, 10],
            attributes: { units: 'degrees_east' },
          },
          {
            name: 'lat',
            type: 'double',
            dimensions: ['lat'],
            values: [46, 45],
            attributes: { units: 'degrees_north' },
          },
          {
            name: 'time',
            type: 'double',
            dimensions: ['time'],
            values: [0, 1],
            attributes: { units: 'hours since 2020-01-01' },
          },
          {
            name: 'pm10',
            type: 'double',
            dimensions: ['lon', 'lat', 'time'],
            attributes: { units: 'kg m-3' },
            // Value 100 time + 10 latitude index + longitude index, in kg m-3.
            values: [0, 1, 2].flatMap((lon) =>
              [0, 1].flatMap((lat) => [0, 1].map((time) => (100 * time + 10 * lat + lon) * 1e-9)),
            ),
          },
        ],
      }),
    );
    const field = await readCamsFile(path);
    const rounded = Array.from(field.variables[0]?.values ?? [], (value) => Math.round(value * 1e6) / 1e6);
    assert.deepEqual(rounded, [0, 1, 2, 10, 11, 12, 100, 101, 102, 110, 111, 112]);
  });

  it('a reference time and a period make valid times; where runs overlap the later one wins', async (context) => {
    const reference = { units: 'seconds since 1970-01-01', standard_name: 'forecast_reference_time' };
    const period = { units: 'hours', standard_name: 'forecast_period' };
    const dayS = BigInt(JULY_FIRST_MS / 1000);
    const path = await netcdf4File(
      context,
      { forecast_period: 3, forecast_reference_time: 2, latitude: 1, longitude: 1 },
      [
        {
          name: 'forecast_period',
          dimensions: ['forecast_period'],
          values: Float64Array.of(0, 12, 24),
          attributes: period,
        },
        {
          name: 'forecast_reference_time',
          dimensions: ['forecast_reference_time'],
          values: BigInt64Array.of(dayS, dayS + 43200n),
          attributes: reference,
        },
        {
          name: 'latitude',
          dimensions: ['latitude'],
          values: Float64Array.of(45),
          attributes: { units: 'degrees_north' },
        },
        {
          name: 'longitude',
          dimensions: ['longitude'],
          values: Float64Array.of(9),
          attributes: { units: 'degrees_east' },
        },
        {
          name: 'pm2p5',
          dimensions: ['forecast_period', 'forecast_reference_time', 'latitude', 'longitude'],
          values: Float32Array.of(1, 2, 3, 4, 5, 6),
          attributes: { units: 'ug m**-3', GRIB_dataType: 'fc' },
        },
      ],
    );
    const field = await readCamsFile(path);
    const hours = Array.from(field.timesMs, (time) => (time - JULY_FIRST_MS) / HOUR_MS);
    assert.deepEqual(hours, [0, 12, 24, 36]);
    // 12 h: lead 12 of the first run (3) or lead 0 of the second (2); 24 h: 5 or 4.
    assert.deepEqual(field.variables[0]?.values, Float64Array.of(1, 2, 4, 6));
    assert.deepEqual(
      Array.from(field.runTimesMs ?? [], (run) => (run - JULY_FIRST_MS) / HOUR_MS),
      [0, 12, 12, 12],
    );
    assert.equal(field.origins[0], 'forecast');
    assert.ok(field.issues.some((issue) => issue.code === 'duplicate-times'));
  });

  it('two-dimensional valid_time is used before anything else', async (context) => {
    const path = await netcdf4File(context, { time: 2, step: 2, latitude: 1, longitude: 1 }, [
      {
        name: 'time',
        dimensions: ['time'],
        values: Float64Array.of(0, 24),
        attributes: { units: 'hours since 2025-07-01', standard_name: 'forecast_reference_time' },
      },
      {
        name: 'step',
        dimensions: ['step'],
        values: Float64Array.of(0, 1),
        attributes: { units: 'hours', standard_name: 'forecast_period' },
      },
      {
        name: 'valid_time',
        dimensions: ['time', 'step'],
        values: Float64Array.of(0, 1, 24, 25),
        attributes: { units: 'hours since 2025-07-01', standard_name: 'time' },
      },
      {
        name: 'latitude',
        dimensions: ['latitude'],
        values: Float64Array.of(45),
        attributes: { units: 'degrees_north' },
      },
      {
        name: 'longitude',
        dimensions: ['longitude'],
        values: Float64Array.of(9),
        attributes: { units: 'degrees_east' },
      },
      {
        name: 'no2',
        dimensions: ['time', 'step', 'latitude', 'longitude'],
        values: Float32Array.of(1, 2, 3, 4),
        attributes: { units: 'ug m-3', GRIB_dataType: 'fc' },
      },
    ]);
    const field = await readCamsFile(path);
    assert.deepEqual(
      Array.from(field.timesMs, (time) => (time - JULY_FIRST_MS) / HOUR_MS),
      [0, 1, 24, 25],
    );
    assert.deepEqual(
      Array.from(field.runTimesMs ?? [], (run) => (run - JULY_FIRST_MS) / HOUR_MS),
      [0, 0, 24, 24],
    );
  });

  it('a request over two dates gives each hour the run of its own date', async (context) => {
    const path = await regionalFile(context, {
      timeLongName: 'FORECAST time from 20250701',
      hours: [0, 23, 24, 47],
      attributes: { FORECAST: 'Europe, 20250701-20250702+[0H_23H]' },
    });
    const field = await readCamsFile(path);
    assert.deepEqual(
      Array.from(field.runTimesMs ?? [], (run) => (run - JULY_FIRST_MS) / HOUR_MS),
      [0, 0, 24, 24],
    );
  });

  it('times out of order are sorted, and said so', async (context) => {
    const path = await regionalFile(context, {
      hours: [2, 0, 1],
      latitudes: [45.05],
      longitudes: [9.05],
      species: { o3_conc: { valueAt: (index) => index + 1 } },
    });
    const field = await readCamsFile(path);
    assert.deepEqual(field.variables[0]?.values, Float64Array.of(2, 3, 1));
    assert.deepEqual(
      field.issues.map((issue) => issue.code),
      ['unordered-times'],
    );
  });

  it('-999 is missing although _FillValue says NaN', async (context) => {
    const path = await regionalFile(context, {
      species: { no2_conc: { fill: NaN, valueAt: (index) => (index === 5 ? -999 : 20) } },
    });
    const field = await readCamsFile(path);
    const values = field.variables[0]?.values ?? new Float64Array();
    assert.equal(values.filter((value) => Number.isNaN(value)).length, 1);
    assert.ok(Number.isNaN(values[5]));
    assert.equal(field.issues[0]?.code, 'undeclared-fill-value');
    assert.equal(field.issues[0].facts['values'], 1);
  });

  it('only the window of a box is returned; the rest is as without it', async (context) => {
    const path = await regionalFile(context, { species: { o3_conc: { valueAt: (index) => index } } });
    const whole = await readCamsFile(path);
    const part = await readCamsFile(path, { boundingBox: { north: 45.1, south: 45, west: 9, east: 10 } });
    assert.deepEqual(part.latitudesDegrees, Float64Array.of(45.05));
    assert.deepEqual(part.longitudesDegrees, Float64Array.of(9.05, 9.15));
    const all = whole.variables[0]!.values;
    part.variables[0]!.values.forEach((value, index) => {
      assert.equal(value, all[Math.floor(index / 2) * 6 + 3 + 1 + (index % 2)]);
    });
  });

  it('a species without values is reported while others have some', async (context) => {
    const path = await regionalFile(context, { species: { o3_conc: {}, no2_conc: { valueAt: () => -999 } } });
    const field = await readCamsFile(path);
    assert.deepEqual(
      field.issues.map((issue) => [issue.code, issue.facts['species']]),
      [['all-missing', 'no2']],
    );
  });
});
