// SPDX-License-Identifier: Apache-2.0
/**
 * What a run will need at the least, reckoned before anything is computed: a run that cannot fit the memory is refused with
 * the numbers, instead of ending in the middle of the night.
 *
 * @module
 */
import { totalmem } from 'node:os';

import { DAY_MS, startOfDayMs } from '../../common/days.js';
import { TramontanaError } from '../../common/errors.js';
import { thresholdsOf, type DomainConfig } from '../../config/index.js';
import { estimateMeshNodes, resolveMeshOptions } from '../../mesh/index.js';
import { fineGrid, MOST_TILED_CELLS } from '../../modelling/index.js';
import { meshOptionsOf } from './mesh-options.js';
import { wantedTiles } from '../tiles/cut-tiles.js';

const GIB = 1024 ** 3;

/** The rest is for the system, the server and this process. */
const SHARE_OF_MEMORY = 0.75;

/** Name of the variable that sets the limit for the workers of the command line, GiB. */
export const MEMORY_VARIABLE = 'TRAMONTANA_MEMORY_GIB';

/** Matrix, eigenvectors and the workspace of the decomposition: doubles, and a little more. */
const BASIS_BYTES_A_SQUARED_NODE = 25;

/** Precision, its inverse and two of their kind, of the unknowns of one time step: dense, in doubles. */
const STEP_BYTES_A_SQUARED_UNKNOWN = 32;

/** State, mean, gradient and working copies of an unknown over time. */
const BYTES_AN_UNKNOWN = 160;

/** Value, weight, place in time, row of the projector, and residuals of an observation. */
const BYTES_AN_OBSERVATION = 200;

/** Of a grid: covariance of an index, its inverse, and a working copy, of squared rows (a pollutant's day); doubles. */
const INDEX_BYTES_A_SQUARED_ROW = 24;

/** Of a grid: value and derivatives of the spectrum by three parameters, a pollutant, lag and cell. */
const SPECTRUM_TABLES = 4;

/** Distance of the cells of the CAMS regional data, degrees. */
const CAMS_STEP_DEGREES = 0.1;

/** Mean and sd in doubles, and again as they are written. */
const MOMENT_BYTES_A_CELL = 24;

/** Quantiles and probabilities: as they are computed and as they are written. */
const FIELD_BYTES_A_CELL = 12;

/** Fields besides mean and sd: three quantiles. */
const QUANTILE_FIELDS = 3;

/** Something that a run needs memory for. */
export interface CostItem {
  /** In a message: "the spectral basis of 12000 nodes". */
  readonly what: string;
  readonly bytes: number;
  /** What makes it smaller. */
  readonly remedy: string;
}

/** What is known of the input before it is read as a whole. */
export interface InputExtent {
  /** UTC days, YYYY-MM-DD. */
  readonly firstDay: string;
  readonly lastDay: string;
  readonly cycle: string;
  /** Times of all files: hours, or days of daily files. */
  readonly numTimes: number;
}

/**
 * Memory that the runs of this machine may plan with, bytes: what the system or the container has, less a quarter.
 *
 * @param environment - may set it, see {@link MEMORY_VARIABLE}
 * @throws {TramontanaError} `Config.Invalid` for a variable that is no positive number
 */
export function defaultMemoryLimitBytes(environment: NodeJS.ProcessEnv = process.env): number {
  const given = environment[MEMORY_VARIABLE] ?? '';
  if (given !== '') {
    const limit = Number(given);
    if (Number.isFinite(limit) && limit > 0) return limit * GIB;
    throw new TramontanaError(
      'Config.Invalid',
      `${MEMORY_VARIABLE}: expected a positive number of GiB, got "${given}"`,
      {
        facts: { variable: MEMORY_VARIABLE, value: given },
      },
    );
  }
  // absent or beyond the machine's memory where nothing constrains the process
  const constrained = process.constrainedMemory();
  const available = constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
  return SHARE_OF_MEMORY * available;
}

