// SPDX-License-Identifier: Apache-2.0
/**
 * Elevations below the sea: land, or the floor of a sea on which the air does not lie. Depth alone tells only beyond 500 m: the
 * North Sea is shallower than the shore of the Dead Sea is low. So the grid's own words tell, and the few places of the Earth
 * where land lies deeper than 30 m are known.
 *
 * @module
 */
import { basename } from 'node:path';

import { float64At } from '../../common/entry.js';
import { LOWEST_LAND_M, type ElevationGrid } from './elevation-grid.js';

/** Polders (-7 m), the shores of the Caspian Sea (-28 m), and errors of radar along coasts are no deeper. */
const LOWEST_USUAL_LAND_M = -30;
/** Of fewer pixels than this share nothing is said. */
const NOTABLE_SHARE = 0.01;
/** Grids that go on under water, and what they call themselves. */
const SEA_FLOOR_WORDS = /bathym|sea[ _-]?floor|oceans and land|gebco|etopo|emodnet|srtm15/i;

/** Land deeper than 30 m: south, north, west and east in degrees, without a coast of the open sea. */
const DEPRESSIONS: readonly (readonly [south: number, north: number, west: number, east: number])[] = [
  [30.2, 33, 35.2, 35.8], // Dead Sea and Jordan valley, -430 m
  [28.4, 30.5, 25.5, 29], // Qattara, -133 m
  [29.2, 29.7, 30.2, 31], // Faiyum, -45 m
  [33.8, 34.8, 5.8, 7.2], // Chott Melrhir, -40 m
  [11.4, 14.6, 40, 41.2], // Danakil, -125 m
  [11.5, 11.8, 42.2, 42.5], // Lake Assal, -155 m
  [42.2, 43.4, 87.8, 90.5], // Turfan, -154 m
  [43.2, 43.8, 51.4, 52.2], // Karagiye, -132 m
  [39.5, 42.5, 56, 59.5], // Akchakaya and Sarykamysh, -81 m
  [35.5, 37.2, -117.5, -116], // Death Valley, -86 m
  [32.3, 34, -116.4, -115], // Salton Sea and Laguna Salada, -85 m
  [-49.8, -49.3, -68.6, -68.1], // Laguna del Carbon, -105 m
];

/**
 * The grid with the sea floor raised to 0 m, the surface of the sea, where it says that it goes on under water or is deeper than any
 * land. Where it does not say, its values stay, and depths below all usual land are told in `doubtfulDepths`.
 */
export function withoutSeaFloor(grid: ElevationGrid): ElevationGrid {
  const { elevationM, latitudesDegrees, longitudesDegrees } = grid;
  const columns = longitudesDegrees.length;
  const isWet = (index: number): boolean =>
    float64At(elevationM, index) < 0 &&
    !isDepression(
      float64At(latitudesDegrees, Math.floor(index / columns)),
      float64At(longitudesDegrees, index % columns),
    );
  let [known, wet, deep, lowestM] = [0, 0, 0, 0];
  elevationM.forEach((value, index) => {
    if (!Number.isNaN(value)) known += 1;
    if (!(value < 0) || !isWet(index)) return;
    wet += 1;
    if (value < LOWEST_USUAL_LAND_M) deep += 1;
    lowestM = Math.min(lowestM, value);
  });
  const isStated = SEA_FLOOR_WORDS.test(`${grid.describedAs ?? ''} ${basename(grid.file)}`);
  if (wet > 0 && (isStated || lowestM < LOWEST_LAND_M)) {
    return { ...grid, seaFloorPixels: wet, elevationM: elevationM.map((value, index) => (isWet(index) ? 0 : value)) };
  }
  if (deep < NOTABLE_SHARE * known || deep === 0) return grid;
  return { ...grid, doubtfulDepths: { share: deep / known, lowestM, limitM: LOWEST_USUAL_LAND_M } };
}

function isDepression(latitude: number, longitude: number): boolean {
  return DEPRESSIONS.some(
    ([south, north, west, east]) => latitude >= south && latitude <= north && longitude >= west && longitude <= east,
  );
}
