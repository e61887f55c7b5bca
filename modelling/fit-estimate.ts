// SPDX-License-Identifier: Apache-2.0
/**
 * What the engine process of a fit will need: bytes, flops and seconds, from the size of the model and the rates that this machine's
 * kernels were measured at. How the constants were found, and how far they are off: docs/decisions/0011-two-sides-and-ranks.md.
 *
 * @module
 */
import type { FitPlan } from '../artifacts/schemas/fit-result.js';
import type { EngineModel } from '../inference-core/host-ts/contract/engine-model.js';
import type { GridModel } from '../inference-core/host-ts/contract/grid-model.js';
import type { KernelRates } from '../inference-core/host-ts/contract/native-engine.js';

/** The size of a model, as far as it decides on the cost of a fit. */
export interface FitSize {
  readonly route: 'mesh' | 'grid';
  /** Order of the dense blocks: unknowns of a time step on a mesh, rows of an index (a pollutant's day) on a grid. */
  readonly order: number;
  /** How many there are: time steps on a mesh, indices (a cell of the grid) on a grid. */
  readonly numBlocks: number;
  readonly numObservations: number;
  /** Components of theta. */
  readonly numTheta: number;
  /** Those that are not held. */
  readonly numFree: number;
}

/** What a fit is run with. */
export interface FitSetting {
  /** Of the kernels at the order of the blocks, with the threads of one rank. */
  readonly rates: KernelRates;
  /** Ranks that share the time steps of a mesh; a grid is fitted on one. */
  readonly ranks: number;
  /** A start near the mode saves half of the search. */
  readonly isNearMode: boolean;
}

/** A process with the engine and nothing to do, bytes. */
const BASE_BYTES = 145e6;

/** Blocks of a mesh besides one a time step: a middle, couplings, and what kernels work in. */
const FURTHER_BLOCKS = 4;

/** Differences for the Hessian that one rank computes side by side: as many evaluations are in memory then. */
const COLUMNS_AT_ONCE = 2;

/** Data sets that every evaluation solves for: the data, and four that are simulated to estimate the curvature. */
const DATA_SETS = 5;

/** Copies of a number an observation, and an unknown of all steps, for each data set and component of theta. */
const COPIES = { observation: 7.3, unknown: 3.5 } as const;

/** Inversions of a time step of either selected inverse, at most, and what comes with them, in inversions. */
const STEP_INVERSIONS = 3 * 1.3;

/** Passes of the solves over the blocks, a component of theta. */
const SOLVE_PASSES = 20;

/** Flops an observation and component of theta: designs, residuals and inner products. */
const OBSERVATION_FLOPS = 3e4;

/** Of an index of a grid: its inverse, and the products of the gradient, in inversions. */
const INDEX_INVERSIONS = 4;

/** Of a grid, bytes a squared row of an index, and an index and row. */
const GRID_BYTES = { squaredRow: 8 * 12, indexRow: 8 * 40 } as const;

/** Evaluations of a search, from the defaults and from the mode of a day before. */
const SEARCH = { fromDefaults: 8, nearMode: 4 } as const;

/** Of the curvature at the mode by differences, a free component of theta: the grid takes them to both sides. */
const CURVATURE = { mesh: 1, grid: 2 } as const;

/** The curvature of a mesh without differences, by pairs of steps (exact_hessian.hpp), as measured on the sample. */
const EXACT = {
  /** Steps whose pairs still count: fewer where the fields forget sooner. */
  lags: 8,
  /** Most bytes of four blocks a step, for which it is to be had. */
  mostBytes: 4 * 2 ** 30,
  /** Loops over the entries of a pair's blocks, in flops at the rate of products. */
  loopFlops: 1400,
  /** By how much it has to be quicker than differences. */
  advantage: 0.8,
} as const;

/** The size of a model that is at hand. */
export function fitSizeOf(model: EngineModel | GridModel): FitSize {
  const theta = {
    numTheta: model.priors.length,
    numFree: model.priors.filter(({ type }) => type !== 'fixed').length,
  };
  if ('grid' in model) {
    const order = model.groups.reduce((sum, { timeIndex }) => sum + timeIndex.length, 0);
    const numObservations = model.groups.reduce((sum, { y }) => sum + y.length, 0);
    return { route: 'grid', order, numBlocks: model.grid.numRows * model.grid.numColumns, numObservations, ...theta };
  }
  const processes = new Set(model.observations.map(({ process }, group) => process ?? group)).size;
  return {
    ...{ route: 'mesh', order: model.c0.length * processes, numBlocks: model.numTimeSteps },
    numObservations: model.observations.reduce((sum, { y }) => sum + y.length, 0),
    ...theta,
  };
}

/**
 * The size of a model of which only the numbers are known.
 *
 * @param numPlaces - nodes of the mesh or cells of the grid
 */
