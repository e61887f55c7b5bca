// SPDX-License-Identifier: Apache-2.0
import { engineBenchmark } from './engine/engine-benchmark.js';
import { distributedBenchmark } from './distributed/distributed-benchmark.js';
import { forecastsBenchmark } from './forecasts/forecasts-benchmark.js';
import { piemonteBenchmark } from './piemonte/piemonte-benchmark.js';
import { rinlaBenchmark } from './rinla/rinla-benchmark.js';
import { gridsBenchmark } from './grids/grids-benchmark.js';
import { gridsCoverageBenchmark } from './grids/grids-coverage-benchmark.js';
import { largeBenchmark } from './large/large-benchmark.js';
import { soakBenchmark } from './soak/soak-benchmark.js';
import { main as starts } from './starts/main.js';
import { tilesBenchmark } from './tiles/tiles-benchmark.js';
import { warmBenchmark } from './warm/warm-benchmark.js';

/** A benchmark lives in a folder of its own, bench/<name>/. */
export interface Benchmark {
  readonly summary: string;
  /** Takes the arguments after the name, prints its table, writes `--json FILE`; returns the exit code. */
  readonly main: (args: readonly string[]) => Promise<number>;
}

/** Every benchmark of `npm run bench -- NAME`; a new one is a folder and a line here. */
export const BENCHMARKS: Readonly<Record<string, Benchmark>> = {
  engine: {
    summary: 'one evaluation with gradient: two textbook routes and the engine, side by side',
    main: engineBenchmark,
  },
  distributed: {
    summary: 'one evaluation in several orders and lanes: two sides beside two filters, in one process',
    main: distributedBenchmark,
  },
  piemonte: {
    summary: 'PM10 in Piemonte: the published posterior, and prediction at ten unseen stations',
    main: piemonteBenchmark,
  },
  rinla: { summary: "three models with R-INLA's answers, seconds and memory", main: rinlaBenchmark },
  large: { summary: '10^5 observations, three pollutants: a whole fit with its Hessian', main: largeBenchmark },
  grids: {
    summary: 'complete grids without a mesh: evaluation, fit and maps of simulated fields',
    main: gridsBenchmark,
  },
  'grids-coverage': {
    summary: 'complete grids: bias and coverage of hyperparameters and maps over simulated fields',
    main: gridsCoverageBenchmark,
  },
  forecasts: {
    summary: 'coverage of forecast and analysis days over draws of the sample: the whole product on each',
    main: forecastsBenchmark,
  },
  soak: {
    summary: 'two hundred runs through one worker: its memory, what is left behind, sizes of histories',
    main: soakBenchmark,
  },
  tiles: {
    summary: 'a box in tiles beside one rectangle: seams, skill; Europe in tiles, killed and gone on with',
    main: tilesBenchmark,
  },
  starts: { summary: 'evaluations of a fit from scattered starts', main: starts },
  warm: {
    summary: 'evaluations of a fit that starts from a coarser mesh, or from the day before',
    main: warmBenchmark,
  },
};
