// SPDX-License-Identifier: Apache-2.0
import { float64At } from '../common/entry.js';
import type { GriddedField } from '../artifacts/schemas/gridded-field.js';

interface Bracket {
  readonly lower: number;
  readonly upper: number;
  /** Weight of `upper` in [0, 1]. */
  readonly weight: number;
}

/**
 * Position of `value` between two neighbouring centres of a monotone axis (either direction).
 * Beyond the outermost centre the position is clamped to it.
 */
export function bracketOf(centres: Float64Array, value: number): Bracket {
  const last = centres.length - 1;
  if (last <= 0) return { lower: 0, upper: 0, weight: 0 };
  const descending = float64At(centres, 0) > float64At(centres, last);
  for (let k = 0; k < last; k += 1) {
    const here = float64At(centres, k);
    const next = float64At(centres, k + 1);
    const before = descending ? value >= here : value <= here;
    if (before) return { lower: k, upper: k, weight: 0 };
    const inside = descending ? value > next : value < next;
    if (inside) return { lower: k, upper: k + 1, weight: (value - here) / (next - here) };
  }
  return { lower: last, upper: last, weight: 0 };
}

/**
 * Bilinear interpolation of one time of a gridded field between its cell centres; constant beyond the outermost
 * centres. A missing corner with positive weight makes the result NaN.
 *
 * @param grid - Coordinates of the field.
 * @param values - Shape [time, latitude, longitude].
 * @param timeIndex - Which time.
 * @returns Shape [latitudes.length, longitudes.length], in the units of `values`.
 */
export function interpolateBilinear(
  grid: Pick<GriddedField, 'latitudesDegrees' | 'longitudesDegrees'>,
  values: Float64Array,
  timeIndex: number,
  latitudesDegrees: Float64Array,
  longitudesDegrees: Float64Array,
): Float64Array {
  const numColumns = grid.longitudesDegrees.length;
  const offset = timeIndex * grid.latitudesDegrees.length * numColumns;
  const columns = Array.from(longitudesDegrees, (longitude) => bracketOf(grid.longitudesDegrees, longitude));
  const result = new Float64Array(latitudesDegrees.length * longitudesDegrees.length);
  for (let i = 0; i < latitudesDegrees.length; i += 1) {
    const row = bracketOf(grid.latitudesDegrees, float64At(latitudesDegrees, i));
    const upper = offset + row.lower * numColumns;
    const lower = offset + row.upper * numColumns;
    columns.forEach((column, j) => {
      const first = mix(
        float64At(values, upper + column.lower),
        float64At(values, upper + column.upper),
        column.weight,
      );
      const second = mix(
        float64At(values, lower + column.lower),
        float64At(values, lower + column.upper),
        column.weight,
      );
      result[i * columns.length + j] = mix(first, second, row.weight);
    });
  }
  return result;
}

/** (1 - weight) a + weight b; a value without weight does not count even when it is missing. */
export function mix(a: number, b: number, weight: number): number {
  if (weight === 0) return a;
  return weight === 1 ? b : a + weight * (b - a);
}
