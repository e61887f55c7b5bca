// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ElevationGrid } from './elevation-grid.js';
import { withoutSeaFloor } from './sea-floor.js';
import { settledElevation } from './settle-elevation.js';

/** A grid of one row. */
function gridAt(
  latitude: number,
  longitude: number,
  elevations: readonly number[],
  describedAs?: string,
): ElevationGrid {
  return {
    ...{ file: 'dem.nc', extent: 'here' },
    latitudesDegrees: Float64Array.of(latitude),
    longitudesDegrees: Float64Array.from(elevations, (_, index) => longitude + index / 1000),
    elevationM: Float64Array.from(elevations),
    ...(describedAs === undefined ? {} : { describedAs }),
  };
}

const NORTH_SEA = [5, 2, -3, -25, -40, -60];

describe('elevations below the sea', () => {
  it('of a grid that says that it goes on under water are the surface of the sea', () => {
    for (const words of ['The GEBCO_2023 Grid', 'ETOPO 2022 (Bedrock; 60 arcseconds)', 'EMODnet Bathymetry']) {
      const { elevationM, seaFloorPixels } = withoutSeaFloor(gridAt(54, 5, NORTH_SEA, words));
      assert.deepEqual([...elevationM], [5, 2, 0, 0, 0, 0]);
      assert.equal(seaFloorPixels, 4);
    }
  });

  it('of a grid that does not say stay, with a warning that names the share and the lowest', () => {
    const grid = withoutSeaFloor(gridAt(54, 5, NORTH_SEA));
    assert.deepEqual([...grid.elevationM], NORTH_SEA);
    const cells = {
      latitudesDegrees: grid.latitudesDegrees,
      longitudesDegrees: grid.longitudesDegrees,
      resolutionDegrees: 0.001,
    };
    const { issues } = settledElevation(grid, cells, 'sea');
    assert.deepEqual(
      issues.map(({ severity, code }) => `${severity} ${code}`),
      ['warning elevation-below-sea'],
    );
    assert.match(issues[0]!.message, /33\.3 % of the elevations are below -30 m, the lowest -60 m.*cdo setrtoc/);
  });

  it('of polders, the Caspian shore and the depressions of land are land', () => {
    const land: readonly ElevationGrid[] = [
      gridAt(52, 4.7, [-7, -5, -2, 1]),
      gridAt(46.5, 51, [-28, -27, -26]),
      gridAt(31.5, 35.5, [-430, -415, -200]),
      gridAt(31.5, 35.5, [-430, -415, -200], 'The GEBCO_2023 Grid'),
      gridAt(36.2, -116.8, [-86, -80]),
    ];
    for (const grid of land) assert.equal(withoutSeaFloor(grid), grid);
  });

  it('deeper than any land are the sea floor whatever the grid says', () => {
    assert.deepEqual([...withoutSeaFloor(gridAt(43, 8, [10, -5, -2500])).elevationM], [10, 0, 0]);
  });
});
