// SPDX-License-Identifier: Apache-2.0

/** Corners as longitude, latitude, longitude, latitude, ... in degrees (WGS 84); the last one is the first one again. */
export type Ring = Float64Array;

/** A named part of the Earth's surface. Edges are straight in longitude and latitude. */
export interface AreaOutline {
  readonly name: string;
  /** Of each polygon its outer ring, then its holes; whichever way round they run. */
  readonly polygons: readonly (readonly Ring[])[];
}
