// SPDX-License-Identifier: Apache-2.0
/**
 * A small NetCDF-4 writer: dimensions, variables, attributes. Knows the conventions by which the NetCDF library
 * recognises its own structures in HDF5, and nothing of air quality.
 *
 * @module
 */
import h5wasm, { type Dataset, type File as Hdf5File } from 'h5wasm/node';

import { replaceFile } from '../common/atomic-file.js';
import { entry } from '../common/entry.js';
import { TramontanaError, messageOf } from '../common/errors.js';
import { sha256Hex } from '../common/hash.js';
import { visible } from '../common/text.js';
import { bytesOf } from './netcdf-bytes.js';
import { proveWritten } from './netcdf-proof.js';
import type { MeantObject, NetcdfAttributes, NetcdfData } from './netcdf-types.js';

/** Scale name that tells the NetCDF library "a dimension, not a variable" (nc4internal.h, DIM_WITHOUT_VARIABLE). */
const DIMENSION_WITHOUT_VARIABLE = 'This is a netCDF dimension but not a netCDF variable.';

/**
 * Deflate level. Beyond 4 files shrink by a per cent and take twice as long. The shuffle filter cannot be combined with
 * deflate here: the HDF5 binding takes one filter a dataset.
 */
const DEFLATE_LEVEL = 4;

/** An open file under construction; valid only within `writeNetcdfFile`. */
export class NetcdfBuilder {
  private readonly sizes = new Map<string, number>();
  /** What readers must find, by the name of the variable; the global attributes under "/". */
  readonly meant = new Map<string, MeantObject>();

  constructor(private readonly file: Hdf5File) {}

  /** Adds global attributes. */
  addGlobalAttributes(given: NetcdfAttributes): void {
    const attributes = plainAttributes(given);
    writeAttributes(this.file, attributes);
    this.meant.set('/', { attributes });
  }

  /** Adds a dimension with its coordinate variable of the same name. */
  addCoordinate(name: string, data: NetcdfData, given: NetcdfAttributes): void {
    const attributes = plainAttributes(given);
    const dataset = this.file.create_dataset({ name, data, shape: [data.length], track_order: true });
    dataset.make_scale(name);
    writeAttributes(dataset, attributes);
    this.sizes.set(name, data.length);
    this.meant.set(name, { data, attributes });
  }

  /** Adds a dimension without coordinates. */
  addDimension(name: string, size: number): void {
    const dataset = this.file.create_dataset({ name, data: new Float32Array(size), shape: [size] });
    dataset.make_scale(`${DIMENSION_WITHOUT_VARIABLE}${String(size).padStart(10)}`);
    this.sizes.set(name, size);
  }

  /**
   * Writes rows of a float variable over three dimensions, the second of which counts rows; the first call adds the variable. Chunks
   * are as many rows of one time as the first call brings, deflated: of a whole variable one map a chunk.
   */
  writeRows(
    name: string,
    dimensions: readonly [string, string, string],
    { first, data }: { readonly first: number; readonly data: Float32Array },
    given: NetcdfAttributes,
  ): void {
    const shape = dimensions.map((dimension) => this.sizeOf(dimension, name));
    const [numTimes, numRows, numColumns] = [entry(shape, 0), entry(shape, 1), entry(shape, 2)];
    const count = data.length / (numTimes * numColumns);
    const written = this.meant.get(name)?.rows ?? [];
    const expected = written.reduce((sum, rows) => sum + rows.count, 0);
    if (!Number.isInteger(count) || count === 0 || first !== expected || first + count > numRows) {
      throw shapeMismatch(
        name,
        [numTimes, numRows, numColumns],
        `${data.length} from row ${first} on, after ${expected} rows`,
      );
    }
    const attributes = plainAttributes(given);
    const band = [numTimes, count, numColumns];
    let dataset: Dataset;
    if (first === 0) {
      const layout = { track_order: true, chunks: band.with(0, 1), compression: 'gzip' as const };
      const whole = [numTimes, numRows, numColumns];
      dataset = this.file.create_dataset({
        ...{ name, data, shape: band, ...layout, compression_opts: DEFLATE_LEVEL },
        ...(count < numRows ? { maxshape: whole } : {}),
      });
      if (count < numRows) dataset.resize(whole);
      dimensions.forEach((dimension, index) => dataset.attach_scale(index, dimension));
      writeAttributes(dataset, attributes);
    } else {
      dataset = this.file.get(name) as Dataset;
      dataset.write_slice([[], [first, first + count], []], data);
    }
    const rows = [...written, { first, count, sha256: sha256Hex(bytesOf(data)) }];
    this.meant.set(name, { rows, attributes });
  }

  /** Adds a variable over known dimensions; none make a scalar. */
  addVariable(name: string, dimensions: readonly string[], data: NetcdfData, given: NetcdfAttributes): void {
    const attributes = plainAttributes(given);
    const shape = dimensions.map((dimension) => this.sizeOf(dimension, name));
    const expected = shape.reduce((product, size) => product * size, 1);
    if (data.length !== expected) {
      throw shapeMismatch(name, shape, String(data.length));
    }
    const dataset = this.file.create_dataset({ name, data, shape, track_order: true });
    dimensions.forEach((dimension, index) => dataset.attach_scale(index, dimension));
    writeAttributes(dataset, attributes);
    this.meant.set(name, { data, attributes });
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

function shapeMismatch(variable: string, shape: readonly number[], found: string): TramontanaError {
  const values = shape.reduce((product, size) => product * size, 1);
  return new TramontanaError(
    'Products.ShapeMismatch',
    `Variable "${variable}": the shape ${shape.join(' x ')} needs ${values} values, got ${found}`,
    { facts: { variable, shape, found } },
  );
}

/**
 * Writes a NetCDF-4 file: built beside the target under a temporary name, read back, synchronised, renamed. A reader never
 * sees a part of it; after a failure nothing is left.
 *
 * The HDF5 binding does not tell when the system refuses to write (a full disk, a limit), so nothing counts as written
 * before it was read: every value and attribute is compared with what was meant.
 *
 * @param path - Target; its folder is made when absent.
 * @param build - Fills the file.
 * @throws {TramontanaError} `Products.NetcdfWrite` (retryable) when the HDF5 library refuses, or reads something else back.
 */
export async function writeNetcdfFile(
  path: string,
  build: (builder: NetcdfBuilder) => void | Promise<void>,
): Promise<void> {
  await h5wasm.ready;
  try {
    await replaceFile(path, async (temporary) => {
      // Creation order lets readers list variables as we wrote them; version bounds keep HDF5 1.8 readers able to open it.
      const file = new h5wasm.File(temporary, 'w', { track_order: true, libver: ['v108', 'v110'] });
      const builder = new NetcdfBuilder(file);
      let status: number;
      try {
        await build(builder);
        file.flush();
      } finally {
        status = file.close();
      }
      // A file that could not be closed is still in the library's memory, and would be read back from there.
      if (status < 0) throw new Error('the HDF5 library could not write all of it (is the disk full?)');
      await proveWritten(temporary, builder.meant);
    });
  } catch (error) {
    if (error instanceof TramontanaError) throw error;
    throw new TramontanaError('Products.NetcdfWrite', `${path}: cannot be written as NetCDF-4: ${messageOf(error)}`, {
      facts: { path },
      retryable: true,
      cause: error,
    });
  }
}

/** Text of attributes is shown by `ncdump` and viewers as it is: control characters become visible. */
function plainAttributes(attributes: NetcdfAttributes): NetcdfAttributes {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [
      name,
      typeof value === 'string' ? visible(value, '\n\t') : value,
    ]),
  );
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
