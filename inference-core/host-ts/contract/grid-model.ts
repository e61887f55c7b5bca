// SPDX-License-Identifier: Apache-2.0
/**
 * Complete regular grids, the engine's second solver: no mesh, cost linear in the cells.
 *
 * @module
 */
import type { EngineModel, ThetaPrior } from './engine-model.js';

/** Cells of one size without gaps; row 0 and column 0 are one corner, whichever. */
export interface RegularGrid {
  readonly numRows: number;
  readonly numColumns: number;
  /** In the unit of the ranges. */
  readonly cellHeight: number;
  readonly cellWidth: number;
}

/** Gaussian observations of one process with one noise: a value for each cell at each of some steps. */
export interface GridGroup {
  readonly process: number;
  /** Steps, 0-based, ascending. */
  readonly timeIndex: Int32Array;
  /** [step of timeIndex][row][column]. */
  readonly y: Float64Array;
  /** [covariate][row][column]: the same at all steps. */
  readonly covariates: Float64Array;
  /** Equal in all groups of a process. */
  readonly numCovariates: number;
  /** Relative precision of each step of timeIndex. Default 1. */
  readonly weights?: Float64Array;
}

/**
 * Fields on the plane seen as means of cells. Theta and its priors are those of an `EngineModel` of the same kind with these groups,
 * so that a fit of one serves the other.
 */
export interface GridModel {
  readonly kind: 'exact-diffusion' | 'separable' | 'spatial';
  readonly grid: RegularGrid;
  readonly numTimeSteps: number;
  /** At least one a process. */
  readonly groups: readonly GridGroup[];
  readonly fixedEffectsPriorPrecision: number;
  /** One prior a component of theta. */
  readonly priors: readonly ThetaPrior[];
}

/** A grid has `grid`, a model on a mesh has not. */
export function isGridModel(model: EngineModel | GridModel): model is GridModel {
  return 'grid' in model;
}

/** Intervals of one width along an axis of the grid, by their centres' distances from the corner of cell 0. */
export interface GridIntervals {
  readonly centres: Float64Array;
  /** 0: points. */
  readonly width: number;
}

/** Predictors without noise to be summarised: means over rectangles, at some steps. */
export interface GridPredictionDesign {
  readonly process: number;
  /** Any steps of the model, observed or not. */
  readonly timeIndices: Int32Array;
  readonly rows: GridIntervals;
  readonly columns: GridIntervals;
  /** [covariate of the process][row][column]. */
  readonly covariates: Float64Array;
  /** Modes a data cell and axis; odd. Those beyond add a known variance, the same everywhere. Default 5. */
  readonly modesPerCell?: number;
}
