// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { isTramontanaError } from '../common/errors.js';
import { readElevation } from './dem/read-elevation.js';
import { checkFilters } from './netcdf/hdf5-filters.js';
import { inspectFile, type InspectedPollutant } from './inspect-file.js';
import { makeBigEndian, netcdf4File, sharedCase, temporaryFile, type Netcdf4Variable } from './testing/sample-files.js';
import { classicBytes, type TestAttribute, type TestType } from './testing/write-classic.js';
import { geotiffBytes, type TestRaster } from './testing/write-geotiff.js';

async function onlyPollutant(path: string): Promise<InspectedPollutant> {
  const { pollutants } = await inspectFile(path);
  assert.equal(pollutants.length, 1);
  return pollutants[0]!;
}

/** A NetCDF-4 file of four values of PM10 at two times, without groups or chunks. */
function smallNetcdf4(
  context: TestContext,
  values: Netcdf4Variable['values'],
  attributes: Netcdf4Variable['attributes'] = {},
  filter?: Netcdf4Variable['filter'],
  axisType: 'float' | 'double' = values instanceof Float32Array ? 'double' : 'float',
): Promise<string> {
  const axis = (list: readonly number[]): Float32Array | Float64Array =>
    axisType === 'float' ? Float32Array.from(list) : Float64Array.from(list);
  return netcdf4File(context, { time: 2, lat: 1, lon: 2 }, [
    { name: 'time', dimensions: ['time'], values: axis([0, 1]), attributes: { units: 'hours since 2025-07-01' } },
    { name: 'lat', dimensions: ['lat'], values: axis([45]), attributes: { units: 'degrees_north' } },
    { name: 'lon', dimensions: ['lon'], values: axis([9, 10]), attributes: { units: 'degrees_east' } },
    {
      name: 'pm10',
      dimensions: ['time', 'lat', 'lon'],
      values,
      attributes: { units: 'ug m-3', ...attributes },
      ...(filter === undefined ? {} : { filter }),
    },
  ]);
}

/** The same as NetCDF-3. */
function smallClassic(
  context: TestContext,
  type: TestType,
  values: readonly number[],
  attributes: Readonly<Record<string, TestAttribute>>,
): Promise<string> {
  const axis = (name: string, list: readonly number[], units: string) =>
    ({ name, type: 'double', dimensions: [name], values: list, attributes: { units } }) as const;
  return temporaryFile(
    context,
    'small.nc',
    classicBytes({
      dimensions: { time: 2, lat: 1, lon: 2 },
      variables: [
        axis('time', [0, 1], 'hours since 2025-07-01'),
        axis('lat', [45], 'degrees_north'),
        axis('lon', [9, 10], 'degrees_east'),
        {
          name: 'pm10',
          type,
          dimensions: ['time', 'lat', 'lon'],
          values,
          attributes: { units: 'ug m-3', ...attributes },
        },
      ],
    }),
  );
}

/** Minimum, maximum and number of missing values. */
async function range(path: string): Promise<readonly [number | null, number | null, number]> {
  const { min, max, missing } = await onlyPollutant(path);
  return [min, max, missing];
}

describe('byte order and compression of NetCDF-4', () => {
  for (const [name, file] of [
    ['big-endian values', 'big-endian-hdf5/netcdf4-endian-big.nc'],
    ['zstd', 'zstd-netcdf4/zstd.nc'],
  ] as const) {
    it(`${name}: the values of the shared case`, async (context) => {
      const path = sharedCase(context, `ingest/${file}`);
      if (path === undefined) return;
      const { min, mean, max, missing } = await onlyPollutant(path);
      // As netCDF4-python reads them, to the digits of the table.
      assert.deepEqual(
        [min?.toFixed(4), mean?.toFixed(4), max?.toFixed(4), missing],
        ['9.1550', '19.9036', '27.9863', 0],
      );
    });
  }

  for (const values of [
    Float32Array.of(10.5, 11.25, 12.125, 99.75),
    Float64Array.of(10.1, 11.2, 12.3, 99.4),
    Int16Array.of(258, 772, 1286, -3),
  ]) {
    it(`big-endian ${values.constructor.name} reads as it was written`, async (context) => {
      const path = await smallNetcdf4(context, values);
      await makeBigEndian(path, values);
      assert.deepEqual(await range(path), [Math.min(...values), Math.max(...values), 0]);
    });
  }

  for (const [name, id, parameters] of [
    ['zstd', 32015, [3]],
    ['lz4', 32004, [0]],
    ['bzip2', 307, [9]],
  ] as const) {
    it(`${name} is read`, async (context) => {
      const path = await smallNetcdf4(context, Float32Array.of(1, 2, 3, 4), {}, [id, parameters]);
      assert.deepEqual(await range(path), [1, 4, 0]);
    });
  }
});

