// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';

import { measuredBenchmark, type MeasurementOptions, type MeasurementReport } from '../core/measured-benchmark.js';
import { buildNativeProgram, runNativeProgram } from '../core/native-program.js';
import { TablePrinter, threeDigits } from '../core/table.js';
import type { ModelSize, RanksRow } from './compared-model.js';
import { modelScaling, PUBLISHED, type ScalingRow } from './scaling-model.js';

/** What bench/native/distributed_bench.cpp prints for one comparison. */
const answerSchema = z.object({
  n: z.int(),
  n_t: z.int(),
  secondsOneRank: z.number(),
  seconds: z.number(),
  /** Median over repetitions in turn. */
  speedup: z.number(),
  maxDeviation: z.number(),
  blas: z.string(),
});

/** What is compared, by its name in the program. */
const LAYERS = {
  evaluations: { title: 'evaluations', ranks: 2, leastSpeedup: 1.85 },
  'two-sides': { title: 'two sides', ranks: 2, leastSpeedup: 1.85 },
  windows: { title: 'windows', ranks: 2, leastSpeedup: 1.5 },
  // noise of a ratio between neighbours on a shared machine
  'one-process': { title: 'two sides, one process', ranks: 1, leastSpeedup: 0.97 },
} as const;

interface Comparison {
  readonly layer: keyof typeof LAYERS;
  readonly size: ModelSize;
}

interface DistributedRow extends RanksRow {
  readonly maxDeviation: number;
}

const size = (nodes: number, steps: number, processes = 1): ModelSize => ({ nodes, steps, processes });

const QUICK: readonly Comparison[] = [
  { layer: 'one-process', size: size(300, 32) },
  { layer: 'evaluations', size: size(800, 32) },
  { layer: 'two-sides', size: size(800, 32) },
  { layer: 'windows', size: size(600, 96) },
];
const FULL: readonly Comparison[] = [
  { layer: 'one-process', size: size(300, 32) },
  { layer: 'one-process', size: size(300, 32, 3) },
  { layer: 'one-process', size: size(800, 32) },
  { layer: 'one-process', size: size(800, 96) },
  { layer: 'one-process', size: size(500, 48, 3) },
  { layer: 'evaluations', size: size(800, 32) },
  { layer: 'evaluations', size: size(1200, 48) },
  { layer: 'two-sides', size: size(800, 32) },
  { layer: 'two-sides', size: size(1200, 48) },
  { layer: 'windows', size: size(800, 96) },
  { layer: 'windows', size: size(1200, 96) },
];
const MODELLED = size(400, 192);
const MODELLED_RANKS = [2, 4, 8, 16, 32, 64, 128, 256, 512] as const;

/** Sums of other groupings. */
const LARGEST_DEVIATION = 1e-10;

async function measure(program: string, { layer, size }: Comparison, quick: boolean): Promise<DistributedRow> {
  const { ranks, title } = LAYERS[layer];
  const answer = answerSchema.parse(
    await runNativeProgram(program, {
      ...{ ...size, layer, complete: 0 },
      // two ranks of one thread, or one process with two
      threads: ranks === 2 ? 1 : 2,
      repetitions: quick ? 3 : 7,
    }),
  );
  const { n, n_t, seconds, secondsOneRank, speedup, maxDeviation } = answer;
  const model = `${size.processes} x ${size.nodes} nodes, ${size.steps} days with gaps`;
  return { layer: title, model, n, n_t, ranks, seconds, secondsOneRank, speedup, maxDeviation };
}

function failuresOf(row: DistributedRow, { layer }: Comparison, processors: number): string[] {
  const { leastSpeedup, title } = LAYERS[layer];
  const failures: string[] = [];
  if (processors >= 2 && row.speedup < leastSpeedup) {
    failures.push(
      `${title}, ${row.model}: speedup: expected at least ${leastSpeedup}, found ${row.speedup.toFixed(3)}`,
    );
  }
  if (!(row.maxDeviation <= LARGEST_DEVIATION)) {
    failures.push(
      `${title}, ${row.model}: deviation: expected at most ${LARGEST_DEVIATION}, found ${row.maxDeviation}`,
    );
  }
  return failures;
}

async function run(options: MeasurementOptions): Promise<MeasurementReport> {
  const program = await buildNativeProgram('distributed_bench');
  const printer = new TablePrinter<DistributedRow>(
    [
      { title: 'layer                 ', cell: (row) => row.layer.padEnd(22) },
      { title: 'model                           ', cell: (row) => row.model.padEnd(32) },
      { title: 'n   ', cell: (row) => String(row.n) },
      { title: 'ranks', cell: (row) => String(row.ranks) },
      { title: 'one [s]', cell: (row) => threeDigits(row.secondsOneRank) },
      { title: 'this [s]', cell: (row) => threeDigits(row.seconds) },
      { title: 'speedup', cell: (row) => row.speedup.toFixed(3) },
      { title: 'deviation', cell: (row) => row.maxDeviation.toExponential(0) },
    ],
    options.say,
  );
  printer.printHead();
  const rows: DistributedRow[] = [];
  const failures: string[] = [];
  for (const comparison of options.quick ? QUICK : FULL) {
    const row = await measure(program, comparison, options.quick);
    printer.print(row);
    rows.push(row);
    failures.push(...failuresOf(row, comparison, options.threads));
  }
  options.say('\na model from the seconds measured here and the counts of the orders, no measurement:');
  const scaling = new TablePrinter<ScalingRow>(
    [
      { title: 'layer                 ', cell: (row) => row.layer.padEnd(22) },
      { title: 'model                     ', cell: (row) => row.model.padEnd(26) },
      { title: 'ranks', cell: (row) => String(row.ranks) },
      { title: 'seconds', cell: (row) => threeDigits(row.seconds) },
      { title: 'speedup', cell: (row) => row.speedup.toFixed(1) },
      { title: 'efficiency', cell: (row) => `${(100 * row.efficiency).toFixed(0)} %` },
    ],
    options.say,
  );
  scaling.printHead();
  const modelled: ScalingRow[] = [];
  for (const ranks of MODELLED_RANKS) {
    for (const row of await modelScaling(program, MODELLED, ranks)) {
      scaling.print(row);
      modelled.push(row);
    }
  }
  for (const line of PUBLISHED) options.say(`published: ${line}`);
  return { rows: [...rows, ...modelled], failures };
}

/** `npm run bench -- distributed`. */
export const distributedBenchmark = measuredBenchmark('distributed', run);
