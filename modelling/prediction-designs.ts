// SPDX-License-Identifier: Apache-2.0
import type { Mesh } from '../artifacts/schemas/mesh.js';
import { TramontanaError } from '../common/errors.js';
import type { PredictionDesign } from '../inference-core/host-ts/contract/engine-model.js';
import { arealProjector, type GeographicBox } from '../mesh/index.js';
import { checkElevation } from './coarse-data.js';
import type { ModelFrame } from './frame.js';

/** A regular grid of small cells; centres in degrees. */
export interface FineGrid {
  readonly resolutionDegrees: number;
  /** North to south. */
  readonly latitudesDegrees: Float64Array;
  /** West to east. */
  readonly longitudesDegrees: Float64Array;
}

export interface PredictionDesignInputs {
  readonly grid: FineGrid;
  readonly mesh: Mesh;
  readonly frame: Pick<ModelFrame, 'pollutants' | 'dayTable' | 'covariates'>;
  /** Cell-mean elevation of the fine cells in m, [latitude, longitude]; needed when the model has elevation. */
  readonly fineElevationM?: Float64Array | undefined;
  /** Sub-points a side that represent a fine cell. Default 3. */
  readonly subPointsPerSide?: number;
}

/** More cells than this are not computed as one. */
const MOST_CELLS = 4_000_000;

/** In tiles: a continent at 0.01 degree. */
export const MOST_TILED_CELLS = 100_000_000;

/**
 * Cells of the given size that cover a box, starting at its north-west corner; the last ones may stick out by less than a cell.
 *
 * @throws {TramontanaError} `Modelling.InvalidGrid` for a resolution that is not positive, or too fine for the box
 */
export function fineGrid(box: GeographicBox, resolutionDegrees: number, mostCells: number = MOST_CELLS): FineGrid {
  // A side of 2.2 degrees holds 110 cells of 0.02 degrees, although 2.2 / 0.02 is 110.00000000000001.
  const count = (side: number): number => Math.max(1, Math.ceil(side / resolutionDegrees - 1e-6));
  const numLatitudes = count(box.north - box.south);
  const numLongitudes = count(box.east - box.west);
  if (!(resolutionDegrees > 0) || !(numLatitudes * numLongitudes <= mostCells)) {
    throw new TramontanaError(
      'Modelling.InvalidGrid',
      `Fine grid: expected a resolution in degrees that gives at most ${mostCells} cells, got ${resolutionDegrees}, which gives ${numLatitudes} x ${numLongitudes}`,
      { facts: { resolutionDegrees, numLatitudes, numLongitudes, maximumCells: mostCells } },
    );
  }
  // Nine decimals: 0.1 mm, and 45.41 instead of 45.410000000000004.
  const tidy = (degrees: number): number => Number(degrees.toFixed(9));
  return {
    resolutionDegrees,
    latitudesDegrees: Float64Array.from({ length: numLatitudes }, (_, i) =>
      tidy(box.north - (i + 0.5) * resolutionDegrees),
    ),
    longitudesDegrees: Float64Array.from({ length: numLongitudes }, (_, j) =>
      tidy(box.west + (j + 0.5) * resolutionDegrees),
    ),
  };
}

/**
 * Rows of the linear predictor for all cells of the fine grid at all days, one design a pollutant: mean of the field over the
 * cell, intercept and, where the model has it, elevation.
 *
 * @returns designs in the order of the pollutants; they share their arrays
 * @throws {TramontanaError} `Modelling.MissingElevation`, `Modelling.ShapeMismatch`, `Mesh.PointOutside`
 */
export function buildPredictionDesigns(inputs: PredictionDesignInputs): PredictionDesign[] {
  const { grid, mesh, frame } = inputs;
  const step = grid.resolutionDegrees;
  const projector = arealProjector(
    mesh,
    { ...grid, latitudeStepDegrees: step, longitudeStepDegrees: step },
    { subPointsPerSide: inputs.subPointsPerSide ?? 3 },
  );
  const covariates = fineCovariates(inputs);
  const timeIndices = Int32Array.from(frame.dayTable, ({ timeIndex }) => timeIndex);
  return frame.pollutants.map((_, process) => ({ process, timeIndices, projector, covariates }));
}

/**
 * Covariates of the cells of a fine grid, [cell][covariate]: intercept and, where the model has it, elevation.
 *
 * @throws {TramontanaError} `Modelling.MissingElevation`, `Modelling.ShapeMismatch`
 */
export function fineCovariates({
  grid,
  frame,
  fineElevationM,
}: Pick<PredictionDesignInputs, 'grid' | 'frame' | 'fineElevationM'>): Float64Array {
  const { referenceElevationM, names } = frame.covariates;
  const numCells = grid.latitudesDegrees.length * grid.longitudesDegrees.length;
  const covariates = new Float64Array(numCells * names.length).fill(1);
  if (referenceElevationM === undefined) return covariates;
  if (fineElevationM === undefined) {
    throw new TramontanaError(
      'Modelling.MissingElevation',
      'Prediction: the model has elevation as a covariate; expected elevations of the fine cells in m, got none',
    );
  }
  checkElevation(fineElevationM, grid);
  fineElevationM.forEach((elevationM, cell) => {
    covariates[cell * names.length + 1] = (elevationM - referenceElevationM) / 1000;
  });
  return covariates;
}
