// SPDX-License-Identifier: Apache-2.0
import { TramontanaError } from '../../common/errors.js';
import { issue, type QualityIssue } from '../quality/issue.js';
import { cellMeanElevation } from './cell-mean-elevation.js';
import { extentOf, type ElevationGrid } from './elevation-grid.js';

/**
 * What becomes of cells without an elevation: `sea` takes no data inside of the grid for the sea (0 m) and refuses cells beyond it,
 * `zero` takes both for 0 m, `exclude` leaves both out of the data and the products, `refuse` refuses both.
 */
export type ElevationOutside = 'sea' | 'zero' | 'exclude' | 'refuse';

/** Elevation of every cell, m, [latitude, longitude]. */
export interface SettledElevation {
  /** 0 where a cell is left out. */
  readonly elevationM: Float64Array;
  /** Per cell, whether it is left out; absent when none is. */
  readonly isExcluded?: readonly boolean[];
  readonly issues: readonly QualityIssue[];
}

/**
 * Mean elevation of cells, with those that have none settled as declared; see cellMeanElevation.
 *
 * @throws TramontanaError `Ingest.ElevationOutside`, naming the file, both extents and the remedies
 */
export function settledElevation(
  dem: ElevationGrid,
  cells: {
    readonly latitudesDegrees: Float64Array;
    readonly longitudesDegrees: Float64Array;
    readonly resolutionDegrees: number;
  },
  outside: ElevationOutside,
): SettledElevation {
  const { latitudesDegrees, longitudesDegrees, resolutionDegrees } = cells;
  const means = cellMeanElevation(dem, latitudesDegrees, longitudesDegrees, resolutionDegrees);
  const { elevationM, uncoveredCells, beyondCells } = means;
  const seaFloor = seaFloorIssues(dem);
  if (uncoveredCells === 0) return { elevationM, issues: seaFloor };
  const gaps = uncoveredCells - beyondCells;
  const refused = outside === 'refuse' ? uncoveredCells : outside === 'sea' ? beyondCells : 0;
  const counts = [
    ...(beyondCells > 0 ? [`${beyondCells} beyond the grid`] : []),
    ...(gaps > 0 ? [`${gaps} where it has no data`] : []),
  ].join(' and ');
  const facts = { file: dem.file, cells: elevationM.length, uncoveredCells, beyondCells, outside };
  if (refused > 0) {
    const extents = `the cells cover ${extentOf(latitudesDegrees, longitudesDegrees)}, the grid ${dem.extent}`;
    throw new TramontanaError(
      'Ingest.ElevationOutside',
      `${dem.file}: expected an elevation for each of ${elevationM.length} cells, got none for ${counts} (${extents}); give a grid that covers the domain, or write covariates.elevation.outside: zero to take them for 0 m, or exclude to leave them out`,
      { facts },
    );
  }
  const isExcluding = outside === 'exclude';
  return {
    elevationM: elevationM.map((value) => (Number.isNaN(value) ? 0 : value)),
    ...(isExcluding ? { isExcluded: Array.from(elevationM, (value) => Number.isNaN(value)) } : {}),
    issues: [
      ...seaFloor,
      issue(
        'warning',
        'elevation-gaps',
        `${dem.file}: ${uncoveredCells} of ${elevationM.length} cells have no elevation (${counts}); ${isExcluding ? 'left out' : 'taken as 0 m'} (covariates.elevation.outside: ${outside})`,
        facts,
      ),
    ],
  };
}

function seaFloorIssues({ file, seaFloorPixels, doubtfulDepths }: ElevationGrid): readonly QualityIssue[] {
  if (doubtfulDepths !== undefined) {
    const { share, lowestM, limitM } = doubtfulDepths;
    const message = `${file}: ${(100 * share).toFixed(1)} % of the elevations are below ${limitM} m, the lowest ${lowestM} m: the grid does not say whether that is land or the floor of a sea; taken as it is; if it is a sea, raise it to its surface: \`cdo setrtoc,-12000,0,0 IN.nc OUT.nc\``;
    return [issue('warning', 'elevation-below-sea', message, { file, share, lowestM })];
  }
  if (seaFloorPixels === undefined) return [];
  const message = `${file}: ${seaFloorPixels} elevations are those of the sea floor; taken as 0 m, the surface of the sea`;
  return [issue('info', 'sea-floor', message, { file, pixels: seaFloorPixels })];
}
