// SPDX-License-Identifier: Apache-2.0
/**
 * The coarse values without what the fixed effects explain, and their moments across cells and days.
 *
 * @module
 */
import { float64At } from '../common/entry.js';
import type { GriddedField } from '../artifacts/schemas/gridded-field.js';

/** Standardised coarse values without the effect of elevation; shape [day, latitude, longitude], NaN where missing. */
export interface ResidualField {
  readonly values: Float64Array;
  readonly numDays: number;
  readonly numLatitudes: number;
  readonly numLongitudes: number;
}

/**
 * Standardised values of some days, less their regression on elevation.
 *
 * @param values    ug m-3, [time, latitude, longitude]
 * @param times     positions in the field's times; undefined for days without data
 * @param centredKm elevation of each cell; absent without that covariate
 */
export function residualField(
  values: Float64Array,
  scale: { readonly meanUgM3: number; readonly sdUgM3: number },
  times: readonly (number | undefined)[],
  field: GriddedField,
  centredKm: Float64Array | undefined,
): ResidualField {
  const numCells = field.latitudesDegrees.length * field.longitudesDegrees.length;
  const residuals = new Float64Array(times.length * numCells).fill(Number.NaN);
  times.forEach((time, t) => {
    for (let cell = 0; time !== undefined && cell < numCells; cell += 1) {
      residuals[t * numCells + cell] = (float64At(values, time * numCells + cell) - scale.meanUgM3) / scale.sdUgM3;
    }
  });
  if (centredKm !== undefined) {
    let [products, squares] = [0, 0];
    residuals.forEach((value, i) => {
      if (Number.isNaN(value)) return;
      const km = float64At(centredKm, i % numCells);
      products += value * km;
      squares += km * km;
    });
    const slope = squares > 0 ? products / squares : 0;
    residuals.forEach((value, i) => (residuals[i] = value - slope * float64At(centredKm, i % numCells)));
  }
  return {
    values: residuals,
    numDays: times.length,
    numLatitudes: field.latitudesDegrees.length,
    numLongitudes: field.longitudesDegrees.length,
  };
}

/** Mean of a product (or another function) of values so many days, rows and columns apart; NaN without pairs. */
export function meanProduct(
  a: ResidualField,
  b: ResidualField,
  days: number,
  rows: number,
  columns: number,
  combine: (x: number, y: number) => number = (x, y) => x * y,
): number {
  const { numDays, numLatitudes, numLongitudes } = a;
  let sum = 0;
  let count = 0;
  for (let t = 0; t + days < numDays; t += 1) {
    for (let i = 0; i + rows < numLatitudes; i += 1) {
      for (let j = 0; j + columns < numLongitudes; j += 1) {
        const x = float64At(a.values, (t * numLatitudes + i) * numLongitudes + j);
        const y = float64At(b.values, ((t + days) * numLatitudes + i + rows) * numLongitudes + j + columns);
        if (Number.isNaN(x) || Number.isNaN(y)) continue;
        sum += combine(x, y);
        count += 1;
      }
    }
  }
  return count === 0 ? Number.NaN : sum / count;
}

/** Semivariance of cells so many steps apart, mean of both directions; NaN without such pairs. */
export function semivariance(field: ResidualField, lag: number): number {
  const half = (rows: number, columns: number): number =>
    meanProduct(field, field, 0, rows, columns, (a, b) => (a - b) ** 2) / 2;
  const along = [half(0, lag), half(lag, 0)].filter(Number.isFinite);
  return along.reduce((sum, value) => sum + value, 0) / along.length;
}

/**
 * Noise variance by continuing the semivariance of neighbours and next neighbours to distance zero, for a field whose
 * semivariance starts about quadratically: (4 g(1) - g(2)) / 3. Not negative; NaN without two neighbours in a row.
 */
export function nuggetVariance(field: ResidualField): number {
  return Math.max(0, (4 * semivariance(field, 1) - semivariance(field, 2)) / 3);
}
