// SPDX-License-Identifier: Apache-2.0
/**
 * What joint draws of the maps of a complete grid are asked for, and what they tell.
 *
 * @module
 */
import type { GridPredictionDesign } from './grid-model.js';

/** All of some consecutive steps of a design above a threshold. */
export interface ExceedanceRuns {
  /** Position among the designs of the request. */
  readonly design: number;
  readonly threshold: number;
  /** In a row, among the steps of the design. */
  readonly steps: number;
}

/** Weighted sums over the cells of a design, such as means over municipalities: rows of a sparse matrix. */
export interface AreaMeans {
  readonly design: number;
  /** Areas + 1. */
  readonly rowPointers: Int32Array;
  /** row * columns + column. */
  readonly cells: Int32Array;
  readonly weights: Float64Array;
}

export interface GridSampleRequest {
  readonly designs: readonly GridPredictionDesign[];
  /** Of each design none (empty), or for each of its steps the sd of an error that all its cells share. Default none. */
  readonly stepErrorSds?: readonly Float64Array[];
  readonly runs?: readonly ExceedanceRuns[];
  readonly areas?: readonly AreaMeans[];
  /** Default 200. */
  readonly numSamples?: number;
  /** A whole number from 0 on; equal seeds give equal samples. Default 1. */
  readonly seed?: number;
}

export interface GridSampleSummary {
  /** Of each request [last step of the run][row][column], steps - 1 fewer than the design's: share of the samples. */
  readonly runs: readonly Float64Array[];
  /** Of each request [sample][step][area]. */
  readonly areas: readonly Float64Array[];
}