/** Of a fit on a mesh at the least: its spectral basis or a time step, whichever is more. */
export function meshBytes(nodes: number, numPollutants: number): number {
  return Math.max(BASIS_BYTES_A_SQUARED_NODE * nodes ** 2, STEP_BYTES_A_SQUARED_UNKNOWN * (nodes * numPollutants) ** 2);
}

/**
 * What a configuration needs at the least, each item by itself. A mesh is reckoned where it is asked for; otherwise the complete grid,
 * which needs less, and the stage that chooses a mesh judges its nodes.
 *
 * @param extent - days of the input; without it one day is reckoned
 * @throws {TramontanaError} `Mesh.*` and `Modelling.InvalidGrid` for a mesh or a grid that no machine should try
 */
export function costOf(config: DomainConfig, extent?: InputExtent): CostItem[] {
  const { boundingBox, pollutants, products } = config;
  const meshOptions = meshOptionsOf(config);
  // lengths that no mesh can have are said at once, whether or not a mesh will be needed
  if (Object.keys(meshOptions).length > 0) resolveMeshOptions(boundingBox, meshOptions);
  const size = wantedTiles(config);
  const grid = fineGrid(boundingBox, products.resolutionDegrees, size === undefined ? undefined : MOST_TILED_CELLS);
  if (size !== undefined) requireTileDrawable(config, size.cells);
  const fineCells = grid.latitudesDegrees.length * grid.longitudesDegrees.length;
  const coarseCells = coarseCellsOf(config);
  // what is computed and held at once
  const tileShare = size === undefined ? 1 : Math.min(1, size.cells ** 2 / coarseCells);
  const inWindow = daysInWindow(config, extent);
  const shorter = 'take a smaller boundingBox, fewer pollutants or a shorter window.maximumHistoryDays';
  const observations = coarseCells * pollutants.length * inWindow;
  const numTimes = extent?.numTimes ?? 1;
  const values = coarseCells * pollutants.length * numTimes;
  const fields = QUANTILE_FIELDS + thresholdsOf(config).length / pollutants.length;
  const published = fineCells * pollutants.length * inWindow;
  return [
    ...(config.model.route === 'mesh'
      ? meshItems(config, inWindow)
      : gridItems(config, inWindow, Math.ceil(tileShare * coarseCells), Math.ceil(tileShare * fineCells))),
    {
      what: `about ${observations} observations`,
      bytes: BYTES_AN_OBSERVATION * observations,
      remedy: shorter,
    },
    {
      what: `files of ${numTimes} times`,
      // read, and kept once
      bytes: 16 * values,
      remedy: 'keep the days of the window in the folder of the source and move the others away',
    },
    {
      what: `${inWindow} days on ${grid.latitudesDegrees.length} x ${grid.longitudesDegrees.length} fine cells`,
      bytes: (MOMENT_BYTES_A_CELL + FIELD_BYTES_A_CELL * fields) * published * tileShare,
      remedy: 'take a larger products.resolutionDegrees, a smaller boundingBox or a shorter window',
    },
  ];
}

/** A tile is computed as one. @throws {TramontanaError} `Modelling.InvalidGrid` */
function requireTileDrawable(
  { boundingBox: { north, south, west, east }, products }: DomainConfig,
  cells: number,
): void {
  const side = cells * CAMS_STEP_DEGREES;
  const box = { north, south: Math.max(south, north - side), west, east: Math.min(east, west + side) };
  fineGrid(box, products.resolutionDegrees);
}

function meshItems(config: DomainConfig, numDays: number): CostItem[] {
  const { length: numPollutants } = config.pollutants;
  const nodes = estimateMeshNodes(config.boundingBox, meshOptionsOf(config));
  const unknowns = nodes * numPollutants;
  const coarserMesh = 'take a larger mesh.interiorEdgeKm, a smaller mesh.extensionKm or a smaller boundingBox';
  return [
    {
      what: `the spectral basis of about ${nodes} mesh nodes`,
      bytes: BASIS_BYTES_A_SQUARED_NODE * nodes ** 2,
      remedy: coarserMesh,
    },
    {
      what: `a time step of ${unknowns} unknowns (${nodes} mesh nodes, ${numPollutants} pollutants)`,
      bytes: STEP_BYTES_A_SQUARED_UNKNOWN * unknowns ** 2,
      remedy: `${coarserMesh}, or fewer pollutants`,
    },
    {
      what: `${numDays} time steps of ${unknowns} unknowns`,
      bytes: BYTES_AN_UNKNOWN * unknowns * numDays,
      remedy: `${coarserMesh}, or a shorter window.maximumHistoryDays`,
    },
  ];
}

