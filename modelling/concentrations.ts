// SPDX-License-Identifier: Apache-2.0
import type { FineGridPosterior } from '../artifacts/schemas/fine-grid-posterior.js';
import { entry } from '../common/entry.js';
import { TramontanaError } from '../common/errors.js';
import type { PredictionMoments } from '../inference-core/host-ts/contract/engine-model.js';
import type { ModelFrame } from './frame.js';
import type { FineGrid } from './prediction-designs.js';

export interface ConcentrationInputs {
  /** Moments of the designs of `buildPredictionDesigns`, in their order, standardised units. */
  readonly moments: readonly PredictionMoments[];
  readonly frame: Pick<ModelFrame, 'standardisation' | 'dayTable'>;
  readonly grid: FineGrid;
  /** Of `subMeshVariance`: one array a pollutant, added to the variance of each day. */
  readonly subMeshVariance?: readonly Float64Array[] | undefined;
  /** Passed on to the products. */
  readonly fineElevationM?: Float64Array | undefined;
}

/**
 * Takes moments back to concentrations: mean_k + sd_k m and sd_k sqrt(v + b + e^2) in ug m-3, with b the variance
 * between the nodes where it is given, and e the standard deviation of the errors of a forecast on days whose data are
 * one: they are shared by a region, so that no number of cells averages them out. The posterior stays Gaussian; means are
 * not cut at zero, so that they remain unbiased.
 *
 * @throws {TramontanaError} `Modelling.ShapeMismatch`, `Modelling.InvalidMoments` for a variance that is negative beyond rounding or not a number
 */
export function toConcentrations(inputs: ConcentrationInputs): FineGridPosterior {
  const { moments, frame, grid, fineElevationM } = inputs;
  const { standardisation, dayTable } = frame;
  const numCells = grid.latitudesDegrees.length * grid.longitudesDegrees.length;
  const expected = numCells * dayTable.length;
  if (moments.length !== standardisation.length) {
    throw new TramontanaError(
      'Modelling.ShapeMismatch',
      `Moments: expected one entry for each of ${standardisation.length} pollutants, got ${moments.length}`,
      { facts: { expected: standardisation.length, found: moments.length } },
    );
  }
  const variables = standardisation.map(({ pollutant, statistic, meanUgM3, sdUgM3 }, k) => {
    const { mean, variance } = entry(moments, k);
    if (mean.length !== expected || variance.length !== expected) {
      throw new TramontanaError(
        'Modelling.ShapeMismatch',
        `Moments of ${pollutant}: expected ${dayTable.length} days x ${numCells} cells, got ${mean.length} means and ${variance.length} variances`,
        { facts: { pollutant, expected, means: mean.length, variances: variance.length } },
      );
    }
    const between = inputs.subMeshVariance?.[k];
    if (inputs.subMeshVariance !== undefined && between?.length !== numCells) {
      throw new TramontanaError(
        'Modelling.ShapeMismatch',
        `Variance between nodes of ${pollutant}: expected ${numCells} cells, got ${between?.length ?? 'none'}`,
        { facts: { pollutant, expected: numCells, found: between?.length } },
      );
    }
    // Variances are differences of larger numbers: below zero by rounding only.
    const invalid = variance.findIndex((value, i) => !(value >= -1e-9) || !Number.isFinite(mean[i]));
    if (invalid >= 0) {
      throw new TramontanaError(
        'Modelling.InvalidMoments',
        `Moments of ${pollutant}: expected a finite mean and a variance of at least 0, got ${mean[invalid]} and ${variance[invalid]} ` +
          `on day ${dayTable[Math.floor(invalid / numCells)]?.date}, cell ${invalid % numCells}`,
        { facts: { pollutant, mean: mean[invalid], variance: variance[invalid], cell: invalid % numCells } },
      );
    }
    return {
      pollutant,
      units: 'ug m-3' as const,
      statistic,
      hasData: dayTable.map(({ observations }) => entry(observations, k) > 0),
      mean: mean.map((value) => meanUgM3 + sdUgM3 * value),
      sd: variance.map((value, i) => {
        const { forecastErrorSd = 0, observations } = entry(dayTable, Math.floor(i / numCells));
        const ofForecast = entry(observations, k) > 0 ? forecastErrorSd : 0;
        return sdUgM3 * Math.sqrt(Math.max(0, value) + (between?.[i % numCells] ?? 0) + ofForecast ** 2);
      }),
    };
  });
  return {
    resolutionDegrees: grid.resolutionDegrees,
    latitudesDegrees: grid.latitudesDegrees,
    longitudesDegrees: grid.longitudesDegrees,
    timesMs: Float64Array.from(dayTable, ({ timeMs }) => timeMs),
    origins: dayTable.map(({ origin }) => origin),
    ...(fineElevationM === undefined ? {} : { elevationM: fineElevationM }),
    variables,
  };
}
