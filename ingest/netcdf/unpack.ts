// SPDX-License-Identifier: Apache-2.0
import { numberAttribute, type NetcdfFile, type NetcdfVariable, type ReadOptions, type StorageType } from './types.js';

/** Fill values that the NetCDF library writes where nothing was written [netcdf.h]; bytes have none. */
const DEFAULT_FILL: Readonly<Partial<Record<StorageType, number>>> = {
  short: -32767,
  ushort: 65535,
  int: -2147483647,
  uint: 4294967295,
  float: 9.969209968386869e36,
  double: 9.969209968386869e36,
};

/** How stored numbers become physical ones [CF-1.8, 2.5.1 and 8.1]. */
export interface Packing {
  readonly scaleFactor: number;
  readonly addOffset: number;
  /** Stored values that mean "missing". */
  readonly missing: readonly number[];
}

/** Packing of a variable, from scale_factor, add_offset, _FillValue and missing_value. */
export function packingOf(variable: NetcdfVariable): Packing {
  const missing: number[] = [];
  for (const name of ['_FillValue', 'missing_value', 'GRIB_missingValue']) {
    const value = variable.attributes[name];
    if (typeof value === 'number') missing.push(value);
    else if (Array.isArray(value)) missing.push(...value.filter((item): item is number => typeof item === 'number'));
  }
  if (variable.attributes['_FillValue'] === undefined) {
    const fill = DEFAULT_FILL[variable.type];
    if (fill !== undefined) missing.push(fill);
  }
  return {
    scaleFactor: numberAttribute(variable.attributes, 'scale_factor') ?? 1,
    addOffset: numberAttribute(variable.attributes, 'add_offset') ?? 0,
    missing: [...new Set(missing)]
      .filter((value) => !Number.isNaN(value))
      // A fill value written as double meets values stored as float: compare in the precision of the values.
      .map((value) => (variable.type === 'float' ? Math.fround(value) : value)),
  };
}

/**
 * Reads a variable as physical numbers: stored * scale_factor + add_offset, NaN where missing.
 * Units are those of the file's `units` attribute.
 */
export async function readUnpacked(
  file: NetcdfFile,
  variable: NetcdfVariable,
  options: ReadOptions = {},
): Promise<Float64Array> {
  const values = await file.readRaw(variable.name, options);
  const { scaleFactor, addOffset, missing } = packingOf(variable);
  for (let i = 0; i < values.length; i += 1) {
    const stored = values[i]!;
    // Tens of millions of values: a loop over two or three fills is much quicker than includes().
    let isMissing = false;
    for (const fill of missing) isMissing ||= stored === fill;
    values[i] = isMissing ? NaN : stored * scaleFactor + addOffset;
  }
  return values;
}
