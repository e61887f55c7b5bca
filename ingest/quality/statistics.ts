// SPDX-License-Identifier: Apache-2.0
/** Summary of values; min, mean and max are null when all are missing (NaN). */
export interface ValueStatistics {
  readonly count: number;
  readonly missing: number;
  readonly min: number | null;
  readonly mean: number | null;
  readonly max: number | null;
  readonly negative: number;
  readonly aboveCeiling: number;
}

/** One pass over the values; `ceiling` counts what lies above it. */
export function summarise(values: Float64Array, ceiling = Infinity): ValueStatistics {
  let missing = 0;
  let negative = 0;
  let aboveCeiling = 0;
  let min = Infinity;
  let max = -Infinity;
  let sum = 0;
  for (const value of values) {
    if (Number.isNaN(value)) {
      missing += 1;
      continue;
    }
    if (value < 0) negative += 1;
    if (value > ceiling) aboveCeiling += 1;
    if (value < min) min = value;
    if (value > max) max = value;
    sum += value;
  }
  const valid = values.length - missing;
  return {
    count: values.length,
    missing,
    min: valid === 0 ? null : min,
    mean: valid === 0 ? null : sum / valid,
    max: valid === 0 ? null : max,
    negative,
    aboveCeiling,
  };
}
