// SPDX-License-Identifier: Apache-2.0
/** Lengths of degrees, good to half a per cent: for what depends on distances smoothly, such as variances and starting values. */

/** Of latitude; km. */
export const KM_PER_DEGREE = 111.2;

/** Of longitude at a latitude; km. */
export function kmPerDegreeEast(latitudeDegrees: number): number {
  return KM_PER_DEGREE * Math.cos((latitudeDegrees * Math.PI) / 180);
}
