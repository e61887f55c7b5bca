// SPDX-License-Identifier: Apache-2.0
import { float64At } from '../common/entry.js';
import type { GridIntervals, GridPredictionDesign } from '../inference-core/host-ts/contract/grid-model.js';
import { cellSizeKm, cellSteps, type CellCentres } from './coarse-data.js';
import type { ModelFrame } from './frame.js';
import { fineCovariates, type FineGrid } from './prediction-designs.js';

export interface GridDesignInputs {
  readonly grid: FineGrid;
  /** The coarse cells of the model. */
  readonly field: CellCentres;
  readonly frame: Pick<ModelFrame, 'pollutants' | 'dayTable' | 'covariates'>;
  /** Cell-mean elevation of the fine cells in m, [latitude, longitude]; needed when the model has elevation. */
  readonly fineElevationM?: Float64Array | undefined;
}

/** Fewer modes a coarse cell leave out what its own mean tells of its inside; more are beyond the engine. */
const MODES = { least: 3, most: 15 } as const;

/**
 * Linear predictors of all cells of the fine grid at all days by a complete grid, one design a pollutant: mean of the field over
 * the cell, intercept and, where the model has it, elevation. They are `buildPredictionDesigns` without a mesh.
 *
 * The fine grid covers the box of the domain, the coarse cells are those whose centres lie in it, so that their rectangle may end
 * up to half a coarse cell within the box. A fine cell whose centre lies beyond the rectangle takes the field at its edge: cosines
 * have no slope there, so that nothing is extrapolated.
 *
 * Modes a coarse cell and axis: the odd number at or above coarse cells over fine ones, from 3 to 15.
 *
 * @returns designs in the order of the pollutants; they share their arrays
 * @throws {TramontanaError} `Modelling.MissingElevation`, `Modelling.ShapeMismatch`, `Modelling.IrregularGrid`
 */
export function buildGridDesigns(inputs: GridDesignInputs): GridPredictionDesign[] {
  const { grid, field, frame } = inputs;
  const { latitudeStepDegrees, longitudeStepDegrees } = cellSteps(field);
  const { heightKm, widthKm } = cellSizeKm(field);
  const ratio = Math.max(latitudeStepDegrees, longitudeStepDegrees) / grid.resolutionDegrees;
  const axes = {
    rows: intervals(grid, grid.latitudesDegrees, field.latitudesDegrees, {
      stepDegrees: latitudeStepDegrees,
      sideKm: heightKm,
    }),
    columns: intervals(grid, grid.longitudesDegrees, field.longitudesDegrees, {
      stepDegrees: longitudeStepDegrees,
      sideKm: widthKm,
    }),
  };
  const covariates = byCovariate(fineCovariates(inputs), frame.covariates.names.length);
  const timeIndices = Int32Array.from(frame.dayTable, ({ timeIndex }) => timeIndex);
  return frame.pollutants.map((_, process) => ({
    ...{ process, timeIndices, ...axes, covariates },
    modesPerCell: modesPerCell(ratio),
  }));
}

function modesPerCell(ratio: number): number {
  // 0.1 / 0.02 need not be 5 to the last bit
  const whole = Math.ceil(ratio - 1e-6);
  return Math.min(MODES.most, Math.max(MODES.least, whole + ((whole + 1) % 2)));
}

/** Fine intervals along one axis by their distances from the outer edge of the first coarse cell, km. */
function intervals(
  { resolutionDegrees }: FineGrid,
  fineDegrees: Float64Array,
  coarseDegrees: Float64Array,
  { stepDegrees, sideKm }: { readonly stepDegrees: number; readonly sideKm: number },
): GridIntervals {
  const first = float64At(coarseDegrees, 0);
  // latitudes run from north to south, longitudes from west to east
  const direction = Math.sign(float64At(coarseDegrees, coarseDegrees.length - 1) - first) || 1;
  const kmPerDegree = sideKm / stepDegrees;
  // as the engine multiplies it, to the last bit: it refuses centres beyond
  const lengthKm = sideKm * coarseDegrees.length;
  return {
    width: Math.min(resolutionDegrees * kmPerDegree, lengthKm),
    centres: fineDegrees.map((degrees) => {
      const km = (direction * (degrees - first) + stepDegrees / 2) * kmPerDegree;
      return Math.min(lengthKm, Math.max(0, km));
    }),
  };
}

/** [cell][covariate] as [covariate][cell]. */
function byCovariate(covariates: Float64Array, numCovariates: number): Float64Array {
  const numCells = covariates.length / numCovariates;
  return covariates.map((_, i) => float64At(covariates, (i % numCells) * numCovariates + Math.floor(i / numCells)));
}
