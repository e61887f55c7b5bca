// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { isTramontanaError } from '../../common/errors.js';
import { sharedCase, sharedFile, temporaryFile } from '../testing/sample-files.js';
import { classicBytes, type TestVariable } from '../testing/write-classic.js';
import { cellMeanElevation } from './cell-mean-elevation.js';
import { extentOf, type ElevationGrid } from './elevation-grid.js';
import { readElevation } from './read-elevation.js';
import { settledElevation } from './settle-elevation.js';

function gridOf(
  latitudes: readonly number[],
  longitudes: readonly number[],
  at: (latitude: number, longitude: number) => number,
): ElevationGrid {
  return {
    file: 'dem.nc',
    extent: extentOf(Float64Array.from(latitudes), Float64Array.from(longitudes)),
    latitudesDegrees: Float64Array.from(latitudes),
    longitudesDegrees: Float64Array.from(longitudes),
    elevationM: Float64Array.from(
      latitudes.flatMap((latitude) => longitudes.map((longitude) => at(latitude, longitude))),
    ),
  };
}

function steps(from: number, to: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => from + ((to - from) * index) / (count - 1));
}

describe('elevation files', () => {
  const variables = (elevation: Partial<TestVariable>): readonly TestVariable[] => [
    { name: 'lat', type: 'double', dimensions: ['lat'], values: [45, 46], attributes: { units: 'degrees_north' } },
    { name: 'lon', type: 'double', dimensions: ['lon'], values: [8, 9, 10], attributes: { units: 'degrees_east' } },
    {
      name: 'elevation',
      type: 'short',
      dimensions: ['lat', 'lon'],
      values: [1, 2, 3, 4, 5, -32768],
      attributes: { units: 'm', _FillValue: { type: 'short', values: [-32768] } },
      ...elevation,
    },
  ];
  const bytes = (elevation: Partial<TestVariable> = {}): Buffer =>
    classicBytes({ dimensions: { lat: 2, lon: 3 }, variables: variables(elevation) });

  it('NetCDF: north to south, fills NaN', async (context) => {
    const grid = await readElevation(await temporaryFile(context, 'dem.nc', bytes()));
    assert.deepEqual(grid.latitudesDegrees, Float64Array.of(46, 45));
    assert.deepEqual(grid.elevationM, Float64Array.of(4, 5, NaN, 1, 2, 3));
  });

  it('NetCDF: found by standard_name, km converted, window of a box', async (context) => {
    const elevation = {
      name: 'xyz',
      values: [1, 2, 3, 4, 5, 6],
      attributes: { standard_name: 'surface_altitude', units: 'km' },
    };
    const path = await temporaryFile(context, 'dem.nc', bytes(elevation));
    const grid = await readElevation(path, { boundingBox: { north: 45.5, south: 44, west: 8.5, east: 11 } });
    // the pixels that touch the box are those of 45 N, 9 and 10 E (it ends where that of 11 E would begin), and one more around
    assert.deepEqual(grid.elevationM, Float64Array.of(4000, 5000, 6000, 1000, 2000, 3000));
    assert.equal(grid.extent, '45.000 to 46.000 N, 8.000 to 10.000 E');
  });

  it('what is no elevation is named', async (context) => {
    const refuse = async (content: Buffer | string, expectation: RegExp): Promise<void> => {
      await assert.rejects(readElevation(await temporaryFile(context, 'dem.nc', content)), expectation);
    };
    await refuse(
      bytes({ name: 'pm10' }),
      /expected a two-dimensional variable with standard_name surface_altitude.*the variables are lat, lon, pm10/,
    );
    await refuse(bytes({ attributes: { units: 'feet' } }), /variable "elevation": expected units m or km, got "feet"/);
    await refuse(bytes({ attributes: { units: 'm' } }), /expected elevations within \[-11000, 9000\] m, got -32768 m/);
    await refuse('<html></html>', /expected an elevation grid as NetCDF or GeoTIFF; it is an HTML page/);
    await refuse(Buffer.from('II*\0\x08\0\0\0'), /the file is truncated: its image data are not there, it has 8 bytes/);
  });

  it('GeoTIFF: a truncated file is refused rather than filled with zeros', async (context) => {
    const path = sharedFile(context, 'dem/srtm_oetztal.tif');
    if (path === undefined) return;
    const whole = await readFile(path);
    const cut = await temporaryFile(context, 'cut.tif', whole.subarray(0, whole.length - 1000));
    await assert.rejects(
      readElevation(cut),
      (error) => isTramontanaError(error, 'Ingest.TruncatedFile') && error.message.includes(cut),
    );
  });

  it('GeoTIFF: extent and range of the shared SRTM tile', async (context) => {
    const path = sharedFile(context, 'dem/srtm_oetztal.tif');
    if (path === undefined) return;
    const grid = await readElevation(path);
    assert.equal(grid.latitudesDegrees.length, 444);
    assert.equal(grid.longitudesDegrees.length, 582);
    // Corner 10.62247751 E, 47.02667856 N and pixels of 0.00083333 degree; centres lie half a pixel inside.
    assert.ok(Math.abs(grid.latitudesDegrees[0]! - (47.02667856 - 0.00083333 / 2)) < 1e-9);
    assert.ok(Math.abs(grid.longitudesDegrees[0]! - (10.62247751 + 0.00083333 / 2)) < 1e-9);
    const range = grid.elevationM.reduce(
      ([low, high], value) => [Math.min(low, value), Math.max(high, value)] as const,
      [Infinity, -Infinity] as const,
    );
    // As an independent TIFF reader gives them.
    assert.deepEqual(range, [387, 3727]);
    const mean = grid.elevationM.reduce((sum, value) => sum + value, 0) / grid.elevationM.length;
    assert.ok(Math.abs(mean - 2504.7121335252777) < 1e-9 * mean, String(mean));

    const box = { north: 46.9, south: 46.8, west: 10.8, east: 10.9 };
    const part = await readElevation(path, { boundingBox: box });
    const row = grid.latitudesDegrees.indexOf(part.latitudesDegrees[0]!);
    const column = grid.longitudesDegrees.indexOf(part.longitudesDegrees[0]!);
    assert.ok(row > 0 && column > 0);
    assert.equal(part.elevationM[0], grid.elevationM[row * 582 + column]);
    const lastRow = row + part.latitudesDegrees.length - 1;
    const lastColumn = column + part.longitudesDegrees.length - 1;
    assert.equal(part.elevationM.at(-1), grid.elevationM[lastRow * 582 + lastColumn]);
  });
});

