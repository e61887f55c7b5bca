// SPDX-License-Identifier: Apache-2.0
import type { GriddedField } from '../artifacts/schemas/gridded-field.js';
import { float64At } from '../common/entry.js';
import { TramontanaError } from '../common/errors.js';
import { wrapLongitude } from './cams/coordinates.js';
import { sourceNames, type BoundingBox } from './labelled-field.js';

/** Cells whose centres lie in the box, edges included within this many degrees (float noise of coordinates). */
const EDGE_TOLERANCE_DEGREES = 1e-6;

/** Indices of the rows and columns in a window. */
export interface GridWindow {
  readonly latitudeIndices: readonly number[];
  readonly longitudeIndices: readonly number[];
}

/**
 * Rows and columns whose cell centres lie in the box.
 *
 * @param name - of the file or field, for the message
 * @throws TramontanaError `Ingest.EmptyBoundingBox` with the extent of the grid
 */
export function windowOf(
  latitudesDegrees: Float64Array,
  longitudesDegrees: Float64Array,
  box: BoundingBox,
  name: string,
): GridWindow {
  const extent = {
    north: latitudesDegrees.reduce((a, b) => Math.max(a, b), -Infinity),
    west: longitudesDegrees.reduce((a, b) => Math.min(a, b), Infinity),
    south: latitudesDegrees.reduce((a, b) => Math.min(a, b), Infinity),
    east: longitudesDegrees.reduce((a, b) => Math.max(a, b), -Infinity),
  };
  if (!(box.north >= box.south)) {
    throw empty(box, extent, name, `north (${box.north}) must not be less than south (${box.south})`);
  }
  const isGlobe = box.east - box.west >= 360;
  const west = wrapLongitude(box.west);
  // The east edge of a box that ends at the 180th meridian is +180, not -180.
  const wrappedEast = wrapLongitude(box.east);
  const east = wrappedEast === -180 ? 180 : wrappedEast;
  const latitudeIndices: number[] = [];
  latitudesDegrees.forEach((latitude, index) => {
    if (latitude <= box.north + EDGE_TOLERANCE_DEGREES && latitude >= box.south - EDGE_TOLERANCE_DEGREES)
      latitudeIndices.push(index);
  });
  const longitudeIndices: number[] = [];
  longitudesDegrees.forEach((longitude, index) => {
    const afterWest = longitude >= west - EDGE_TOLERANCE_DEGREES;
    const beforeEast = longitude <= east + EDGE_TOLERANCE_DEGREES;
    if (isGlobe || (west <= east ? afterWest && beforeEast : afterWest || beforeEast)) longitudeIndices.push(index);
  });
  if (latitudeIndices.length === 0 || longitudeIndices.length === 0) {
    throw empty(box, extent, name, 'no cell centre lies inside');
  }
  return { latitudeIndices, longitudeIndices };
}

function empty(box: BoundingBox, extent: BoundingBox, name: string, reason: string): TramontanaError {
  return new TramontanaError(
    'Ingest.EmptyBoundingBox',
    `${name}: the bounding box ${describeBox(box)} is empty: ${reason}; expected a box that meets the cell centres ${describeBox(extent)}`,
    { facts: { files: name, boundingBox: box, extent } },
  );
}

/** A box in words. */
export function describeBox(box: BoundingBox): string {
  return `{north ${box.north}, west ${box.west}, south ${box.south}, east ${box.east}}`;
}

/**
 * The part of a field whose cell centres lie in the box.
 *
 * @throws TramontanaError `Ingest.EmptyBoundingBox` with the extent of the field
 */
export function selectBoundingBox<F extends GriddedField>(field: F, box: BoundingBox): F {
  const { latitudeIndices, longitudeIndices } = windowOf(
    field.latitudesDegrees,
    field.longitudesDegrees,
    box,
    sourceNames(field),
  );
  return cropField(field, latitudeIndices, longitudeIndices);
}

/** The rows and columns of a field with these indices. */
export function cropField<F extends GriddedField>(field: F, rows: readonly number[], columns: readonly number[]): F {
  const width = field.longitudesDegrees.length;
  const cells = field.latitudesDegrees.length * width;
  const crop = (values: Float64Array): Float64Array => {
    const result = new Float64Array(field.timesMs.length * rows.length * columns.length);
    let at = 0;
    for (let time = 0; time < field.timesMs.length; time += 1) {
      for (const row of rows) {
        for (const column of columns) result[at++] = float64At(values, time * cells + row * width + column);
      }
    }
    return result;
  };
  return {
    ...field,
    latitudesDegrees: Float64Array.from(rows, (row) => float64At(field.latitudesDegrees, row)),
    longitudesDegrees: Float64Array.from(columns, (column) => float64At(field.longitudesDegrees, column)),
    variables: field.variables.map((variable) => ({ ...variable, values: crop(variable.values) })),
  };
}
