// SPDX-License-Identifier: Apache-2.0
import { entry, float64At } from '../common/entry.js';
import type { GriddedField } from '../artifacts/schemas/gridded-field.js';

/** The field at some of its times, with everything that belongs to them. */
export function keepTimes<F extends GriddedField>(field: F, indices: readonly number[]): F {
  if (indices.length === field.timesMs.length) return field;
  const cells = field.latitudesDegrees.length * field.longitudesDegrees.length;
  const pick = (values: Float64Array): Float64Array => Float64Array.from(indices, (index) => float64At(values, index));
  return {
    ...field,
    timesMs: pick(field.timesMs),
    origins: indices.flatMap((index) => entry(field.origins, index)),
    ...(field.runTimesMs === undefined ? {} : { runTimesMs: pick(field.runTimesMs) }),
    variables: field.variables.map((variable) => {
      const values = new Float64Array(indices.length * cells);
      indices.forEach((index, position) =>
        values.set(variable.values.subarray(index * cells, (index + 1) * cells), position * cells),
      );
      return { ...variable, values };
    }),
  };
}
