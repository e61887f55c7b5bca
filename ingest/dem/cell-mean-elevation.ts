// SPDX-License-Identifier: Apache-2.0
import { float64At } from '../../common/entry.js';
import type { TramontanaError } from '../../common/errors.js';
import { issue, type QualityIssue } from '../quality/issue.js';
import { extentOf, type ElevationGrid } from './elevation-grid.js';
import { elevationOutside } from './elevation-window.js';

/** Share of the part of a cell inside of the grid that must be known for a mean. */
const MINIMUM_KNOWN_SHARE = 0.5;

/** Sums of some thousand weights agree to this share. */
const ROUNDING = 1e-9;

/** Area means of elevation over cells. */
export interface CellElevation {
  /** Metres, shape [latitude, longitude]; NaN where the grid does not touch the cell or knows less than half of what it covers. */
  readonly elevationM: Float64Array;
  /** Cells without an elevation. */
  readonly uncoveredCells: number;
  /** Those of them that lie beyond the grid. */
  readonly beyondCells: number;
  readonly issues: readonly QualityIssue[];
}

/** Overlap of one cell with the pixels of one axis: pixels first.. with their weights. */
interface Overlap {
  readonly first: number;
  readonly weights: readonly number[];
  readonly total: number;
}

/**
 * Mean elevation of square cells, exact for pixels that a cell cuts: each pixel counts by the area on the sphere that it
 * shares with the cell, (sin latitude_1 - sin latitude_0) (longitude_1 - longitude_0). Unknown pixels do not count, and of a cell on
 * the rim of the grid the part inside decides.
 *
 * @param latitudes - cell centres, degrees
 * @param longitudes - cell centres, degrees, in [-180, 180)
 * @param resolutionDegrees - side of the cells, degrees
 * @throws TramontanaError `Ingest.ElevationOutside` when the grid covers none of the cells
 */
export function cellMeanElevation(
  dem: ElevationGrid,
  latitudes: Float64Array,
  longitudes: Float64Array,
  resolutionDegrees: number,
): CellElevation {
  if (!(resolutionDegrees > 0)) throw new RangeError(`resolutionDegrees must be positive, got ${resolutionDegrees}`);
  const sine = (degrees: number): number => Math.sin((degrees * Math.PI) / 180);
  const rows = overlaps(dem.latitudesDegrees, latitudes, resolutionDegrees, sine);
  const columns = overlaps(dem.longitudesDegrees, longitudes, resolutionDegrees, (degrees) => degrees);
  const width = dem.longitudesDegrees.length;
  const elevationM = new Float64Array(latitudes.length * longitudes.length);
  let uncoveredCells = 0;
  let beyondCells = 0;
  rows.forEach((row, i) => {
    columns.forEach((column, j) => {
      let sum = 0;
      let area = 0;
      row.weights.forEach((rowWeight, k) => {
        const base = (row.first + k) * width + column.first;
        column.weights.forEach((columnWeight, l) => {
          const value = float64At(dem.elevationM, base + l);
          if (Number.isNaN(value)) return;
          sum += rowWeight * columnWeight * value;
          area += rowWeight * columnWeight;
        });
      });
      const inside = row.total * column.total;
      const isCovered = inside > 0 && area >= MINIMUM_KNOWN_SHARE * inside * (1 - ROUNDING);
      if (!(inside > 0)) beyondCells += 1;
      elevationM[i * longitudes.length + j] = isCovered ? sum / area : NaN;
      if (!isCovered) uncoveredCells += 1;
    });
  });
  if (uncoveredCells === elevationM.length) throw outside(dem, latitudes, longitudes);
  const issues: QualityIssue[] =
    uncoveredCells === 0
      ? []
      : [
          issue(
            'warning',
            'elevation-gaps',
            `${dem.file}: ${uncoveredCells} of ${elevationM.length} cells have no elevation; the grid covers ${dem.extent}`,
            {
              file: dem.file,
              uncoveredCells,
              cells: elevationM.length,
            },
          ),
        ];
  return { elevationM, uncoveredCells, beyondCells, issues };
}

/**
 * Overlaps of cells with pixels along one axis, measured by `measure` (the sine of latitude, longitude itself). Pixel edges lie
 * midway between centres; the outer ones as far out as the next inner ones lie in.
 */
function overlaps(
  centres: Float64Array,
  cells: Float64Array,
  resolution: number,
  measure: (degrees: number) => number,
): readonly Overlap[] {
  const edges = pixelEdges(centres, resolution);
  const isDescending = float64At(edges, 0) > float64At(edges, edges.length - 1);
  return Array.from(cells, (cell) => {
    const low = cell - resolution / 2;
    const high = cell + resolution / 2;
    const weights: number[] = [];
    let first = -1;
    // Edges are monotonic: skip to the first pixel that touches the cell, stop after the last.
    for (let pixel = firstTouching(edges, isDescending, low, high); pixel < centres.length; pixel += 1) {
      const [a, b] = isDescending
        ? [float64At(edges, pixel + 1), float64At(edges, pixel)]
        : [float64At(edges, pixel), float64At(edges, pixel + 1)];
      const [from, to] = [Math.max(a, low), Math.min(b, high)];
      if (!(to > from)) break;
      if (first < 0) first = pixel;
      weights.push(measure(to) - measure(from));
    }
    return { first: Math.max(first, 0), weights, total: weights.reduce((sum, weight) => sum + weight, 0) };
  });
}

function firstTouching(edges: Float64Array, isDescending: boolean, low: number, high: number): number {
  let left = 0;
  let right = edges.length - 1;
  // Binary search of the first pixel whose far edge lies beyond the near side of the cell.
  while (left < right) {
    const middle = (left + right) >> 1;
    const isBefore = isDescending ? float64At(edges, middle + 1) >= high : float64At(edges, middle + 1) <= low;
    if (isBefore) left = middle + 1;
    else right = middle;
  }
  return left;
}

function pixelEdges(centres: Float64Array, fallbackStep: number): Float64Array {
  const count = centres.length;
  const edges = new Float64Array(count + 1);
  for (let i = 1; i < count; i += 1) edges[i] = (float64At(centres, i - 1) + float64At(centres, i)) / 2;
  const firstHalf = count > 1 ? float64At(centres, 0) - float64At(edges, 1) : fallbackStep / 2;
  const lastHalf = count > 1 ? float64At(centres, count - 1) - float64At(edges, count - 1) : -fallbackStep / 2;
  edges[0] = float64At(centres, 0) + firstHalf;
  edges[count] = float64At(centres, count - 1) + lastHalf;
  return edges;
}

function outside(dem: ElevationGrid, latitudes: Float64Array, longitudes: Float64Array): TramontanaError {
  return elevationOutside(dem.file, `the cells ${extentOf(latitudes, longitudes)}`, dem.extent);
}
