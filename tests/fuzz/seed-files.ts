// SPDX-License-Identifier: Apache-2.0
/** Whole files, made here, that a campaign damages. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { writeArrayBuffer } from 'geotiff';
import h5wasm, { ready } from 'h5wasm/node';
import { regionalDataset } from '../../ingest/testing/sample-files.js';
import { classicBytes } from '../../ingest/testing/write-classic.js';

export const FUZZED_FORMATS = ['classic', 'hdf5', 'geotiff', 'zip'] as const;
export type FuzzedFormat = (typeof FUZZED_FORMATS)[number];

export function isFuzzedFormat(text: string): text is FuzzedFormat {
  return (FUZZED_FORMATS as readonly string[]).includes(text);
}

/** Files of a format that its readers accept. */
export async function seedFiles(format: FuzzedFormat, folder: string): Promise<readonly Buffer[]> {
  switch (format) {
    case 'classic':
      return classicFiles();
    case 'hdf5':
      return Promise.all([hdf5File(join(folder, 'plain.nc'), false), hdf5File(join(folder, 'packed.nc'), true)]);
    case 'geotiff':
      return [geotiff(20, 30, Float32Array), geotiff(64, 64, Int16Array)];
    case 'zip':
      return zipFiles();
  }
}

function classicFiles(): readonly Buffer[] {
  const hours = [0, 1, 2];
  const elevation = {
    name: 'elevation',
    type: 'float',
    dimensions: ['latitude', 'longitude'],
    attributes: { units: 'm', standard_name: 'surface_altitude' },
    values: [1, 2, 3, 4, 5, 6],
  } as const;
  const dataset = regionalDataset({ hours, species: { pm2p5_conc: {}, o3_conc: {} }, extraVariables: [elevation] });
  return [
    classicBytes(dataset),
    classicBytes({ ...dataset, version: 2 }),
    classicBytes({ ...dataset, streaming: true }),
    classicBytes(regionalDataset({ hours: [0, 24, 48] })),
  ];
}

async function hdf5File(path: string, isCompressed: boolean): Promise<Buffer> {
  await ready;
  const file = new h5wasm.File(path, 'w');
  const lengths = { time: 6, latitude: 5, longitude: 4 };
  const axes = {
    time: Float64Array.from({ length: 6 }, (_, hour) => hour),
    latitude: Float32Array.of(45.4, 45.3, 45.2, 45.1, 45),
    longitude: Float32Array.of(9, 9.1, 9.2, 9.3),
  };
  const units = { time: 'hours since 2025-07-01 00:00:00', latitude: 'degrees_north', longitude: 'degrees_east' };
  for (const axis of ['time', 'latitude', 'longitude'] as const) {
    const dataset = file.create_dataset({ name: axis, data: axes[axis], shape: [lengths[axis]] });
    dataset.create_attribute('units', units[axis]);
    dataset.make_scale(axis);
  }
  const add = (name: string, dimensions: readonly (keyof typeof lengths)[], unit: string): void => {
    const shape = dimensions.map((axis) => lengths[axis]);
    const count = shape.reduce((product, length) => product * length, 1);
    const dataset = file.create_dataset({
      name,
      data: Float32Array.from({ length: count }, (_, index) => 10 + (index % 13)),
      shape,
      ...(isCompressed ? { chunks: [2, ...shape.slice(1)], compression: 'gzip', compression_opts: [4] } : {}),
    });
    dataset.create_attribute('units', unit);
    dimensions.forEach((axis, index) => dataset.attach_scale(index, axis));
  };
  add('pm2p5_conc', ['time', 'latitude', 'longitude'], 'ug/m3');
  add('o3_conc', ['time', 'latitude', 'longitude'], 'ug/m3');
  add('elevation', ['latitude', 'longitude'], 'm');
  file.close();
  return readFile(path);
}

function geotiff(width: number, height: number, numbers: typeof Float32Array | typeof Int16Array): Buffer {
  const values = new numbers(Array.from({ length: width * height }, (_, index) => 100 + (index % 50)));
  const bytes = writeArrayBuffer(values, {
    width,
    height,
    ModelPixelScale: [0.05, 0.05, 0],
    ModelTiepoint: [0, 0, 0, 7, 46, 0],
    GTModelTypeGeoKey: 2,
    GeographicTypeGeoKey: 4326,
    GTRasterTypeGeoKey: 1,
  });
  return Buffer.from(bytes);
}

function zipFiles(): readonly Buffer[] {
  const text = (content: string): Uint8Array => Buffer.from(content);
  const members = { 'ENS.nc': text('CDF'), 'folder/b.nc': text('x'.repeat(500)) };
  return [
    Buffer.from(zipSync(members)),
    Buffer.from(zipSync({})),
    // other kinds that the sniffer tells apart
    Buffer.from('<!doctype html><html><body>log in</body></html>'.repeat(3)),
    Buffer.from('{"error": "too many requests", "status": 429}'),
    Buffer.from('GRIB\0\0\0\x02 and more of a message 7777'),
    Buffer.from('\x1f\x8b\x08\0\0\0\0\0 and more of a stream', 'latin1'),
  ];
}
