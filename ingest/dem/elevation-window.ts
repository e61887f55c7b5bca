// SPDX-License-Identifier: Apache-2.0
import { isTramontanaError, TramontanaError } from '../../common/errors.js';
import { describeBox, windowOf, type GridWindow } from '../bounding-box.js';
import type { BoundingBox } from '../labelled-field.js';
import { extentOf } from './elevation-grid.js';

/** Half of the pixel that touches the box, and one more: its neighbour tells where its edge lies. */
const RIM_PIXELS = 1.5;

/**
 * Rows and columns of an elevation grid that touch the box, and one more on each side; all of them without a box.
 *
 * @param latitudes - pixel centres, degrees, in the order of the file
 * @param longitudes - pixel centres, degrees, in [-180, 180), in the order of the file
 * @throws TramontanaError `Ingest.ElevationOutside`
 */
export function elevationWindow(
  latitudes: Float64Array,
  longitudes: Float64Array,
  box: BoundingBox | undefined,
  path: string,
): GridWindow & { readonly extent: string } {
  const extent = extentOf(latitudes, longitudes);
  if (box === undefined) {
    return { latitudeIndices: [...latitudes.keys()], longitudeIndices: [...longitudes.keys()], extent };
  }
  const rim = { latitude: RIM_PIXELS * stepOf(latitudes), longitude: RIM_PIXELS * stepOf(longitudes) };
  const grown = {
    north: box.north + rim.latitude,
    west: box.west - rim.longitude,
    south: box.south - rim.latitude,
    east: box.east + rim.longitude,
  };
  try {
    return { ...windowOf(latitudes, longitudes, grown, path), extent };
  } catch (error) {
    if (!isTramontanaError(error, 'Ingest.EmptyBoundingBox')) throw error;
    throw elevationOutside(path, `the cells of ${describeBox(box)}`, extent);
  }
}

/** The error of a grid that covers none of the cells. */
export function elevationOutside(file: string, cells: string, extent: string): TramontanaError {
  return new TramontanaError(
    'Ingest.ElevationOutside',
    `${file}: expected elevation for ${cells}; the grid covers ${extent}`,
    { facts: { file, cells, grid: extent } },
  );
}

/** Typical distance of neighbours, degrees; the largest there is where longitudes are wrapped in between. */
function stepOf(centres: Float64Array): number {
  const low = centres.reduce((a, b) => Math.min(a, b), Infinity);
  const high = centres.reduce((a, b) => Math.max(a, b), -Infinity);
  return centres.length > 1 ? (high - low) / (centres.length - 1) : 1;
}
