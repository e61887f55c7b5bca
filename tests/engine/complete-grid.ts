// SPDX-License-Identifier: Apache-2.0
/** A complete grid of cells whose values are simulated: smoothed noise with a memory of days, and noise of its own. */
import { entry, float64At } from '../../common/entry.js';
import type { GridModel, GridPredictionDesign } from '../../inference-core/host-ts/contract/grid-model.js';
import { uniformNumbers } from '../golden/support.js';

const NUM_ROWS = 8;
const NUM_COLUMNS = 9;
const NUM_STEPS = 6;
const NUM_CELLS = NUM_ROWS * NUM_COLUMNS;

/** Nearly normal: mean 0, variance 1. */
function normalNumbers(seed: number): () => number {
  const uniform = uniformNumbers(seed);
  return () => Array.from({ length: 12 }, uniform).reduce((sum, value) => sum + value, -6);
}

/** Means of white noise, of variance 1, over 3 x 3 cells: they forget each other within three cells. */
function smoothNoise(normal: () => number): Float64Array {
  const width = NUM_COLUMNS + 2;
  const white = Float64Array.from({ length: (NUM_ROWS + 2) * width }, normal);
  return Float64Array.from({ length: NUM_CELLS }, (_, cell) => {
    const corner = Math.floor(cell / NUM_COLUMNS) * width + (cell % NUM_COLUMNS);
    let sum = 0;
    for (let k = 0; k < 9; k += 1) sum += float64At(white, corner + Math.floor(k / 3) * width + (k % 3)) / 3;
    return sum;
  });
}

/** Cells of 10 x 8 km, six days, one pollutant with an intercept; days remember each other with a correlation of .7. */
export function completeGrid(seed = 3): GridModel {
  const normal = normalNumbers(seed);
  const fields = [smoothNoise(normal)];
  while (fields.length < NUM_STEPS) {
    const before = entry(fields, fields.length - 1);
    fields.push(smoothNoise(normal).map((value, cell) => 0.7 * float64At(before, cell) + Math.sqrt(0.51) * value));
  }
  return {
    kind: 'exact-diffusion',
    grid: { numRows: NUM_ROWS, numColumns: NUM_COLUMNS, cellHeight: 10, cellWidth: 8 },
    numTimeSteps: NUM_STEPS,
    groups: [
      {
        process: 0,
        timeIndex: Int32Array.from({ length: NUM_STEPS }, (_, step) => step),
        y: Float64Array.from(fields.flatMap((field) => Array.from(field, (value) => 3 + value + 0.3 * normal()))),
        covariates: new Float64Array(NUM_CELLS).fill(1),
        numCovariates: 1,
      },
    ],
    fixedEffectsPriorPrecision: 0.001,
    priors: [3.4, 1, 0, 2].map((mean) => ({ type: 'gaussian', mean, precision: 0.5 })),
  };
}

/** A theta that suits completeGrid(), not its mode. */
export const COMPLETE_GRID_THETA: readonly number[] = [3.5, 1.2, 0.2, 2];

/** The cells of completeGrid(), each cut into `parts` along the rows, on the second and the last day. */
export function gridDesign(parts: number): GridPredictionDesign {
  const height = 10 / parts;
  return {
    process: 0,
    timeIndices: Int32Array.of(1, NUM_STEPS - 1),
    rows: { centres: Float64Array.from({ length: NUM_ROWS * parts }, (_, row) => height * (row + 0.5)), width: height },
    columns: { centres: Float64Array.from({ length: NUM_COLUMNS }, (_, column) => 8 * (column + 0.5)), width: 8 },
    covariates: new Float64Array(NUM_CELLS * parts).fill(1),
  };
}