describe('cell means', () => {
  it('of a constant are that constant, wherever cells cut pixels', () => {
    const dem = gridOf(steps(47, 45, 37), steps(8, 10, 41), () => 123);
    const { elevationM, uncoveredCells } = cellMeanElevation(
      dem,
      Float64Array.of(46.5, 46.23),
      Float64Array.of(8.51, 9.007),
      0.13,
    );
    assert.equal(uncoveredCells, 0);
    // Sums of some dozen weights: a few units in the last place.
    for (const value of elevationM) assert.ok(Math.abs(value - 123) < 1e-11);
  });

  it('of pixels that tile a cell are their means by area on the sphere', () => {
    const dem = gridOf([60.75, 60.25], [8.25, 8.75], (latitude, longitude) => latitude * 10 + longitude);
    const { elevationM } = cellMeanElevation(dem, Float64Array.of(60.5), Float64Array.of(8.5), 1);
    const sine = (degrees: number): number => Math.sin((degrees * Math.PI) / 180);
    const upper = sine(61) - sine(60.5);
    const lower = sine(60.5) - sine(60);
    const expected = (upper * 607.5 + lower * 602.5) / (upper + lower) + 8.5;
    assert.ok(Math.abs((elevationM[0] ?? NaN) - expected) < 1e-10, String(elevationM[0]));
  });

  it('of a cell finer than a pixel are the pixel', () => {
    const dem = gridOf([46, 45], [8, 9], (latitude, longitude) => latitude * 100 + longitude);
    const { elevationM } = cellMeanElevation(dem, Float64Array.of(45.9, 45.2), Float64Array.of(8.1, 8.9), 0.02);
    assert.deepEqual(Array.from(elevationM, Math.round), [4608, 4609, 4508, 4509]);
  });

  it('of a plane in longitude are the plane at the centres', () => {
    const dem = gridOf(steps(46, 45, 101), steps(8, 9, 101), (_, longitude) => 1000 * longitude);
    const centres = Float64Array.of(8.3, 8.345, 8.7);
    const { elevationM } = cellMeanElevation(dem, Float64Array.of(45.5), centres, 0.2);
    // Cells whose edges fall on edges or centres of pixels: exact; the second cell cuts pixels, by at most half a pixel times the slope.
    assert.ok(Math.abs(elevationM[0]! - 8300) < 1e-8 && Math.abs(elevationM[2]! - 8700) < 1e-8);
    assert.ok(Math.abs(elevationM[1]! - 8345) < 5);
  });

  it('missing pixels do not count; a cell that is mostly unknown is NaN, with an issue', () => {
    const dem = gridOf([46], [8, 9, 10], (_, longitude) => (longitude === 10 ? NaN : longitude));
    const { elevationM, uncoveredCells, issues } = cellMeanElevation(
      dem,
      Float64Array.of(46),
      Float64Array.of(8, 9.4, 10, 20),
      1,
    );
    assert.equal(elevationM[0], 8);
    assert.equal(elevationM[1], 9);
    assert.ok(Number.isNaN(elevationM[2]) && Number.isNaN(elevationM[3]));
    assert.equal(uncoveredCells, 2);
    assert.match(issues[0]?.message ?? '', /dem\.nc: 2 of 4 cells have no elevation/);
  });

  it('a grid elsewhere is an error with both extents', () => {
    const dem = gridOf([46, 45], [8, 9], () => 1);
    assert.throws(
      () => cellMeanElevation(dem, Float64Array.of(60), Float64Array.of(8), 0.1),
      (error) =>
        isTramontanaError(error, 'Ingest.ElevationOutside') &&
        /cells 60\.000 to 60\.000 N.*covers 45\.000 to 46\.000 N/.test(error.message),
    );
  });
});

