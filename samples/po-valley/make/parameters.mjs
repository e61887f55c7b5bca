// SPDX-License-Identifier: Apache-2.0
import {
  COREGIONALISATION,
  DOMAIN,
  EARTH_RADIUS_KM,
  FORECAST_ERROR,
  POLLUTANTS,
  REFINEMENT,
  TIME,
} from './scenario.mjs';
import { PLANE, TORUS } from './simulation.mjs';

/**
 * The content of parameters.json: what was put in (the law) and what came out (this draw).
 *
 * @param {ReturnType<typeof import('./simulation.mjs').simulate>} world
 * @param {number} seed of that draw
 */
export function parametersOf(world, seed) {
  return {
    about: 'Simulated data. Parameters of the sample domain po-valley; units in the names; see README.md.',
    domain: DOMAIN,
    time: TIME,
    refinement: REFINEMENT,
    seed,
    plane: {
      earthRadiusKm: EARTH_RADIUS_KM,
      latitudeOfTrueScaleDegrees: rounded(PLANE.latitude),
      kmPerDegreeEast: rounded(PLANE.kmPerDegreeEast),
      kmPerDegreeNorth: rounded(PLANE.kmPerDegreeNorth),
      torusKm: [rounded(TORUS.columns * TORUS.cellWidthKm), rounded(TORUS.rows * TORUS.cellHeightKm)],
    },
    model: {
      unitField:
        'Ornstein-Uhlenbeck per spatial frequency k (rad/km): decay (g^2 + |k|^2) / gt per day, variance proportional to (g^2 + |k|^2)^-2, g = sqrt(8) / rangeKm, gt = rangeDays g^2 / 2; point variance 1',
      coregionalisation: 'v0 = s0 u0; v1 = l01 v0 + s1 u1; v2 = l12 v0 + l02 v1 + s2 u2 (ug m-3)',
      mean: 'intercept + elevation effect x elevation of the 0.02 degree cell (km)',
      analysis: 'mean of the truth over the 0.1 degree cell + independent Gaussian error, observationSd_ug_m3',
      forecast:
        'as the analysis with sd x independentFactor[lead day], plus weatherShare[lead day] x an independent copy of (v0, v1, v2), also a mean over the cell',
    },
    pollutants: POLLUTANTS,
    coregionalisation: COREGIONALISATION,
    forecastError: FORECAST_ERROR,
    implied: impliedMoments(),
    draw: drawMoments(world),
  };
}

/** Standard deviations and correlations of the weather-driven fields that the parameters imply. */
function impliedMoments() {
  const [s0, s1, s2] = POLLUTANTS.map(({ scale_ug_m3 }) => scale_ug_m3);
  const { l01, l02, l12 } = COREGIONALISATION;
  const loadings = [
    [s0, 0, 0],
    [l01 * s0, s1, 0],
    [(l12 + l02 * l01) * s0, l02 * s1, s2],
  ];
  const covariance = (i, j) => loadings[i].reduce((sum, value, k) => sum + value * loadings[j][k], 0);
  const sd = loadings.map((_, i) => Math.sqrt(covariance(i, i)));
  return {
    weatherSd_ug_m3: sd.map(rounded),
    correlations: correlationsBy((i, j) => covariance(i, j) / (sd[i] * sd[j])),
    noiseShareOfVariance: POLLUTANTS.map(({ observationSd_ug_m3 }, i) =>
      rounded(observationSd_ug_m3 ** 2 / (observationSd_ug_m3 ** 2 + sd[i] ** 2)),
    ),
  };
}

/** Moments of the truth over all fine cells and days. */
function drawMoments({ truth, clipped, elevationM }) {
  const mean = truth.map((values) => values.reduce((sum, value) => sum + value, 0) / values.length);
  const covariance = (i, j) =>
    truth[i].reduce((sum, value, at) => sum + (value - mean[i]) * (truth[j][at] - mean[j]), 0) / truth[i].length;
  const sd = truth.map((_, i) => Math.sqrt(covariance(i, i)));
  return {
    truthMean_ug_m3: mean.map(rounded),
    truthSd_ug_m3: sd.map(rounded),
    truthMinimum_ug_m3: truth.map((values) => rounded(values.reduce((low, value) => Math.min(low, value), Infinity))),
    truthMaximum_ug_m3: truth.map((values) =>
      rounded(values.reduce((high, value) => Math.max(high, value), -Infinity)),
    ),
    correlations: correlationsBy((i, j) => covariance(i, j) / (sd[i] * sd[j])),
    shareOfCellDaysWithPm10BelowPm2_5: rounded(
      truth[0].reduce((count, value, at) => count + (truth[1][at] < value ? 1 : 0), 0) / truth[0].length,
    ),
    highestCellM: rounded(elevationM.reduce((high, value) => Math.max(high, value), 0)),
    clippedToZero: clipped,
  };
}

function correlationsBy(correlation) {
  return {
    pm2_5_pm10: rounded(correlation(0, 1)),
    pm2_5_o3: rounded(correlation(0, 2)),
    pm10_o3: rounded(correlation(1, 2)),
  };
}

/** Four decimals: enough to read, and stable against the order of summation. */
function rounded(value) {
  return Math.round(value * 1e4) / 1e4;
}
