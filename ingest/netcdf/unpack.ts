// SPDX-License-Identifier: Apache-2.0
import { float64At } from '../../common/entry.js';
import { packingOf, unwrapped } from './packing.js';
import type { NetcdfFile, NetcdfVariable, ReadOptions } from './types.js';

export interface UnpackOptions extends ReadOptions {
  /** Told how many values that are no fills lie outside of the valid range that the file declares. */
  readonly onOutsideValidRange?: (count: number) => void;
}

/**
 * Reads a variable as physical numbers: stored * scale_factor + add_offset, NaN where missing or outside of the declared valid
 * range. Units are those of the file's `units` attribute.
 *
 * @throws TramontanaError as `readRaw`; `Ingest.BadPacking`
 */
export async function readUnpacked(
  file: NetcdfFile,
  variable: NetcdfVariable,
  options: UnpackOptions = {},
): Promise<Float64Array> {
  const packing = packingOf(variable, file.path);
  const values = await file.readRaw(variable.name, options);
  const { scaleFactor, addOffset, missing, unwrap } = packing;
  const [storedLow, storedHigh] = packing.validStored;
  const [physicalLow, physicalHigh] = packing.validPhysical;
  let outside = 0;
  for (let i = 0; i < values.length; i += 1) {
    const stored = unwrap === 0 ? float64At(values, i) : unwrapped(float64At(values, i), unwrap);
    // Tens of millions of values: a loop over two or three fills is much quicker than includes().
    let isMissing = false;
    for (const fill of missing) isMissing ||= stored === fill;
    const value = stored * scaleFactor + addOffset;
    const isOutside =
      !isMissing && (stored < storedLow || stored > storedHigh || value < physicalLow || value > physicalHigh);
    if (isOutside) outside += 1;
    values[i] = isMissing || isOutside ? NaN : value;
  }
  if (outside > 0) options.onOutsideValidRange?.(outside);
  return values;
}
