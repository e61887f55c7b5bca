// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { zipSync } from 'fflate';
import { isTramontanaError, type TramontanaError } from '../../common/errors.js';
import { netcdf4File, regionalDataset, temporaryFile, temporaryFolder } from '../testing/sample-files.js';
import { classicBytes, type TestVariable } from '../testing/write-classic.js';
import { openNetcdf } from './open-netcdf.js';
import { readUnpacked } from './unpack.js';

function ramp(name: string, type: TestVariable['type'], dimensions: readonly string[], count: number): TestVariable {
  return { name, type, dimensions, values: Array.from({ length: count }, (_, index) => index - 3) };
}

async function failure(promise: Promise<unknown>): Promise<TramontanaError> {
  try {
    await promise;
  } catch (error) {
    assert.ok(isTramontanaError(error), `expected a TramontanaError, got ${String(error)}`);
    return error;
  }
  assert.fail('expected a rejection');
}

describe('NetCDF-3', () => {
  for (const version of [1, 2] as const) {
    it(`every storage type is read back, version ${version}`, async (context) => {
      const types = ['byte', 'short', 'int', 'float', 'double'] as const;
      const variables = types.map((type) => ramp(`v_${type}`, type, ['x', 'y'], 6));
      const path = await temporaryFile(
        context,
        'types.nc',
        classicBytes({ dimensions: { x: 2, y: 3 }, variables, version }),
      );
      const file = await openNetcdf(path);
      context.after(() => file.close());
      assert.equal(file.format, version === 1 ? 'NetCDF-3 classic' : 'NetCDF-3 64-bit offset');
      for (const type of types) {
        assert.deepEqual(await file.readRaw(`v_${type}`), Float64Array.of(-3, -2, -1, 0, 1, 2));
        assert.deepEqual(await file.readRaw(`v_${type}`, { start: 1, count: 1 }), Float64Array.of(0, 1, 2));
      }
    });
  }

  it('records of several short variables are padded, those of a single one are not', async (context) => {
    const one = ramp('a', 'short', ['time', 'x'], 9);
    const two = ramp('b', 'byte', ['time', 'x'], 9);
    for (const variables of [[one], [one, two]]) {
      const bytes = classicBytes({ dimensions: { time: 3, x: 3 }, recordDimension: 'time', variables });
      const file = await openNetcdf(await temporaryFile(context, 'records.nc', bytes));
      for (const variable of variables) {
        assert.deepEqual(await file.readRaw(variable.name), Float64Array.from(variable.values));
        assert.deepEqual(await file.readRaw(variable.name, { start: 2 }), Float64Array.from(variable.values.slice(6)));
      }
      await file.close();
    }
  });

  it('records that were never counted are counted by the size of the file', async (context) => {
    const bytes = classicBytes({ ...regionalDataset(), streaming: true });
    const file = await openNetcdf(await temporaryFile(context, 'stream.nc', bytes));
    context.after(() => file.close());
    assert.deepEqual(
      file.dimensions.find((dimension) => dimension.name === 'time'),
      { name: 'time', length: 24 },
    );
    assert.equal((await file.readRaw('pm2p5_conc')).length, 24 * 6);
  });

  it('units are UTF-8, or Latin-1 in old files', async (context) => {
    for (const latin1 of [false, true]) {
      const file = await openNetcdf(
        await temporaryFile(context, 'units.nc', classicBytes({ ...regionalDataset(), latin1 })),
      );
      assert.equal(
        file.variables.find((variable) => variable.name === 'pm2p5_conc')?.attributes['units'],
        '\u00b5g/m3',
      );
      await file.close();
    }
  });

  it('a header longer than the first read is read to its end', async (context) => {
    const dataset = { ...regionalDataset(), attributes: { history: 'x'.repeat(300_000) } };
    const file = await openNetcdf(await temporaryFile(context, 'long.nc', classicBytes(dataset)));
    context.after(() => file.close());
    assert.equal(file.attributes['history']?.toString().length, 300_000);
    assert.equal(file.variables.length, 5);
  });

  it('scale, offset and fill are applied; the default fill is missing too', async (context) => {
    const packed: TestVariable = {
      name: 'packed',
      type: 'short',
      dimensions: ['x'],
      attributes: { scale_factor: 0.5, add_offset: 10, _FillValue: { type: 'short', values: [-999] } },
      values: [0, 2, -999],
    };
    const unwritten: TestVariable = {
      name: 'unwritten',
      type: 'float',
      dimensions: ['x'],
      values: [1, 9.969209968386869e36, 2],
    };
    const path = await temporaryFile(
      context,
      'packed.nc',
      classicBytes({ dimensions: { x: 3 }, variables: [packed, unwritten] }),
    );
    const file = await openNetcdf(path);
    context.after(() => file.close());
    const [first, second] = file.variables;
    assert.ok(first && second);
    assert.deepEqual(await readUnpacked(file, first), Float64Array.of(10, 11, NaN));
    assert.deepEqual(await readUnpacked(file, second), Float64Array.of(1, NaN, 2));
  });

  it('a file that ends in its header or in its data is truncated, with both sizes in the message', async (context) => {
    const bytes = classicBytes(regionalDataset());
    for (const length of [6, 200, bytes.length - 4]) {
      const path = await temporaryFile(context, 'cut.nc', bytes.subarray(0, length));
      const error = await failure(openNetcdf(path));
      assert.equal(error.tag, 'Ingest.TruncatedFile');
      assert.ok(error.message.includes(path) && error.message.includes(String(length)), error.message);
    }
  });

  it('a header that contradicts itself is corrupt', async (context) => {
    const bytes = classicBytes(regionalDataset());
    bytes.writeUInt32BE(77, 8);
    assert.equal((await failure(openNetcdf(await temporaryFile(context, 'bad.nc', bytes)))).tag, 'Ingest.CorruptFile');
  });
});

