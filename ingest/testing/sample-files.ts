// SPDX-License-Identifier: Apache-2.0
/**
 * Files for tests: a folder that goes away, a small regional file, NetCDF-4 by h5wasm, and the shared data when present.
 *
 * @module
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import h5wasm, { ready } from 'h5wasm/node';
import { entry } from '../../common/entry.js';
import { useFilterPlugins } from '../netcdf/hdf5-filters.js';
import { classicBytes, type TestAttribute, type TestDataset, type TestVariable } from './write-classic.js';

const repository = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** A folder for this test, removed after it. */
export async function temporaryFolder(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tramontana-ingest-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes bytes to a file of a folder that goes away; gives its path. */
export async function temporaryFile(context: TestContext, name: string, bytes: Uint8Array | string): Promise<string> {
  const path = join(await temporaryFolder(context), name);
  await writeFile(path, bytes);
  return path;
}

/** A file of the shared data, or undefined after skipping the test with a message. */
export function sharedFile(context: TestContext, path: string): string | undefined {
  return shared(context, 'data', path);
}

/** A file or folder of the shared cases with right values, or undefined after skipping the test with a message. */
export function sharedCase(context: TestContext, path: string): string | undefined {
  return shared(context, 'cases', path);
}

function shared(context: TestContext, shelf: 'data' | 'cases', path: string): string | undefined {
  const full = resolve(repository, '../shared', shelf, path);
  if (existsSync(full)) return full;
  context.skip(`the shared file ${path} is absent (looked for ../shared/${shelf} beside the repository)`);
  return undefined;
}

/** Values of a variable as ncdump prints them (fills as NaN), or undefined after skipping the test. */
export function ncdumpValues(context: TestContext, path: string, variable: string): Float64Array | undefined {
  let text: string;
  try {
    text = execFileSync('ncdump', ['-v', variable, '-p', '9,17', path], { encoding: 'utf8', maxBuffer: 1 << 28 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    context.skip('ncdump is not installed (package netcdf-bin)');
    return undefined;
  }
  const data = text.slice(text.indexOf('\ndata:'));
  const list =
    data
      .slice(data.indexOf(`\n ${variable} =`))
      .replace(/^[^=]*=/, '')
      .split(';')[0] ?? '';
  return Float64Array.from(list.split(','), (item) => (/_|NaN/.test(item) ? NaN : Number(item.trim())));
}

/** What a test changes in the small regional file. */
export interface RegionalVariation {
  readonly timeLongName?: string;
  readonly timeUnits?: string;
  readonly hours?: readonly number[];
  readonly latitudes?: readonly number[];
  readonly longitudes?: readonly number[];
  readonly species?: Readonly<
    Record<string, { readonly units?: string; readonly fill?: number; readonly valueAt?: (index: number) => number }>
  >;
  readonly attributes?: Readonly<Record<string, TestAttribute>>;
  readonly extraVariables?: readonly TestVariable[];
}

/** A regional analysis of two rows and three columns, in the layout of the ENS files. */
export function regionalDataset(variation: RegionalVariation = {}): TestDataset {
  const hours = variation.hours ?? Array.from({ length: 24 }, (_, hour) => hour);
  const latitudes = variation.latitudes ?? [45.15, 45.05];
  const longitudes = variation.longitudes ?? [8.95, 9.05, 9.15];
  const count = hours.length * latitudes.length * longitudes.length;
  const species = Object.entries(variation.species ?? { pm2p5_conc: {} }).map(
    ([name, { units, fill, valueAt }]): TestVariable => ({
      name,
      type: 'float',
      dimensions: ['time', 'level', 'latitude', 'longitude'],
      attributes: {
        _FillValue: { type: 'float', values: [fill ?? -999] },
        ...(units === '' ? {} : { units: units ?? '\u00b5g/m3' }),
      },
      values: Array.from({ length: count }, (_, index) => valueAt?.(index) ?? 10 + (index % 7)),
    }),
  );
  const axis = (name: string, units: string, values: readonly number[], longName = name): TestVariable => ({
    name,
    type: 'float',
    dimensions: [name],
    attributes: { long_name: longName, units },
    values,
  });
  return {
    dimensions: { longitude: longitudes.length, latitude: latitudes.length, level: 1, time: hours.length },
    recordDimension: 'time',
    attributes: { title: 'made for a test', ...variation.attributes },
    variables: [
      axis('longitude', 'degrees_east', longitudes),
      axis('latitude', 'degrees_north', latitudes),
      axis('level', 'm', [0]),
      axis('time', variation.timeUnits ?? 'hours', hours, variation.timeLongName ?? 'ANALYSIS time from 20250701'),
      ...species,
      ...(variation.extraVariables ?? []),
    ],
  };
}

/** Writes regionalDataset to a file of a folder that goes away. */
export function regionalFile(
  context: TestContext,
  variation: RegionalVariation = {},
  name = 'ENS.nc',
): Promise<string> {
  return temporaryFile(context, name, classicBytes(regionalDataset(variation)));
}

export interface Netcdf4Variable {
  readonly name: string;
  readonly dimensions: readonly string[];
  readonly values: Float32Array | Float64Array | Int16Array | BigInt64Array;
  readonly attributes?: Readonly<Record<string, string | number | Float32Array>>;
  readonly compressed?: boolean;
  /** Registered HDF5 filter with its parameters. */
  readonly filter?: readonly [id: number, parameters: readonly number[]];
}

/** Writes a NetCDF-4 file: variables named like a dimension become its dimension scale. */
export async function netcdf4File(
  context: TestContext,
  dimensions: Readonly<Record<string, number>>,
  variables: readonly Netcdf4Variable[],
  attributes: Readonly<Record<string, string>> = {},
): Promise<string> {
  useFilterPlugins(await ready);
  const path = join(await temporaryFolder(context), 'test.nc');
  const file = new h5wasm.File(path, 'w', { libver: ['earliest', 'latest'] });
  try {
    for (const [name, value] of Object.entries(attributes)) file.create_attribute(name, value);
    const scalesFirst = [...variables].sort((a, b) => Number(b.name in dimensions) - Number(a.name in dimensions));
    for (const variable of scalesFirst) {
      const shape = variable.dimensions.map((name) => dimensions[name] ?? 0);
      const dataset = file.create_dataset({
        name: variable.name,
        data: variable.values,
        shape,
        ...(variable.compressed === true
          ? { chunks: [2, ...shape.slice(1)], compression: 'gzip', compression_opts: [4] }
          : {}),
        ...(variable.filter === undefined
          ? {}
          : { chunks: shape, compression: variable.filter[0], compression_opts: [...variable.filter[1]] }),
      });
      for (const [name, value] of Object.entries(variable.attributes ?? {})) dataset.create_attribute(name, value);
      if (variable.name in dimensions) dataset.make_scale(variable.name);
      else
        variable.dimensions.forEach((name, axis) => {
          if (file.get(name) !== null) dataset.attach_scale(axis, name);
        });
    }
  } finally {
    file.close();
  }
  return path;
}

/** Class and size of a datatype message, little-endian, as HDF5 writes it [HDF5 format, IV.A.2.d]. */
const DATATYPE: Readonly<Record<string, readonly number[]>> = {
  Float32Array: [0x11, 0x20, 0x1f, 0x00, 4, 0, 0, 0],
  Float64Array: [0x11, 0x20, 0x3f, 0x00, 8, 0, 0, 0],
  Int16Array: [0x10, 0x08, 0x00, 0x00, 2, 0, 0, 0],
  BigInt64Array: [0x10, 0x08, 0x00, 0x00, 8, 0, 0, 0],
};

/**
 * Turns the values of a NetCDF-4 file around, as a big-endian machine stores them: the only type of the file with the type of
 * `values`, stored contiguously.
 */
export async function makeBigEndian(
  path: string,
  values: Float32Array | Float64Array | Int16Array | BigInt64Array,
): Promise<void> {
  const bytes = await readFile(path);
  const type = bytes.indexOf(Buffer.from(DATATYPE[values.constructor.name] ?? []));
  const data = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  const at = bytes.indexOf(data);
  if (type < 0 || at < 0) throw new Error(`${path}: expected the type and the values in one piece`);
  bytes.writeUInt8(entry(bytes, type + 1) | 1, type + 1);
  const part = bytes.subarray(at, at + data.length);
  if (values.BYTES_PER_ELEMENT === 2) part.swap16();
  else if (values.BYTES_PER_ELEMENT === 4) part.swap32();
  else part.swap64();
  await writeFile(path, bytes);
}
