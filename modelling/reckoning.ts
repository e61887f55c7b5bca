// SPDX-License-Identifier: Apache-2.0
/**
 * Seconds before anything is computed, by counted flops: for choices, not for promises.
 *
 * @module
 */
import type { GridModel, GridPredictionDesign } from '../inference-core/host-ts/contract/grid-model.js';

/** Of two cores on the dense products that this is about. */
const FLOPS_A_SECOND = 20e9;

/** Objective with gradient: those of a fit with the curvature at its mode, and flops of each for a cubed unknown and step. */
const MESH_FIT = { evaluations: 60, flopsACubedUnknown: 3 } as const;

/** Of a fit on a mesh, at most: equal days cost less. */
export function meshFitSeconds(nodes: number, numPollutants: number, numDays: number): number {
  const { evaluations, flopsACubedUnknown } = MESH_FIT;
  return (flopsACubedUnknown * (nodes * numPollutants) ** 3 * numDays * evaluations) / FLOPS_A_SECOND;
}

/** Of the maps of a complete grid at one theta, as the engine counts them (inference-core/inference/grid_route/grid_integration.cpp). */
export function gridMapSeconds({ grid, groups }: GridModel, designs: readonly GridPredictionDesign[]): number {
  const cells = grid.numRows * grid.numColumns;
  const order = groups.reduce((sum, { timeIndex }) => sum + timeIndex.length, 0);
  const flops = designs.reduce((sum, { modesPerCell = 5, timeIndices, rows, columns }) => {
    const modes = modesPerCell ** 2;
    const pairs = (modesPerCell * (modesPerCell + 1)) / 2;
    const [height, width] = [rows.centres.length, columns.centres.length];
    const products = 2 * cells * pairs ** 2 * width + 2 * height * width * pairs * grid.numRows;
    const ofStep = cells * (2 * order ** 2 * modes + 2 * order * modes ** 2) + products;
    return sum + cells * order ** 3 + timeIndices.length * ofStep;
  }, 0);
  return flops / FLOPS_A_SECOND;
}