describe('a filter that cannot be undone', () => {
  for (const [id, name, shown] of [
    [32017, '', 'SZ (HDF5 filter 32017)'],
    [32024, 'SZ3 compressor/decompressor for floating-point data', 'SZ3 (HDF5 filter 32024)'],
    [32099, '', 'HDF5 filter 32099'],
  ] as const) {
    it(`${id} is named with the command that removes it`, () => {
      const module = { get_dataset_filters: () => [{ id, name, cd_values: [] }] };
      assert.throws(
        () => checkFilters(module, 1n, 'a.nc', 'pm10'),
        (error) =>
          isTramontanaError(error, 'Ingest.UnsupportedFilter') &&
          error.message.includes(`got ${shown};`) &&
          error.message.includes('`nccopy -F none IN.nc OUT.nc`') &&
          !error.message.includes('\n'),
      );
    });
  }
});

describe('packing attributes', () => {
  for (const file of ['unsigned-byte-nc3.nc', 'valid-range.nc']) {
    it(`${file}: the values of the shared case`, async (context) => {
      const path = sharedCase(context, `ingest/packing-attributes/${file}`);
      if (path === undefined) return;
      const { min, mean, max, missing } = await onlyPollutant(path);
      assert.deepEqual([min, mean, max, missing], [5, 10.75, 16.5, 1]);
    });
  }

  it('_Unsigned bytes and shorts count beyond their sign, fills and bounds with them', async (context) => {
    const byte = { _Unsigned: 'true', _FillValue: { type: 'byte', values: [-1] } } as const;
    assert.deepEqual(await range(await smallClassic(context, 'byte', [0, 127, -128, -1], byte)), [0, 128, 1]);
    const short = { _Unsigned: 'true', valid_max: { type: 'short', values: [-2] }, scale_factor: 0.5 } as const;
    assert.deepEqual(await range(await smallClassic(context, 'short', [2, -32768, -2, -1], short)), [1, 32767, 1]);
  });

  it('bounds of packed values are packed, unless their type is that of the unpacked ones', async (context) => {
    const packed = { scale_factor: 0.5, valid_range: { type: 'short', values: [0, 100] } } as const;
    assert.deepEqual(await range(await smallClassic(context, 'short', [0, 100, 101, -1], packed)), [0, 50, 2]);
    const physical = { scale_factor: 0.5, valid_range: { type: 'float', values: [0, 100] } } as const;
    assert.deepEqual(await range(await smallClassic(context, 'short', [0, 100, 200, 201], physical)), [0, 100, 1]);
    const sides = { valid_min: 0, valid_max: { type: 'double', values: [0.3] } } as const;
    // 0.3 as float is above 0.3: bounds are compared in the precision of the values.
    assert.deepEqual(await range(await smallClassic(context, 'float', [0, 0.3, 0.31, -9999], sides)), [
      0,
      Math.fround(0.3),
      2,
    ]);
  });

  it('values outside of the valid range are told', async (context) => {
    const path = await smallClassic(context, 'float', [1, 2, 3, 99], { valid_max: 50 });
    const { issues } = await inspectFile(path);
    assert.ok(issues.some(({ code, message }) => code === 'outside-valid-range' && /"pm10": 1 values/.test(message)));
  });

  it('a valid range of coordinates is not theirs to lose', async (context) => {
    const path = await smallNetcdf4(context, Float32Array.of(1, 2, 3, 4), { valid_min: 0 });
    assert.deepEqual((await onlyPollutant(path)).longitudes, [9, 10]);
  });

  it('numbers as text are numbers', async (context) => {
    const path = await smallClassic(context, 'short', [2, 4, -999, 8], {
      scale_factor: '0.5',
      add_offset: '1e1',
      missing_value: '-999s',
    });
    assert.deepEqual(await range(path), [11, 14, 1]);
    const bounded = await smallClassic(context, 'float', [2, 4, 6, 8], { valid_range: '3., 7.f' });
    assert.deepEqual(await range(bounded), [4, 6, 2]);
  });

  it('a scale that is no number is refused by name', async (context) => {
    for (const [scale, words] of [
      [
        '0,05',
        /"pm10": expected one finite number other than 0 as scale_factor, got "0,05"; write it with a decimal point/,
      ],
      ['ten', /scale_factor, got "ten"$/],
      [0, /scale_factor, got 0$/],
    ] as const) {
      const path = await smallClassic(context, 'short', [1, 2, 3, 4], { scale_factor: scale });
      await assert.rejects(
        inspectFile(path),
        (error) => isTramontanaError(error, 'Ingest.BadPacking') && words.test(error.message),
      );
    }
  });
});

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
