// SPDX-License-Identifier: Apache-2.0
/** Elevation on a regular latitude-longitude grid of cell centres. */
export interface ElevationGrid {
  readonly file: string;
  /** Of all pixels of the file, e.g. "44.000 to 47.000 N, 6.000 to 12.000 E"; of a large file only a part is read. */
  readonly extent: string;
  /** Cell centres, north to south. */
  readonly latitudesDegrees: Float64Array;
  /** Cell centres, ascending, in [-180, 180). */
  readonly longitudesDegrees: Float64Array;
  /** Metres above sea level, shape [latitude, longitude], row-major; NaN where unknown. */
  readonly elevationM: Float64Array;
  /** Pixels of the sea floor that were raised to the surface of the sea; absent when there were none. */
  readonly seaFloorPixels?: number;
  /** Depths that may be those of a sea, which the grid does not say: share of the pixels below the limit, and the lowest of all. */
  readonly doubtfulDepths?: { readonly share: number; readonly lowestM: number; readonly limitM: number };
  /** What the file says of itself. */
  readonly describedAs?: string;
}

/** Elevations outside of these are no place on Earth, m (Dead Sea shore -430, Mount Everest 8849, trenches are no terrain). */
export const LOWEST_ELEVATION_M = -11_000;
export const HIGHEST_ELEVATION_M = 9000;
/** Nothing on land lies deeper. */
export const LOWEST_LAND_M = -500;

/** Extent of cell centres in words. */
export function extentOf(latitudes: Float64Array, longitudes: Float64Array): string {
  const range = (values: Float64Array): string => {
    const low = values.reduce((a, b) => Math.min(a, b), Infinity);
    const high = values.reduce((a, b) => Math.max(a, b), -Infinity);
    return `${low.toFixed(3)} to ${high.toFixed(3)}`;
  };
  return `${range(latitudes)} N, ${range(longitudes)} E`;
}
