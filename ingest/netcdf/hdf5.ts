// SPDX-License-Identifier: Apache-2.0
/**
 * NetCDF-4, that is HDF5 with dimension scales, by h5wasm.
 *
 * h5wasm's own getters ignore the status of a read and return whatever memory they were given, and an exception
 * thrown through the library leaks its handles. Reads go through the module's status code instead, and a file that
 * is shorter than its superblock declares is refused before the library sees it.
 *
 * @module
 */
import { open } from 'node:fs/promises';
import h5wasm, { ready, type Dataset, type Group, type Metadata } from 'h5wasm/node';
import { TramontanaError, messageOf } from '../../common/errors.js';
import { confined } from './hdf5-confinement.js';
import { checkFilters, useFilterPlugins } from './hdf5-filters.js';
import { resolveRange, variableNamed } from './select.js';
import { requireAllocatable } from './size-limit.js';
import { decodeNumbers } from './typed-bytes.js';
import type {
  AttributeValue,
  Attributes,
  NetcdfDimension,
  NetcdfFile,
  NetcdfVariable,
  ReadOptions,
  StorageType,
} from './types.js';

type H5Module = Awaited<typeof ready>;

interface Hdf5Variable extends NetcdfVariable {
  readonly metadata: Metadata;
}

/** Attributes that NetCDF-4 keeps for itself; some hold references that are not values. */
const INTERNAL_ATTRIBUTE =
  /^(CLASS|NAME|DIMENSION_LIST|REFERENCE_LIST|_Netcdf4Dimid|_Netcdf4Coordinates|_NCProperties|_nc3_strict)$/;
/** Text of NAME on a dimension that has no variable of its own. */
const DIMENSION_WITHOUT_VARIABLE = 'This is a netCDF dimension but not a netCDF variable';
const SLAB_BYTES = 16 * 1024 * 1024;

/**
 * Opens a NetCDF-4 file (root group).
 *
 * @throws TramontanaError `Ingest.TruncatedFile`, `Ingest.CorruptFile`, `Ingest.ValuesElsewhere`
 */
export async function openHdf5(path: string, signatureOffset: number): Promise<NetcdfFile> {
  await checkDeclaredLength(path, signatureOffset);
  const module = await ready;
  useFilterPlugins(module);
  const fileId = module.open(path, module.H5F_ACC_RDONLY, false, -1, -1);
  if (!(fileId > 0n)) {
    throw new TramontanaError(
      'Ingest.CorruptFile',
      `${path}: expected a NetCDF-4/HDF5 file; the HDF5 library cannot open it`,
      {
        facts: { file: path },
      },
    );
  }
  try {
    const root = new h5wasm.Group(fileId, '/');
    const { variables, dimensions, attributes } = confined(module, path, () => ({
      ...describeDatasets(root, path),
      attributes: decodeAttributes(root),
    }));
    let isOpen = true;
    return {
      path,
      format: 'NetCDF-4',
      dimensions,
      attributes,
      variables,
      readRaw: async (name, options = {}) =>
        readVariable(module, fileId, path, variableNamed(path, variables, name), options),
      close: () => {
        if (isOpen) module.close_file(fileId);
        isOpen = false;
        return Promise.resolve();
      },
    };
  } catch (error) {
    module.close_file(fileId);
    if (error instanceof TramontanaError) throw error;
    throw new TramontanaError(
      'Ingest.CorruptFile',
      `${path}: expected a readable NetCDF-4/HDF5 file; ${messageOf(error)}`,
      {
        facts: { file: path },
        cause: error,
      },
    );
  }
}

