// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { isTramontanaError } from '../common/errors.js';
import { readElevation } from './dem/read-elevation.js';
import { settledElevation } from './dem/settle-elevation.js';
import { sharedCase, temporaryFile } from './testing/sample-files.js';
import { geotiffBytes, type TestRaster } from './testing/write-geotiff.js';

describe('GeoTIFF as GDAL declares it', () => {
  const north = [8, 46, 0.5, -0.5] as const;
  const raster = (change: Partial<TestRaster> & Pick<TestRaster, 'values'>): Buffer =>
    geotiffBytes({ width: 2, height: 2, matrix: north, ...change });
  const read = async (context: TestContext, bytes: Buffer) =>
    readElevation(await temporaryFile(context, 'dem.tif', bytes));

  for (const [file, expected] of [
    ['float-nodata-3.4e38.tif', ['45.895', '44.705', '157.3', '680.0', 900]],
    ['south-up.tif', ['45.895', '44.705', '157.3', '683.9', 0]],
  ] as const) {
    it(`${file}: extent, range and gaps of the shared case`, async (context) => {
      const path = sharedCase(context, `ingest/elevation/${file}`);
      if (path === undefined) return;
      const { latitudesDegrees, elevationM } = await readElevation(path);
      const known = elevationM.filter((value) => !Number.isNaN(value));
      // Centres lie half a pixel of 0.01 degree inside of 44.7..45.9 N.
      assert.deepEqual(
        [
          latitudesDegrees[0]?.toFixed(3),
          latitudesDegrees.at(-1)?.toFixed(3),
          Math.min(...known).toFixed(1),
          Math.max(...known).toFixed(1),
          elevationM.length - known.length,
        ],
        expected,
      );
    });
  }

  it('rows placed by a matrix: north-up and south-up give the same grid', async (context) => {
    const northUp = await read(context, raster({ values: Int16Array.of(1, 2, 3, 4) }));
    const southUp = await read(context, raster({ values: Int16Array.of(3, 4, 1, 2), matrix: [8, 45, 0.5, 0.5] }));
    assert.deepEqual(northUp.latitudesDegrees, Float64Array.of(45.75, 45.25));
    assert.deepEqual(southUp.latitudesDegrees, northUp.latitudesDegrees);
    assert.deepEqual(southUp.elevationM, northUp.elevationM);
    assert.deepEqual(northUp.elevationM, Float64Array.of(1, 2, 3, 4));
  });

  it('a tie point need not be the first corner, and the scale of rows has no direction', async (context) => {
    const values = Int16Array.of(1, 2, 3, 4);
    for (const [tiePoint, pixelScale] of [
      [
        [0, 0, 8, 46],
        [0.5, 0.5],
      ],
      [
        [2, 2, 9, 45],
        [0.5, 0.5],
      ],
      [
        [0, 0, 8, 46],
        [0.5, -0.5],
      ],
    ] as const) {
      const grid = await read(context, geotiffBytes({ width: 2, height: 2, values, tiePoint, pixelScale }));
      assert.deepEqual(grid.latitudesDegrees, Float64Array.of(45.75, 45.25));
      assert.deepEqual(grid.longitudesDegrees, Float64Array.of(8.25, 8.75));
    }
  });

  it('no data is compared in the precision of the pixels, however spelled', async (context) => {
    for (const [noData, pixel] of [
      ['-3.4e+38', -3.4e38],
      ['-3.40282346638529e+38', -3.4028234663852886e38],
      ['  -9999.900000 ', -9999.9],
      ['nan', NaN],
    ] as const) {
      const grid = await read(context, raster({ values: Float32Array.of(1, pixel, 3, 4), noData }));
      assert.deepEqual(grid.elevationM, Float64Array.of(1, NaN, 3, 4), noData);
    }
  });

  it('scale, offset and unit of the band are applied, no data before them', async (context) => {
    const item = (name: string, value: string): string =>
      `<Item name="${name}" sample="0" role="${name.toLowerCase()}">${value}</Item>`;
    const items = item('SCALE', '0.1') + item('OFFSET', '-100') + item('UNITTYPE', 'metre');
    const grid = await read(
      context,
      raster({ values: Int16Array.of(1000, 2000, -32768, 5000), noData: '-32768', items }),
    );
    assert.deepEqual(
      Array.from(grid.elevationM, (value) => value.toFixed(6)),
      ['0.000000', '100.000000', 'NaN', '400.000000'],
    );
    await assert.rejects(
      read(context, raster({ values: Int16Array.of(1, 2, 3, 4), items: item('UNITTYPE', 'ft') })),
      (error) => isTramontanaError(error, 'Ingest.UnknownUnits') && error.message.includes('got "ft"'),
    );
  });

  it('a mask beside the pixels is refused with the command that writes it into them', async (context) => {
    await assert.rejects(
      read(context, raster({ values: Int16Array.of(1, 2, 0, 4), hasMask: true })),
      (error) =>
        isTramontanaError(error, 'Ingest.NotElevation') &&
        error.message.includes('gdalwarp -dstnodata -32768 IN.tif OUT.tif'),
    );
  });

  it('the sea floor of a grid of the Earth is the surface of the sea, land below it is land', async (context) => {
    const deep = await read(context, raster({ values: Int16Array.of(120, -3, -2500, -40) }));
    assert.deepEqual(deep.elevationM, Float64Array.of(120, 0, 0, 0));
    const cells = { latitudesDegrees: Float64Array.of(45.5), longitudesDegrees: Float64Array.of(8.5) };
    const { elevationM, issues } = settledElevation(deep, { ...cells, resolutionDegrees: 1 }, 'sea');
    // one of four pixels is land; the northern row is a little smaller on the sphere
    assert.ok(Math.abs(elevationM[0]! - 30) < 0.2, String(elevationM[0]));
    assert.match(issues[0]?.message ?? '', /3 elevations are those of the sea floor; taken as 0 m/);
    const polder = await read(context, raster({ values: Int16Array.of(12, -3, -430, -28) }));
    assert.deepEqual(polder.elevationM, Float64Array.of(12, -3, -430, -28));
  });

  it('kilometres by the unit of the band are metres', async (context) => {
    const items = '<Item name="UNITTYPE" sample="0" role="unittype">km</Item>';
    const grid = await read(context, raster({ values: Float32Array.of(0.125, 0.25, 0.5, 1), items }));
    assert.deepEqual(grid.elevationM, Float64Array.of(125, 250, 500, 1000));
  });

  it('no data that is not declared is named with the command that declares it', async (context) => {
    for (const value of [-9999, -32768]) {
      await assert.rejects(
        read(context, raster({ values: Int16Array.of(1, 2, value, 4) })),
        (error) =>
          isTramontanaError(error, 'Ingest.ImplausibleElevation') &&
          error.message.includes(`gdal_translate -a_nodata ${value} IN OUT.tif`),
      );
    }
  });
});
