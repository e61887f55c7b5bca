// SPDX-License-Identifier: Apache-2.0
/**
 * Reads a NetCDF-4 file back and compares it with what was meant.
 *
 * @module
 */
import h5wasm, { Dataset } from 'h5wasm/node';

import { breathe } from '../common/breathe.js';
import { sha256Hex } from '../common/hash.js';
import { bytesOf } from './netcdf-bytes.js';
import type { MeantObject, MeantRows, NetcdfAttributes, NetcdfData } from './netcdf-types.js';

/**
 * Compares every value and every attribute, bit by bit.
 *
 * @param meant - by name of the variable; "/" is the file itself
 * @throws {Error} names the first difference
 */
export async function proveWritten(path: string, meant: ReadonlyMap<string, MeantObject>): Promise<void> {
  const file = new h5wasm.File(path, 'r');
  try {
    for (const [name, { data, rows = [], attributes }] of meant) {
      const found = name === '/' ? file : file.get(name);
      if (found !== file && !(found instanceof Dataset)) throw new Error(`read back without "${name}"`);
      if (data !== undefined && !(found instanceof Dataset && equalValues(found.value, data))) {
        throw new Error(`the values of "${name}" were read back otherwise than written`);
      }
      if (found instanceof Dataset) await proveRows(found, name, rows);
      proveAttributes(found, name, attributes);
    }
  } finally {
    file.close();
  }
}

async function proveRows(found: Dataset, name: string, rows: readonly MeantRows[]): Promise<void> {
  for (const { first, count, sha256 } of rows) {
    await breathe();
    const values = found.slice([[], [first, first + count], []]);
    if (!ArrayBuffer.isView(values) || sha256Hex(bytesOf(values)) !== sha256) {
      throw new Error(
        `the values of "${name}" in rows ${first} to ${first + count - 1} were read back otherwise than written`,
      );
    }
  }
}

function proveAttributes(found: Pick<Dataset, 'attrs'>, name: string, attributes: NetcdfAttributes): void {
  const { attrs } = found;
  for (const [key, value] of Object.entries(attributes)) {
    const got = attrs[key]?.value;
    const same = typeof value === 'string' ? got === value : equalValues(got, value);
    if (!same) throw new Error(`the attribute "${key}" of "${name}" was read back otherwise than written`);
  }
}

function equalValues(found: unknown, meant: NetcdfData): boolean {
  if (typeof found === 'number') return meant.length === 1 && Object.is(found, meant[0]);
  if (!ArrayBuffer.isView(found) || found.constructor !== meant.constructor) return false;
  return bytesOf(found).equals(bytesOf(meant));
}
