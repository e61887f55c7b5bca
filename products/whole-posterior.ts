// SPDX-License-Identifier: Apache-2.0
import type { PosteriorBand, PosteriorBands } from '../artifacts/schemas/posterior-bands.js';
import type { ProductInputs } from './product-types.js';

/** The fine grid of the products: in bands where it is too large to be held, else the posterior as a single band. */
export function bandsOf({
  bands,
  posterior,
  exceedanceRuns = [],
}: Pick<ProductInputs, 'bands' | 'posterior' | 'exceedanceRuns'>): PosteriorBands {
  if (bands !== undefined) return bands;
  const { resolutionDegrees, latitudesDegrees, longitudesDegrees } = posterior;
  return {
    resolutionDegrees,
    latitudesDegrees,
    longitudesDegrees,
    read: () => single({ firstRow: 0, posterior, exceedanceRuns }),
  };
}

// a generator has to be asynchronous to be one of several bands, and this one waits for nothing
// eslint-disable-next-line @typescript-eslint/require-await
async function* single(band: PosteriorBand): AsyncGenerator<PosteriorBand> {
  yield band;
}