/** Compares the end-of-file address of the superblock [HDF5 format, III.A] with the size of the file. */
async function checkDeclaredLength(path: string, signatureOffset: number): Promise<void> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const head = Buffer.alloc(96);
    await file.read(head, 0, head.length, signatureOffset);
    const version = head[8] ?? 255;
    const addressBytes = (version < 2 ? head[13] : head[9]) ?? 0;
    const base = version === 0 ? 24 : version === 1 ? 28 : 12;
    const declared = version <= 3 && addressBytes === 8 ? Number(head.readBigUInt64LE(base + 16)) : 0;
    const available = size - signatureOffset;
    if (available < base + 24 || available < declared) {
      throw new TramontanaError(
        'Ingest.TruncatedFile',
        `${path}: the file is truncated: its HDF5 superblock declares ${declared > 0 ? declared : `more than ${base + 24}`} bytes, it has ${available}`,
        { facts: { file: path, expectedBytes: declared, actualBytes: available } },
      );
    }
  } finally {
    await file.close();
  }
}

function describeDatasets(root: Group, path: string): { variables: Hdf5Variable[]; dimensions: NetcdfDimension[] } {
  const lengths = new Map<string, number>();
  const variables: Hdf5Variable[] = [];
  for (const key of root.keys()) {
    const entity = root.get(key);
    if (!(entity instanceof h5wasm.Dataset)) continue;
    const { metadata } = entity;
    const shape = metadata.shape ?? [];
    const isScale = attributeOf(entity, 'CLASS') === 'DIMENSION_SCALE';
    if (isScale && shape.length === 1) lengths.set(key, shape[0] ?? 0);
    if (isScale && isDimensionOnly(attributeOf(entity, 'NAME'))) continue;
    const dimensions = shape.map((length, axis) => {
      const name = isScale && shape.length === 1 ? key : (dimensionName(entity, axis) ?? `phony_${length}`);
      if (!lengths.has(name)) lengths.set(name, length);
      return name;
    });
    variables.push({
      name: key,
      type: storageType(metadata),
      dimensions,
      shape: [...shape],
      attributes: decodeAttributes(entity),
      attributeTypes: decodeAttributeTypes(entity),
      metadata,
    });
  }
  if (variables.length === 0) {
    throw new TramontanaError(
      'Ingest.NoVariables',
      `${path}: expected variables in the root group; the file has none`,
      {
        facts: { file: path, entries: root.keys() },
      },
    );
  }
  return { variables, dimensions: [...lengths].map(([name, length]) => ({ name, length })) };
}

function isDimensionOnly(scaleName: unknown): boolean {
  return typeof scaleName === 'string' && scaleName.startsWith(DIMENSION_WITHOUT_VARIABLE);
}

function dimensionName(dataset: Dataset, axis: number): string | undefined {
  const [scale] = dataset.get_attached_scales(axis);
  // The name of a scale without its group, as netCDF names the dimension.
  return scale?.split('/').pop();
}

function attributeOf(entity: Dataset | Group, name: string): unknown {
  return entity.attrs[name]?.value;
}

function decodeAttributes(entity: Dataset | Group): Attributes {
  const result: Record<string, AttributeValue> = {};
  for (const [name, attribute] of Object.entries(entity.attrs)) {
    if (INTERNAL_ATTRIBUTE.test(name)) continue;
    const value = decodeAttributeValue(attribute.value);
    if (value !== undefined) result[name] = value;
  }
  return result;
}

function decodeAttributeTypes(entity: Dataset): Readonly<Record<string, StorageType>> {
  return Object.fromEntries(
    Object.entries(entity.attrs)
      .filter(([name]) => !INTERNAL_ATTRIBUTE.test(name))
      .map(([name, { metadata }]) => [name, storageType(metadata)]),
  );
}

function decodeAttributeValue(value: unknown): AttributeValue | undefined {
  if (typeof value === 'string' || typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    const numbers = Array.from(value as unknown as ArrayLike<number | bigint>, Number);
    return numbers.length === 1 ? numbers[0] : numbers;
  }
  if (Array.isArray(value)) {
    if (value.every((item): item is string => typeof item === 'string')) return value.length === 1 ? value[0] : value;
    if (value.every((item) => typeof item === 'number' || typeof item === 'bigint')) return value.map(Number);
  }
  return undefined;
}

