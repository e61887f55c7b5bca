// SPDX-License-Identifier: Apache-2.0
/**
 * Entries that must exist. An index outside of the array is a defect of ours and ends the computation there, rather than
 * going on as a zero or as `undefined`.
 *
 * Float64Array and Int32Array, over which the long loops run, have an accessor of their own: one that meets several kinds of
 * arrays is not compiled to a plain load, and made those loops two to four times as long. Innermost loops, where even that
 * shows, read `values[i] ?? NaN`: a wrong index cannot pass for a value there either.
 *
 * @module
 */

/** Anything with numbered entries: arrays and typed arrays. */
interface Indexed<Entry> {
  readonly length: number;
  readonly [index: number]: Entry;
}

/**
 * The entry at a position that must exist.
 *
 * @throws {RangeError} naming index and length
 */
export function entry<Entry>(values: Indexed<Entry>, index: number): Entry {
  const value = values[index];
  // A hole of a sparse array is as wrong as an index beyond the end; `null` may be an entry.
  if (value === undefined) refuse(values, index);
  return value;
}

/** As `entry`, at nearly the cost of a plain load: short enough to be compiled into every loop. */
export function float64At(values: Float64Array, index: number): number {
  return values[index] ?? refuse(values, index);
}

/** As `entry`, at nearly the cost of a plain load: short enough to be compiled into every loop. */
export function int32At(values: Int32Array, index: number): number {
  return values[index] ?? refuse(values, index);
}

function refuse({ length }: { readonly length: number }, index: number): never {
  throw new RangeError(`index: expected an integer from 0 to ${length - 1}, got ${index}`);
}
