// SPDX-License-Identifier: Apache-2.0
/**
 * A posterior on a fine grid too large to be held as a whole: read in bands of rows.
 *
 * @module
 */
import type { ExceedanceRun } from './area-means.js';
import type { FineGridPosterior } from './fine-grid-posterior.js';

/** Some rows of a fine grid. */
export interface PosteriorBand {
  /** In the whole grid, 0 for the northernmost one. */
  readonly firstRow: number;
  /** Its latitudes are those of the band. */
  readonly posterior: FineGridPosterior;
  /** On the cells of the band; empty where none are configured. */
  readonly exceedanceRuns: readonly ExceedanceRun[];
}

/** All rows of a fine grid, from north to south. */
export interface PosteriorBands {
  readonly resolutionDegrees: number;
  /** Of the whole grid. */
  readonly latitudesDegrees: Float64Array;
  readonly longitudesDegrees: Float64Array;
  /** Reads them anew at each call; every band has the same days and pollutants. */
  read(): AsyncIterable<PosteriorBand>;
}
