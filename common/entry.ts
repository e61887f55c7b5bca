// SPDX-License-Identifier: Apache-2.0
/** Anything with numbered entries: arrays and typed arrays. */
interface Indexed<Entry> {
  readonly length: number;
  readonly [index: number]: Entry;
}

/**
 * The entry at a position that must exist. An index outside of the array is a defect of ours and ends the computation
 * there, rather than going on as a zero or as `undefined`.
 *
 * @throws {RangeError} naming index and length
 */
export function entry<Entry>(values: Indexed<Entry>, index: number): Entry {
  const value = values[index];
  // a hole of a sparse array is as wrong as an index beyond the end; `null` may be an entry
  if (value === undefined) {
    throw new RangeError(`index: expected an integer from 0 to ${values.length - 1}, got ${index}`);
  }
  return value;
}
