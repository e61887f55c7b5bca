// SPDX-License-Identifier: Apache-2.0
/** Means over invented areas, and days in a row, beside a synthetic posterior. */
import type { AreaMeans, ExceedanceRun } from '../../artifacts/schemas/area-means.js';
import type { FineGridPosterior } from '../../artifacts/schemas/fine-grid-posterior.js';
import type { ExceedanceThreshold } from '../../common/pollutants.js';

/** Names that a table must not break on. */
export const AREA_NAMES: readonly string[] = ['Ivrea', '=HYPERLINK("http://x")', 'Aosta, "Vallée"', '<b>Bra</b>'];

export function syntheticAreaMeans(
  posterior: FineGridPosterior,
  thresholds: readonly ExceedanceThreshold[],
): AreaMeans {
  const numAreas = AREA_NAMES.length;
  const size = posterior.timesMs.length * numAreas;
  const filled = (valueAt: (i: number) => number): Float64Array =>
    Float64Array.from({ length: size }, (_, i) => valueAt(i));
  return {
    areas: AREA_NAMES.map((name, area) => ({ name, shareInside: 1 - area / 10 })),
    leftOut: [
      { name: 'Genova', reason: '12 % of its surface lie in the cells of the products; at least 50 % are needed' },
    ],
    ...{ numBeyond: 7, numSamples: 200 },
    variables: posterior.variables.map(({ pollutant, statistic }) => ({
      ...{ pollutant, statistic },
      mean: filled((i) => 20 + i / 3),
      sd: filled(() => 1.5),
      q025: filled((i) => 17 + i / 3),
      q975: filled((i) => 23 + i / 3),
      exceedance: thresholds
        .filter((threshold) => threshold.pollutant === pollutant)
        .map(({ value_ug_m3 }) => ({ value_ug_m3, probability: filled((i) => (i % 5) / 4) })),
    })),
  };
}

/** Two days in a row of the first pollutant. */
export function syntheticRuns(posterior: FineGridPosterior): ExceedanceRun[] {
  const numCells = posterior.latitudesDegrees.length * posterior.longitudesDegrees.length;
  const probability = Float64Array.from({ length: posterior.timesMs.length * numCells }, (_, i) =>
    i < numCells ? NaN : (i % 5) / 4,
  );
  return posterior.variables
    .slice(0, 1)
    .map(({ pollutant }) => ({ pollutant, value_ug_m3: 12.5, days: 2, numSamples: 200, probability }));
}
