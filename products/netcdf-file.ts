// SPDX-License-Identifier: Apache-2.0
/**
 * A small NetCDF-4 writer: dimensions, variables, attributes. Knows the conventions by which the NetCDF library
 * recognises its own structures in HDF5, and nothing of air quality.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import h5wasm, { type Dataset, type File as Hdf5File } from 'h5wasm/node';

import { TramontanaError, messageOf } from '../common/errors.js';

/** Scale name that tells the NetCDF library "a dimension, not a variable" (nc4internal.h, DIM_WITHOUT_VARIABLE). */
const DIMENSION_WITHOUT_VARIABLE = 'This is a netCDF dimension but not a netCDF variable.';

/**
 * Deflate level. Beyond 4 files shrink by a per cent and take twice as long. The shuffle filter cannot be combined with
 * deflate here: the HDF5 binding takes one filter a dataset.
 */
const DEFLATE_LEVEL = 4;

/** Attribute values; text is stored as UTF-8 characters, numbers keep the type of their array. */
export type NetcdfAttributes = Readonly<Record<string, string | Float32Array | Float64Array | Int32Array | Int8Array>>;

export type NetcdfData = Float32Array | Float64Array | Int32Array | Int8Array;

/** An open file under construction; valid only within `writeNetcdfFile`. */
export class NetcdfBuilder {
  private readonly sizes = new Map<string, number>();

  constructor(private readonly file: Hdf5File) {}

  /** Adds global attributes. */
  addGlobalAttributes(attributes: NetcdfAttributes): void {
    writeAttributes(this.file, attributes);
  }

  /** Adds a dimension with its coordinate variable of the same name. */
  addCoordinate(name: string, data: NetcdfData, attributes: NetcdfAttributes): void {
    const dataset = this.file.create_dataset({ name, data, shape: [data.length], track_order: true });
    dataset.make_scale(name);
    writeAttributes(dataset, attributes);
    this.sizes.set(name, data.length);
  }

  /** Adds a dimension without coordinates. */
  addDimension(name: string, size: number): void {
    const dataset = this.file.create_dataset({ name, data: new Float32Array(size), shape: [size] });
    dataset.make_scale(`${DIMENSION_WITHOUT_VARIABLE}${String(size).padStart(10)}`);
    this.sizes.set(name, size);
  }

  /**
   * Adds a variable over known dimensions; none make a scalar. Variables of three dimensions are chunked by the first one
   * (one map a chunk) and deflated.
   */
  addVariable(name: string, dimensions: readonly string[], data: NetcdfData, attributes: NetcdfAttributes): void {
    const shape = dimensions.map((dimension) => this.sizeOf(dimension, name));
    const expected = shape.reduce((product, size) => product * size, 1);
    if (data.length !== expected) {
      throw new TramontanaError(
        'Products.ShapeMismatch',
        `Variable "${name}": dimensions ${dimensions.join(', ')} need ${expected} values, got ${data.length}`,
        { facts: { variable: name, shape, found: data.length } },
      );
    }
    const compressed = shape.length === 3;
    const dataset = this.file.create_dataset({
      name,
      data,
      shape,
      track_order: true,
      ...(compressed
        ? { chunks: [1, ...shape.slice(1)], compression: 'gzip' as const, compression_opts: DEFLATE_LEVEL }
        : {}),
    });
    dimensions.forEach((dimension, index) => dataset.attach_scale(index, dimension));
    writeAttributes(dataset, attributes);
  }

  private sizeOf(dimension: string, variable: string): number {
    const size = this.sizes.get(dimension);
    if (size === undefined) {
      throw new TramontanaError(
        'Products.UnknownDimension',
        `Variable "${variable}": dimension "${dimension}" must be added before it is used`,
        { facts: { variable, dimension } },
      );
    }
    return size;
  }
}

/**
 * Writes a NetCDF-4 file: built beside the target under a temporary name, synchronised, renamed. A reader never sees
 * a part of it; after a failure nothing is left.
 *
 * @param path - Target; its folder is made when absent.
 * @param build - Fills the file.
 * @throws {TramontanaError} `Products.NetcdfWrite` when the HDF5 library refuses.
 */
export async function writeNetcdfFile(path: string, build: (builder: NetcdfBuilder) => void): Promise<void> {
  await h5wasm.ready;
  await mkdir(dirname(path), { recursive: true });
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`);
  try {
    // Creation order lets readers list variables as we wrote them; version bounds keep HDF5 1.8 readers able to open it.
    const file = new h5wasm.File(temporary, 'w', { track_order: true, libver: ['v108', 'v110'] });
    try {
      build(new NetcdfBuilder(file));
      file.flush();
    } finally {
      file.close();
    }
    const handle = await open(temporary, 'r+');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    if (error instanceof TramontanaError) throw error;
    throw new TramontanaError('Products.NetcdfWrite', `${path}: cannot be written as NetCDF-4: ${messageOf(error)}`, {
      facts: { path },
      cause: error,
    });
  }
}

function writeAttributes(target: Hdf5File | Dataset, attributes: NetcdfAttributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'string') {
      // Fixed length makes it NC_CHAR, which every reader takes; the binding's default is a variable-length string.
      const bytes = Math.max(1, new TextEncoder().encode(value).length);
      target.create_attribute(name, value, null, `S${bytes}`);
    } else {
      // One value is stored as a one-element array: that is how the NetCDF library stores numbers too.
      target.create_attribute(name, value, [value.length]);
    }
  }
}