export function plannedFitSize(
  route: FitSize['route'],
  given: {
    readonly numPlaces: number;
    readonly numPollutants: number;
    readonly numDays: number;
    readonly numCells: number;
  },
): FitSize {
  const { numPlaces, numPollutants, numDays, numCells } = given;
  // ranges in space and time, noise and size of each, and a weight a pair; the noise of forecasts is held
  const numFree = 4 * numPollutants + (numPollutants * (numPollutants - 1)) / 2;
  const theta = { numFree, numTheta: numFree + numPollutants };
  const numObservations = numCells * numPollutants * numDays;
  return route === 'grid'
    ? { route, order: numPollutants * numDays, numBlocks: numPlaces, numObservations, ...theta }
    : { route, order: numPollutants * numPlaces, numBlocks: numDays, numObservations, ...theta };
}

/** Bytes a rank, flops and seconds of a fit. */
export function estimateFit(size: FitSize, { rates, ranks, isNearMode }: FitSetting): FitPlan {
  const search = isNearMode ? SEARCH.nearMode : SEARCH.fromDefaults;
  const one = size.route === 'grid' ? ofGrid(size) : ofMesh(size, ranks);
  const shared = size.route === 'grid' ? 1 : ranks;
  const secondsOf = ({ inversionFlops, multiplyFlops }: Cost): number =>
    inversionFlops / rates.inversion + multiplyFlops / rates.multiply;
  const flopsOf = ({ inversionFlops, multiplyFlops }: Cost): number => inversionFlops + multiplyFlops;
  const differences = CURVATURE[size.route] * size.numFree;
  const exact = exactCurvature(size, ranks);
  // the engine compares on one rank, so that any number of them does the same
  const alone = exactCurvature(size, 1);
  const isExact = alone !== undefined && secondsOf(alone) < EXACT.advantage * differences * secondsOf(ofMesh(size, 1));
  const curvature =
    isExact && exact !== undefined
      ? { evaluations: 1, bytes: exact.bytes, seconds: secondsOf(exact), flops: flopsOf(exact) }
      : {
          ...{ evaluations: differences, bytes: sideBySide(size, ranks) * one.bytes },
          // the ranks of a mesh each have the steps of their own
          seconds: (differences * secondsOf(one)) / shared,
          flops: differences * flopsOf(one),
        };
  return {
    ranks,
    evaluations: search + curvature.evaluations,
    bytes: Math.max(searchBytes(size, ranks), Math.round(BASE_BYTES + curvature.bytes)),
    flops: search * flopsOf(one) + curvature.flops,
    seconds: (search * secondsOf(one)) / shared + curvature.seconds,
  };
}

interface Cost {
  readonly bytes: number;
  readonly inversionFlops: number;
  readonly multiplyFlops: number;
}

/** Bytes a rank of a search, which has one evaluation in memory at a time. */
export function searchBytes(size: FitSize, ranks: number): number {
  return Math.round(BASE_BYTES + (size.route === 'grid' ? ofGrid(size) : ofMesh(size, ranks)).bytes);
}

/** Evaluations of differences that one rank has in memory at once. */
function sideBySide({ route }: FitSize, ranks: number): number {
  return route === 'mesh' && ranks === 1 ? COLUMNS_AT_ONCE : 1;
}

/** One evaluation with its gradient. */
function ofMesh(size: FitSize, ranks: number): Cost {
  const { order, numBlocks, numObservations, numTheta } = size;
  const blocks = Math.ceil(numBlocks / ranks) + FURTHER_BLOCKS;
  // vectors of all steps are on every rank
  const numbers = COPIES.observation * numObservations + COPIES.unknown * order * numBlocks;
  return {
    bytes: 8 * order ** 2 * blocks + 8 * DATA_SETS * numTheta * numbers,
    inversionFlops: STEP_INVERSIONS * numBlocks * order ** 3,
    multiplyFlops:
      SOLVE_PASSES * 2 * order ** 2 * numBlocks * numTheta + OBSERVATION_FLOPS * numObservations * numTheta,
  };
}

/** The curvature without differences; nothing where it cannot be had. Each rank has all blocks, and a share of the pairs. */
function exactCurvature(size: FitSize, ranks: number): Cost | undefined {
  const { route, order, numBlocks, numObservations, numTheta } = size;
  if (route === 'grid' || 4 * 8 * order ** 2 * numBlocks > EXACT.mostBytes) return undefined;
  const lags = Math.min(numBlocks, EXACT.lags);
  const pairs = (lags * numBlocks) / ranks;
  const numbers = COPIES.observation * numObservations + COPIES.unknown * order * numBlocks;
  return {
    bytes: 8 * order ** 2 * (numBlocks + 3 * (lags + 1) + FURTHER_BLOCKS) + 8 * DATA_SETS * numTheta * numbers,
    inversionFlops: numBlocks * order ** 3,
    multiplyFlops:
      (2 * pairs + 3 * numBlocks) * order ** 3 +
      EXACT.loopFlops * pairs * order ** 2 +
      SOLVE_PASSES * 2 * order ** 2 * numBlocks * numTheta +
      OBSERVATION_FLOPS * numObservations * numTheta,
  };
}

function ofGrid({ order, numBlocks, numObservations, numTheta }: FitSize): Cost {
  return {
    bytes: GRID_BYTES.squaredRow * order ** 2 + GRID_BYTES.indexRow * numBlocks * order,
    inversionFlops: INDEX_INVERSIONS * numBlocks * order ** 3,
    multiplyFlops: OBSERVATION_FLOPS * numObservations * numTheta * 0.01,
  };
}