function storageType(metadata: Metadata): StorageType {
  const { type, size, signed } = metadata;
  if (type === 0) {
    const names: Readonly<Record<number, StorageType>> = signed
      ? { 1: 'byte', 2: 'short', 4: 'int', 8: 'int64' }
      : { 1: 'ubyte', 2: 'ushort', 4: 'uint', 8: 'uint64' };
    return names[size] ?? 'other';
  }
  if (type === 1) return size === 4 ? 'float' : size === 8 ? 'double' : 'other';
  if (type === 3) return metadata.vlen ? 'string' : 'char';
  return 'other';
}

async function readVariable(
  module: H5Module,
  fileId: bigint,
  path: string,
  variable: Hdf5Variable,
  options: ReadOptions,
): Promise<Float64Array> {
  if (variable.type === 'string' || variable.type === 'char' || variable.type === 'other') {
    throw new TramontanaError(
      'Ingest.NotNumeric',
      `${path}: variable "${variable.name}": expected numbers, it holds values of type ${variable.type}`,
      { facts: { file: path, variable: variable.name, foundType: variable.type } },
    );
  }
  confined(module, path, () => checkFilters(module, fileId, path, variable.name));
  const { start, count, rowElements } = resolveRange(variable.shape, options);
  requireAllocatable(path, `variable "${variable.name}"`, count * rowElements * Float64Array.BYTES_PER_ELEMENT);
  const values = new Float64Array(count * rowElements);
  const elementBytes = variable.metadata.size;
  // Whole chunks at a time: a chunk that is cut would be decompressed twice.
  const chunkRows = variable.metadata.chunks?.[0] ?? 1;
  const slabRows =
    Math.max(1, Math.floor(SLAB_BYTES / Math.max(1, rowElements * elementBytes * chunkRows))) * chunkRows;
  for (let row = 0; row < count;) {
    options.signal?.throwIfAborted();
    const toBoundary = slabRows - ((start + row) % slabRows);
    const rows = Math.min(toBoundary, count - row);
    const first = start + row;
    const bytes = confined(module, path, () =>
      readSlab(module, fileId, path, variable, first, rows, rows * rowElements * elementBytes),
    );
    decodeNumbers(
      bytes.buffer,
      rows * rowElements,
      variable.type,
      elementBytes,
      // The library converts to the order of the machine, whatever the file has.
      true,
      values,
      row * rowElements,
    );
    row += rows;
    // Lets the abort signal, heartbeats and other work in between slabs.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return values;
}

function readSlab(
  module: H5Module,
  fileId: bigint,
  path: string,
  variable: Hdf5Variable,
  start: number,
  rows: number,
  bytes: number,
): Uint8Array<ArrayBuffer> {
  const pointer = module._malloc(bytes);
  try {
    const { shape } = variable;
    const isScalar = shape.length === 0;
    const count = isScalar ? null : shape.map((length, axis) => BigInt(axis === 0 ? rows : length));
    const offset = isScalar ? null : shape.map((_, axis) => BigInt(axis === 0 ? start : 0));
    const strides = isScalar ? null : shape.map(() => 1n);
    const status = module.get_dataset_data(fileId, `/${variable.name}`, count, offset, strides, BigInt(pointer));
    if (status < 0) {
      throw new TramontanaError(
        'Ingest.CorruptFile',
        `${path}: variable "${variable.name}": expected ${rows} readable rows from row ${start}; the HDF5 library cannot read them: the data are damaged; download or copy the file again`,
        { facts: { file: path, variable: variable.name, row: start } },
      );
    }
    // A copy with its own buffer: the memory of the library moves when it grows.
    return new Uint8Array(module.HEAPU8.subarray(pointer, pointer + bytes));
  } finally {
    module._free(pointer);
  }
}
