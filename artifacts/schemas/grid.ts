// SPDX-License-Identifier: Apache-2.0
/** Degrees on the ground. @module */

/** Length of a degree of latitude on the mean sphere. */
export const KM_PER_DEGREE = 111.2;

/** Length of a degree of longitude at a latitude. */
export function kmPerDegreeOfLongitude(latitudeDegrees: number): number {
  return KM_PER_DEGREE * Math.cos((latitudeDegrees * Math.PI) / 180);
}