function gridItems(config: DomainConfig, numDays: number, coarseCells: number, fineCells: number): CostItem[] {
  const { length: numPollutants } = config.pollutants;
  const rows = numPollutants * numDays;
  const fixedEffects = numPollutants * (config.covariates.elevation === undefined ? 1 : 2);
  const pairs = (numPollutants * (numPollutants + 1)) / 2;
  const shorter = 'take fewer pollutants or a shorter window.maximumHistoryDays';
  return [
    {
      what: `an index of the grid with ${rows} rows (${numPollutants} pollutants, ${numDays} days)`,
      bytes: INDEX_BYTES_A_SQUARED_ROW * rows ** 2,
      remedy: shorter,
    },
    {
      what: `the solutions of ${coarseCells} cells with ${rows} rows`,
      // data and fixed effects by row, what the gradient sums and the spectra by lag
      bytes: 8 * coarseCells * ((1 + fixedEffects) * rows + numDays * (pairs + SPECTRUM_TABLES * numPollutants)),
      remedy: `${shorter}, or a smaller boundingBox`,
    },
    {
      what: `the maps of ${numDays} days on ${fineCells} fine cells, one pollutant at a time`,
      // variance, and mean by data and fixed effects
      bytes: 8 * (2 + fixedEffects) * numDays * fineCells,
      remedy: 'take a larger products.resolutionDegrees, a smaller boundingBox or a shorter window',
    },
  ];
}

/** Cells of the CAMS regional data in the domain, about. */
export function coarseCellsOf({
  boundingBox: { north, south, east, west },
}: Pick<DomainConfig, 'boundingBox'>): number {
  const cellsIn = (degrees: number): number => Math.max(1, Math.floor(degrees / CAMS_STEP_DEGREES));
  return cellsIn(north - south) * cellsIn(east - west);
}

/** Days of the files that the run will use. */
export function daysInWindow(config: DomainConfig, extent: InputExtent | undefined): number {
  if (extent === undefined) return 1;
  const [firstMs, lastMs] = [startOfDayMs(extent.firstDay), startOfDayMs(extent.lastDay)];
  const cycleMs = startOfDayMs(extent.cycle);
  const { maximumHistoryDays, maximumHorizonDays } = config.window;
  const fromMs = Math.max(firstMs, cycleMs - maximumHistoryDays * DAY_MS);
  const toMs = Math.min(lastMs + DAY_MS, cycleMs + maximumHorizonDays * DAY_MS);
  return Math.max(1, Math.round((toMs - fromMs) / DAY_MS));
}

/**
 * Refuses a run that cannot fit the memory.
 *
 * @param limitBytes - what the run may plan with
 * @throws {TramontanaError} `Config.TooCostly` with estimate and limit; what {@link costOf} throws
 */
export function requireAffordable(config: DomainConfig, limitBytes: number, extent?: InputExtent): void {
  const unaffordable = costOf(config, extent).find(({ bytes }) => !(bytes <= limitBytes));
  if (unaffordable === undefined) return;
  const { what, bytes, remedy } = unaffordable;
  throw new TramontanaError(
    'Config.TooCostly',
    `${config.name}: expected a run within ${inWords(limitBytes)} of memory, got ${what}, which need ${inWords(bytes)} at the least; ` +
      `${remedy}, or allow more memory (${MEMORY_VARIABLE}, or the worker's option memoryLimitBytes)`,
    { facts: { estimatedBytes: bytes, limitBytes, what } },
  );
}

/** Bytes for people. */
export function inWords(bytes: number): string {
  return `${(bytes / GIB).toPrecision(3)} GiB`;
}