describe('NetCDF-4', () => {
  const values = Float32Array.from({ length: 5 * 2 * 3 }, (_, index) => index / 4);
  const dimensions = { time: 5, latitude: 2, longitude: 3 };
  const variables = [
    {
      name: 'time',
      dimensions: ['time'],
      values: BigInt64Array.of(0n, 1n, 2n, 3n, 4n),
      attributes: { units: 'hours since 2020-01-01' },
    },
    { name: 'latitude', dimensions: ['latitude'], values: Float64Array.of(46, 45) },
    { name: 'longitude', dimensions: ['longitude'], values: Float64Array.of(8, 9, 10) },
    {
      name: 'pm10',
      dimensions: ['time', 'latitude', 'longitude'],
      values,
      compressed: true,
      attributes: { units: '\u00b5g/m3' },
    },
  ] as const;

  it('names, shapes, 64-bit times, compressed values and parts of them are read', async (context) => {
    const file = await openNetcdf(await netcdf4File(context, dimensions, variables, { title: 'test' }));
    context.after(() => file.close());
    const pm10 = file.variables.find((variable) => variable.name === 'pm10');
    assert.deepEqual(pm10?.dimensions, ['time', 'latitude', 'longitude']);
    assert.equal(pm10.attributes['units'], '\u00b5g/m3');
    assert.equal(file.attributes['title'], 'test');
    assert.deepEqual(await file.readRaw('time'), Float64Array.of(0, 1, 2, 3, 4));
    assert.deepEqual(await file.readRaw('pm10'), Float64Array.from(values));
    assert.deepEqual(await file.readRaw('pm10', { start: 1, count: 3 }), Float64Array.from(values.subarray(6, 24)));
  });

  it('a truncated file is refused with both sizes, and the whole file can be read at the same path afterwards', async (context) => {
    const path = await netcdf4File(context, dimensions, variables);
    const bytes = await readFile(path);
    for (const length of [20, 60, 500, bytes.length - 1]) {
      await writeFile(path, bytes.subarray(0, length));
      const error = await failure(openNetcdf(path));
      assert.equal(error.tag, 'Ingest.TruncatedFile', error.message);
      assert.ok(error.message.includes(String(length)), error.message);
    }
    await writeFile(path, bytes);
    const file = await openNetcdf(path);
    context.after(() => file.close());
    assert.deepEqual(await file.readRaw('pm10'), Float64Array.from(values));
  });

  it('damaged chunks are an error, never numbers', async (context) => {
    const path = await netcdf4File(context, dimensions, variables);
    const bytes = await readFile(path);
    // zlib streams start with 0x78; destroying every one spoils the chunks and leaves the structure of the file alone.
    let spoiled = 0;
    for (let at = 0; at < bytes.length - 8; at += 1) {
      if (bytes[at] === 0x78 && [0x01, 0x5e, 0x9c, 0xda].includes(bytes[at + 1] ?? 0)) {
        bytes.fill(0xff, at, at + 8);
        spoiled += 1;
      }
    }
    assert.ok(spoiled >= 3, `expected the three chunks, found ${spoiled}`);
    await writeFile(path, bytes);
    const file = await openNetcdf(path);
    context.after(() => file.close());
    const error = await failure(file.readRaw('pm10'));
    assert.equal(error.tag, 'Ingest.CorruptFile');
    assert.match(error.message, /variable "pm10"/);
  });
});