describe('cells without an elevation', () => {
  const cells = {
    latitudesDegrees: Float64Array.of(46),
    longitudesDegrees: Float64Array.of(8, 9, 10, 20),
    resolutionDegrees: 1,
  };
  const inside = { ...cells, longitudesDegrees: Float64Array.of(8, 9, 10) };
  const coast = gridOf([46.25, 45.75], [8, 9, 10], (_, longitude) => (longitude === 10 ? NaN : longitude * 128));

  it('no data inside of the grid is the sea, told as such; beyond the grid nothing is assumed', () => {
    const { elevationM, issues } = settledElevation(coast, inside, 'sea');
    assert.deepEqual(elevationM, Float64Array.of(1024, 1152, 0));
    assert.match(
      issues[0]?.message ?? '',
      /dem\.nc: 1 of 3 cells have no elevation \(1 where it has no data\); taken as 0 m/,
    );
    assert.throws(
      () => settledElevation(coast, cells, 'sea'),
      (error) =>
        isTramontanaError(error, 'Ingest.ElevationOutside') &&
        /^dem\.nc: .*got none for 1 beyond the grid and 1 where it has no data.*covariates\.elevation\.outside: zero/.test(
          error.message,
        ),
    );
  });

  it('zero takes both for the sea, refuse neither', () => {
    assert.deepEqual(settledElevation(coast, cells, 'zero').elevationM, Float64Array.of(1024, 1152, 0, 0));
    assert.throws(() => settledElevation(coast, inside, 'refuse'), /got none for 1 where it has no data/);
    const { elevationM, isExcluded, issues } = settledElevation(coast, cells, 'exclude');
    assert.deepEqual([...elevationM], [1024, 1152, 0, 0]);
    assert.deepEqual(isExcluded, [false, false, true, true]);
    assert.match(issues[0]?.message ?? '', /2 of 4 cells have no elevation .*; left out/);
  });

  it('the part inside decides for cells on the rim of a cropped grid, corners too', () => {
    // The grid ends where the centres of the outer cells lie: a quarter of each corner cell is covered.
    const cropped = gridOf(steps(45.975, 45.025, 20), steps(8.025, 8.975, 20), () => 250);
    const grid = {
      latitudesDegrees: Float64Array.of(46, 45.5, 45),
      longitudesDegrees: Float64Array.of(8, 8.5, 9),
      resolutionDegrees: 0.5,
    };
    for (const value of settledElevation(cropped, grid, 'refuse').elevationM) assert.ok(Math.abs(value - 250) < 1e-9);
  });

  it('the coastal raster of the shared cases gives each cell of its domain an elevation', async (context) => {
    const path = sharedCase(context, 'ingest/elevation/coast-sea-nodata.tif');
    if (path === undefined) return;
    const latitudesDegrees = Float64Array.from({ length: 9 }, (_, row) => 45.75 - row / 10);
    const longitudesDegrees = Float64Array.from({ length: 9 }, (_, column) => 9.05 + column / 10);
    const grid = { latitudesDegrees, longitudesDegrees, resolutionDegrees: 0.1 };
    const { elevationM, issues } = settledElevation(await readElevation(path), grid, 'sea');
    assert.ok(elevationM.every((value) => value === 0 || (value > 157 && value < 684)));
    assert.ok(elevationM.includes(0) && issues[0]?.message.includes(path));
  });
});
