// SPDX-License-Identifier: Apache-2.0
/**
 * What is simulated: place, time, law of the fields, errors of the coarse data. README.md argues each choice.
 *
 * @module
 */

/** Edges in degrees; 14 x 22 coarse cells of 0.1 degree, 70 x 110 fine cells of 0.02 degree. */
export const DOMAIN = { north: 46.1, west: 8.6, south: 44.7, east: 10.8, coarseRows: 14, coarseColumns: 22 };

/** Fine cells along one side of a coarse cell. */
export const REFINEMENT = 5;

export const EARTH_RADIUS_KM = 6371.0088;

/** The elevation grid reaches this many fine cells beyond the domain. */
export const ELEVATION_MARGIN_CELLS = 10;

/** Days are UTC. The forecast starts on the day after the last analysis. */
export const TIME = { firstDay: '2026-03-02', analysisDays: 14, forecastDays: 4 };

export const SEED = 20260302;

/**
 * The pollutants in the order in which the model couples them.
 *
 * unitField: ranges of the unit field u_k (spatial range sqrt(8)/g, temporal range as in mathematics of the model).
 * scale_ug_m3: s_k. intercept and elevation effect: mean at sea level and change per km of height.
 * observationSd_ug_m3: independent error of a coarse daily analysis value against the mean of the truth over the cell.
 */
export const POLLUTANTS = [
  {
    id: 'pm2_5',
    unitField: { rangeKm: 150, rangeDays: 8 },
    scale_ug_m3: 6.5,
    intercept_ug_m3: 29,
    elevationEffect_ug_m3_per_km: -6,
    observationSd_ug_m3: 0.5,
  },
  {
    id: 'pm10',
    unitField: { rangeKm: 110, rangeDays: 5 },
    scale_ug_m3: 3.6,
    intercept_ug_m3: 43,
    elevationEffect_ug_m3_per_km: -7.5,
    observationSd_ug_m3: 0.65,
  },
  {
    id: 'o3',
    unitField: { rangeKm: 160, rangeDays: 6 },
    scale_ug_m3: 10,
    intercept_ug_m3: 74,
    elevationEffect_ug_m3_per_km: 8,
    observationSd_ug_m3: 0.9,
  },
];

/** v0 = s0 u0; v1 = l01 v0 + s1 u1; v2 = l12 v0 + l02 v1 + s2 u2 (ug m-3). */
export const COREGIONALISATION = { l01: 1.2, l02: -0.2, l12: -0.45 };

/**
 * Errors of the forecast days, one entry a lead day. `independentFactor` multiplies the analysis' observation sd.
 * `weatherShare` scales an independent copy of the weather-driven field (same correlations in space, time and between
 * pollutants) that is added to the coarse values: a forecast goes wrong over whole regions, not cell by cell.
 */
export const FORECAST_ERROR = { independentFactor: [1.25, 1.5, 1.75, 2], weatherShare: [0.2, 0.3, 0.4, 0.5] };
