// SPDX-License-Identifier: Apache-2.0
/** Regular grids of latitude and longitude. @module */
import { entry, float64At } from '../../common/entry.js';
import type { GriddedField } from './gridded-field.js';

/** Distance of CAMS regional cell centres; used along a side with a single cell, where the data cannot tell it. */
export const CAMS_CELL_DEGREES = 0.1;

/** Of latitude, km; good to half a per cent: for what depends on distances smoothly, such as variances and starting values. */
export const KM_PER_DEGREE = 111.2;

/** Of longitude at a latitude; km. */
export function kmPerDegreeEast(latitudeDegrees: number): number {
  return KM_PER_DEGREE * Math.cos((latitudeDegrees * Math.PI) / 180);
}

/** Median distance between neighbours on an axis that nobody has checked yet, degrees; NaN for a single one. */
export function medianStepDegrees(values: Float64Array): number {
  if (values.length < 2) return NaN;
  const steps = Array.from(values.subarray(1), (value, index) => Math.abs(value - float64At(values, index))).sort(
    (a, b) => a - b,
  );
  return entry(steps, Math.floor(steps.length / 2));
}

/** Distance of neighbouring centres on a regular grid; the latitudes decide, for they are never wrapped. */
export function gridStepDegrees({ latitudesDegrees, longitudesDegrees }: GriddedField): number {
  const axis = latitudesDegrees.length > 1 ? latitudesDegrees : longitudesDegrees;
  const last = axis.length - 1;
  return last === 0 ? CAMS_CELL_DEGREES : Math.abs(float64At(axis, last) - float64At(axis, 0)) / last;
}
