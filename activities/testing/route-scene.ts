// SPDX-License-Identifier: Apache-2.0
/** A domain of 6 x 7 cells on two days, as many of them missing as is asked for, with an engine that computes nothing. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { regionalDataset } from '../../ingest/testing/sample-files.js';
import { classicBytes } from '../../ingest/testing/write-classic.js';
import { UNRESTRICTED_ROOTS } from '../inputs/allowed-roots.js';
import { defaultDependencies, type ActivityDependencies } from '../dependencies.js';
import type { ForecastInput } from '../inputs/forecast-input.js';
import { fakeEngine, type FakeEngine } from './fake-engine.js';

export const [ROWS, COLUMNS, DAYS] = [6, 7, 2];
export const CELLS = ROWS * COLUMNS;
/** Missing on one of two days: more than a quarter of all values. */
export const TOO_MANY = 24;

function boxOf({ rows, columns }: SceneShape): Record<'north' | 'west' | 'south' | 'east', number> {
  const tidy = (degrees: number): number => Number(degrees.toFixed(6));
  return { north: 45.6, west: 9, south: tidy(45.6 - 0.1 * rows), east: tidy(9 + 0.1 * columns) };
}

/** Cells of a domain. */
export interface SceneShape {
  readonly rows: number;
  readonly columns: number;
}

/** Two days of hours; `missing` cells of the second day. */
function fileOf(missing: number, { rows, columns }: SceneShape): Buffer {
  const latitudes = Array.from({ length: rows }, (_, i) => 45.55 - 0.1 * i);
  const longitudes = Array.from({ length: columns }, (_, j) => 9.05 + 0.1 * j);
  const numCells = rows * columns;
  const valueAt = (index: number): number => {
    const [hour, cell] = [Math.floor(index / numCells), index % numCells];
    if (hour >= 24 && cell < missing) return -999;
    return 20 + 4 * Math.sin(0.9 * (cell % columns) + 0.3 * Math.floor(cell / columns)) + 0.5 * Math.floor(hour / 24);
  };
  const hours = Array.from({ length: 24 * DAYS }, (_, hour) => hour);
  return classicBytes(regionalDataset({ hours, latitudes, longitudes, species: { pm2p5_conc: { valueAt } } }));
}

let counter = 0;

export interface RouteScene {
  readonly deps: ActivityDependencies;
  readonly engine: FakeEngine;
  readonly input: ForecastInput;
}

/** @param missing - cells of the second day; @param more - further keys of the domain */
export async function routeScene(
  folder: string,
  missing: number,
  more: object,
  shape: SceneShape = { rows: ROWS, columns: COLUMNS },
): Promise<RouteScene> {
  counter += 1;
  const own = join(folder, String(counter));
  const engine = fakeEngine();
  const deps: ActivityDependencies = {
    ...defaultDependencies({ stateFolder: join(own, 'state'), runsFolder: join(own, 'runs'), memoryLimitBytes: 1e9 }),
    roots: UNRESTRICTED_ROOTS,
    runEngine: engine.runEngine,
    // of no use to an engine that computes nothing
    spectralBasis: (c0) =>
      Promise.resolve({ eigenvalues: new Float64Array(c0.length), eigenvectors: new Float64Array(c0.length ** 2) }),
    kernelRates: () => Promise.resolve({ multiply: 2e10, inversion: 1e10 }),
    engineVersion: () => 'none',
    progressSender: () => () => Promise.resolve(),
  };
  const path = join(folder, `ANALYSIS-${counter}.nc`);
  await writeFile(path, fileOf(missing, shape));
  const products = { resolutionDegrees: 0.1, thresholds: { pm2_5: ['20 ug/m3'] } };
  const domain = {
    name: 'routes',
    boundingBox: boxOf(shape),
    pollutants: ['pm2_5'],
    source: { path },
    products,
    ...more,
  };
  return { deps, engine, input: { schemaVersion: 1, domain } };
}
