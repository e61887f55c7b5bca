// SPDX-License-Identifier: Apache-2.0
/**
 * The simulated world: terrain, true daily fields on the fine grid, and the coarse daily values that a model with the
 * stated errors would report of them.
 *
 * @module
 */
import { cosineAndSineOfTurns } from './elementary.mjs';
import { normalDeviates } from './random.mjs';
import {
  COREGIONALISATION,
  DOMAIN,
  EARTH_RADIUS_KM,
  ELEVATION_MARGIN_CELLS,
  FORECAST_ERROR,
  POLLUTANTS,
  REFINEMENT,
  SEED,
  TIME,
} from './scenario.mjs';
import { terrain } from './terrain.mjs';
import { drawUnitFields } from './unit-field.mjs';

export const DAYS = TIME.analysisDays + TIME.forecastDays;

const COARSE_DEGREES = 0.1;
const FINE_DEGREES = COARSE_DEGREES / REFINEMENT;

/** The local plane: degrees become km with the scale at the centre of the domain. */
export const PLANE = (() => {
  const latitude = (DOMAIN.north + DOMAIN.south) / 2;
  const kmPerDegreeNorth = (EARTH_RADIUS_KM * Math.PI) / 180;
  return { latitude, kmPerDegreeNorth, kmPerDegreeEast: kmPerDegreeNorth * cosineAndSineOfTurns(latitude / 360)[0] };
})();

/** 799 x 1139 km: at least 3.9 times the longest range lies between the domain and its periodic image. */
export const TORUS = {
  columns: 512,
  rows: 512,
  cellWidthKm: FINE_DEGREES * PLANE.kmPerDegreeEast,
  cellHeightKm: FINE_DEGREES * PLANE.kmPerDegreeNorth,
};

/** Cell centres, north to south and west to east, in degrees rounded to 1e-6; `margin` in cells. */
function gridOf(rows, columns, cellDegrees, margin = 0) {
  const centre = (edge, index) => Math.round((edge + (index + 0.5) * cellDegrees) * 1e6) / 1e6;
  return {
    cellDegrees,
    latitudes: Float64Array.from({ length: rows + 2 * margin }, (_, i) => centre(DOMAIN.north, margin - i - 1)),
    longitudes: Float64Array.from({ length: columns + 2 * margin }, (_, i) => centre(DOMAIN.west, i - margin)),
  };
}

export const COARSE_GRID = gridOf(DOMAIN.coarseRows, DOMAIN.coarseColumns, COARSE_DEGREES);
export const FINE_GRID = gridOf(DOMAIN.coarseRows * REFINEMENT, DOMAIN.coarseColumns * REFINEMENT, FINE_DEGREES);
export const ELEVATION_GRID = gridOf(
  FINE_GRID.latitudes.length,
  FINE_GRID.longitudes.length,
  FINE_DEGREES,
  ELEVATION_MARGIN_CELLS,
);

/**
 * Simulates everything; the terrain is the same for every seed.
 *
 * @param {number} seed of the weather, the errors of its forecast and those of the cells
 * @returns {{
 *   elevationM: Float32Array,
 *   coarseElevationM: Float64Array,
 *   truth: Float64Array[],
 *   coarse: Float64Array[],
 *   clipped: {truthCells: number, coarseCells: number},
 * }} elevation on ELEVATION_GRID and as means over the coarse cells; per pollutant the truth [day, fine cells] and the
 *   reported daily values [day, coarse cells], both in ug m-3, negative values set to 0 and counted
 */
export function simulate(seed) {
  const elevationM = terrain(ELEVATION_GRID, SEED ^ 0x7e44a1);
  const fineElevationM = withoutMargin(elevationM);
  const window = { columns: FINE_GRID.longitudes.length, rows: FINE_GRID.latitudes.length, days: DAYS };
  const pairs = POLLUTANTS.map(({ unitField }, index) => drawUnitFields(unitField, TORUS, window, seed + index));
  const weather = coregionalise(pairs.map(({ first }) => first));
  const forecastFault = coregionalise(pairs.map(({ second }) => second));
  const cells = window.columns * window.rows;
  const clipped = { truthCells: 0, coarseCells: 0 };
  const truth = POLLUTANTS.map(({ intercept_ug_m3, elevationEffect_ug_m3_per_km }, index) =>
    weather[index].map((deviation, at) => {
      const mean = intercept_ug_m3 + (elevationEffect_ug_m3_per_km * fineElevationM[at % cells]) / 1000;
      if (mean + deviation < 0) clipped.truthCells += 1;
      return Math.max(0, mean + deviation);
    }),
  );
  const normal = normalDeviates(seed + 1000);
  const coarse = POLLUTANTS.map(({ observationSd_ug_m3 }, index) => {
    const areal = coarseMeans(truth[index], DAYS);
    const fault = coarseMeans(forecastFault[index], DAYS);
    const coarseCells = areal.length / DAYS;
    return areal.map((value, at) => {
      const lead = Math.floor(at / coarseCells) - TIME.analysisDays;
      const independent = normal() * observationSd_ug_m3;
      const reported =
        lead < 0
          ? value + independent
          : value +
            FORECAST_ERROR.independentFactor[lead] * independent +
            FORECAST_ERROR.weatherShare[lead] * fault[at];
      if (reported < 0) clipped.coarseCells += 1;
      return Math.max(0, reported);
    });
  });
  return { elevationM, coarseElevationM: coarseMeans(Float64Array.from(fineElevationM), 1), truth, coarse, clipped };
}

/** v0 = s0 u0; v1 = l01 v0 + s1 u1; v2 = l12 v0 + l02 v1 + s2 u2. */
function coregionalise([u0, u1, u2]) {
  const [s0, s1, s2] = POLLUTANTS.map(({ scale_ug_m3 }) => scale_ug_m3);
  const { l01, l02, l12 } = COREGIONALISATION;
  const v0 = u0.map((value) => s0 * value);
  const v1 = u1.map((value, at) => l01 * v0[at] + s1 * value);
  const v2 = u2.map((value, at) => l12 * v0[at] + l02 * v1[at] + s2 * value);
  return [v0, v1, v2];
}

/** Means over the coarse cells of a fine field of shape [days, fine cells]. */
function coarseMeans(fine, days) {
  const { coarseRows, coarseColumns } = DOMAIN;
  const fineColumns = coarseColumns * REFINEMENT;
  const fineCells = coarseRows * REFINEMENT * fineColumns;
  const means = new Float64Array(days * coarseRows * coarseColumns);
  for (let at = 0; at < days * fineCells; at++) {
    const day = Math.floor(at / fineCells);
    const row = Math.floor((at % fineCells) / fineColumns / REFINEMENT);
    const column = Math.floor((at % fineColumns) / REFINEMENT);
    means[(day * coarseRows + row) * coarseColumns + column] += fine[at] / REFINEMENT ** 2;
  }
  return means;
}

function withoutMargin(elevationM) {
  const columns = FINE_GRID.longitudes.length;
  const stride = ELEVATION_GRID.longitudes.length;
  return Float32Array.from({ length: columns * FINE_GRID.latitudes.length }, (_, at) => {
    const row = Math.floor(at / columns) + ELEVATION_MARGIN_CELLS;
    return elevationM[row * stride + (at % columns) + ELEVATION_MARGIN_CELLS];
  });
}
