// SPDX-License-Identifier: Apache-2.0
import { float64At } from '../../common/entry.js';
import { CAMS_CELL_DEGREES, medianStepDegrees } from '../../artifacts/schemas/grid.js';
import type { GriddedField } from '../../artifacts/schemas/gridded-field.js';
import { describeBox } from '../bounding-box.js';
import type { BoundingBox } from '../labelled-field.js';
import { issue, type QualityIssue } from './issue.js';

/**
 * Compares the extent of the data with the box that a map is wanted of. A box whose edges do not fall on edges of cells is
 * fine; one that reaches further than a cell beyond the data, or holes in them, is a warning with the share that they cover.
 */
export function assessExtent(field: GriddedField, box: BoundingBox): readonly QualityIssue[] {
  const step = (values: Float64Array): number => {
    const found = medianStepDegrees(values);
    return Number.isNaN(found) ? CAMS_CELL_DEGREES : found;
  };
  const { latitudesDegrees: latitudes, longitudesDegrees: longitudes } = field;
  const [dy, dx] = [step(latitudes), step(longitudes)];
  const data: BoundingBox = {
    north: round(Math.max(...latitudes) + dy / 2),
    west: round(Math.min(...longitudes) - dx / 2),
    south: round(Math.min(...latitudes) - dy / 2),
    east: round(Math.max(...longitudes) + dx / 2),
  };
  const isCovered =
    box.north - data.north <= dy &&
    data.south - box.south <= dy &&
    box.east - data.east <= dx &&
    data.west - box.west <= dx;
  const holes = [
    holeShare(latitudes, dy, box.south, box.north),
    holeShare(longitudes, dx, box.west, box.east),
  ] as const;
  if (isCovered && holes.every((share) => share === 0)) return [];
  const overlap = (low: number, high: number, lowData: number, highData: number): number =>
    Math.max(0, Math.min(high, highData) - Math.max(low, lowData)) / (high - low);
  const share =
    (overlap(box.south, box.north, data.south, data.north) - holes[0]) *
    (overlap(box.west, box.east, data.west, data.east) - holes[1]);
  const gaps = holes.some((hole) => hole > 0) ? ', with rows or columns of cells left out between them' : '';
  const percent = Math.round(100 * share);
  return [
    issue(
      'warning',
      'domain-larger-than-data',
      `the data cover ${percent} % of the domain: ${describeBox(data)} of ${describeBox(box)}${gaps}; beyond them the map is extrapolated`,
      { share, data, domain: box },
    ),
  ];
}

/** A gap between neighbours this many steps wide misses cells; uneven grids (Gaussian ones) stay far below. */
const HOLE_STEPS = 1.5;

/** Share of the side of a box that lies between cells that are no neighbours, as where tiles were joined with one left out. */
function holeShare(values: Float64Array, step: number, low: number, high: number): number {
  const ascending = Float64Array.from(values).sort();
  const missing = Array.from(ascending.subarray(1), (value, index) => {
    const [from, to] = [float64At(ascending, index) + step / 2, value - step / 2];
    return to - from < (HOLE_STEPS - 1) * step ? 0 : Math.max(0, Math.min(to, high) - Math.max(from, low));
  });
  return missing.reduce((sum, length) => sum + length, 0) / (high - low);
}

/** Noise of coordinates off. */
function round(degrees: number): number {
  return Math.round(degrees * 1e6) / 1e6;
}
