// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { isTramontanaError } from '../common/errors.js';
import { checkFilters } from './netcdf/hdf5-filters.js';
import { inspectFile, type InspectedPollutant } from './inspect-file.js';
import { makeBigEndian, netcdf4File, sharedCase, temporaryFile, type Netcdf4Variable } from './testing/sample-files.js';
import { classicBytes, type TestAttribute, type TestType } from './testing/write-classic.js';

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

  it('big-endian shorts are turned round before they are scaled, and fills with them', async (context) => {
    const values = Int16Array.of(263, 219, -32767, 281);
    const path = await smallNetcdf4(context, values, { scale_factor: 0.5, missing_value: -32767 });
    await makeBigEndian(path, values);
    assert.deepEqual(await range(path), [109.5, 140.5, 1]);
  });

  it('big-endian times are the times', async (context) => {
    const day = 1_709_164_800n; // 2024-02-29
    const seconds = BigInt64Array.of(day, day + 3600n);
    const degrees = (name: string, values: readonly number[], units: string): Netcdf4Variable => ({
      ...{ name, dimensions: [name], values: Float64Array.from(values), attributes: { units } },
    });
    const path = await netcdf4File(context, { time: 2, lat: 1, lon: 2 }, [
      { name: 'time', dimensions: ['time'], values: seconds, attributes: { units: 'seconds since 1970-01-01' } },
      degrees('lat', [45], 'degrees_north'),
      degrees('lon', [9, 10], 'degrees_east'),
      {
        ...{ name: 'pm10', dimensions: ['time', 'lat', 'lon'], values: Float32Array.of(1, 2, 3, 4) },
        attributes: { units: 'ug m-3' },
      },
    ]);
    await makeBigEndian(path, seconds);
    const { times } = await onlyPollutant(path);
    assert.deepEqual(times, ['2024-02-29T00:00:00Z', '2024-02-29T01:00:00Z']);
  });

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