describe('what is no NetCDF', () => {
  const page = '<!DOCTYPE html><html><body>Log in</body></html>';
  const cases: readonly (readonly [string, Uint8Array | string, RegExp])[] = [
    ['empty.nc', '', /empty file \(0 bytes\)/],
    [
      'field.grib',
      Buffer.concat([Buffer.from('GRIB'), Buffer.from([0, 0, 0, 2]), Buffer.alloc(64)]),
      /GRIB edition 2.*cfgrib to_netcdf/,
    ],
    ['page.nc', page, /HTML page/],
    ['answer.nc', '{"type":"permission denied","status":403}', /JSON document/],
    [
      'data.nc',
      zipSync({ 'ENS_FORECAST.nc': new Uint8Array(4), 'ENS_ANALYSIS.nc': new Uint8Array(4) }),
      /zip archive.*ENS_FORECAST\.nc, ENS_ANALYSIS\.nc/,
    ],
    [
      'cut.zip',
      zipSync({ 'ENS_FORECAST.nc': new Uint8Array(400) }, { level: 0 }).subarray(0, 100),
      /zip archive.*cannot be read/,
    ],
    ['five.nc', Buffer.from('CDF\x05\0\0\0\0\0\0\0\0'), /CDF-5/],
    ['notes.nc', 'station;value\n1;2\n', /text starting with "station;value/],
    ['noise.nc', Buffer.from([1, 2, 3, 4, 0, 255, 254]), /bytes 01020304/],
  ];
  for (const [name, bytes, expectation] of cases) {
    it(`${name}: the message says what it looks like`, async (context) => {
      const path = await temporaryFile(context, name, bytes);
      const error = await failure(openNetcdf(path));
      assert.equal(error.tag, 'Ingest.NotNetcdf');
      assert.match(error.message, expectation);
      assert.ok(error.message.startsWith(`${path}: expected a NetCDF file`), error.message);
    });
  }

  it('a file that is not there, and a folder', async (context) => {
    const folder = await temporaryFolder(context);
    for (const path of [join(folder, 'absent.nc'), folder]) {
      const error = await failure(openNetcdf(path));
      assert.equal(error.tag, 'Ingest.FileNotReadable');
      assert.ok(error.message.includes(path));
    }
  });
});

it('a missing variable is named together with what is there', async (context) => {
  const file = await openNetcdf(await temporaryFile(context, 'ENS.nc', classicBytes(regionalDataset())));
  context.after(() => file.close());
  await assert.rejects(
    file.readRaw('o3_conc'),
    /expected a variable "o3_conc"; the file has longitude, latitude, level, time, pm2p5_conc/,
  );
});

it('an aborted read rejects with the reason of the signal', async (context) => {
  const file = await openNetcdf(await temporaryFile(context, 'ENS.nc', classicBytes(regionalDataset())));
  context.after(() => file.close());
  const reason = new Error('the run was cancelled');
  await assert.rejects(file.readRaw('pm2p5_conc', { signal: AbortSignal.abort(reason) }), reason);
});
