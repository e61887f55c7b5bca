// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';

import { measuredBenchmark, type MeasurementOptions, type MeasurementReport } from '../core/measured-benchmark.js';
import { buildNativeProgram, runNativeProgram } from '../core/native-program.js';
import { TablePrinter, threeDigits } from '../core/table.js';

/** What bench/native/distributed_bench.cpp prints for one model. */
const answerSchema = z.object({
  n: z.int(),
  n_t: z.int(),
  threads: z.int(),
  secondsTwoFilter: z.number(),
  secondsTwoSided: z.number(),
  /** Median over repetitions in turn. */
  ratio: z.number(),
  maxDeviation: z.number(),
  chosen: z.string(),
  blas: z.string(),
});

interface DistributedRow {
  readonly layer: 'two sides, one process';
  readonly model: string;
  readonly n: number;
  readonly n_t: number;
  readonly ranks: number;
  readonly seconds: number;
  /** Of the same threads with the order of one side. */
  readonly secondsOneRank: number;
  readonly speedup: number;
  readonly maxDeviation: number;
  readonly chosen: string;
}

interface ModelSize {
  readonly nodes: number;
  readonly steps: number;
  readonly processes: number;
}

const QUICK_SIZES: readonly ModelSize[] = [
  { nodes: 300, steps: 32, processes: 1 },
  { nodes: 300, steps: 32, processes: 3 },
];
const FULL_SIZES: readonly ModelSize[] = [
  ...QUICK_SIZES,
  { nodes: 800, steps: 32, processes: 1 },
  { nodes: 800, steps: 96, processes: 1 },
  { nodes: 500, steps: 48, processes: 3 },
];

/** Noise of a ratio between neighbours on a shared machine. */
const LEAST_SPEEDUP = 0.97;
/** Sums of other groupings. */
const LARGEST_DEVIATION = 1e-10;

async function measure(program: string, size: ModelSize, options: MeasurementOptions): Promise<DistributedRow> {
  const answer = answerSchema.parse(
    await runNativeProgram(program, {
      ...size,
      complete: 0,
      threads: options.threads,
      repetitions: options.quick ? 5 : 9,
    }),
  );
  return {
    layer: 'two sides, one process',
    model: `${size.processes} x ${size.nodes} nodes, ${size.steps} days with gaps`,
    n: answer.n,
    n_t: answer.n_t,
    ranks: 1,
    seconds: answer.secondsTwoSided,
    secondsOneRank: answer.secondsTwoFilter,
    speedup: answer.ratio,
    maxDeviation: answer.maxDeviation,
    chosen: answer.chosen,
  };
}

async function run(options: MeasurementOptions): Promise<MeasurementReport> {
  const program = await buildNativeProgram('distributed_bench');
  const printer = new TablePrinter<DistributedRow>(
    [
      { title: 'layer                 ', cell: (row) => row.layer },
      { title: 'model                           ', cell: (row) => row.model.padEnd(32) },
      { title: 'n   ', cell: (row) => String(row.n) },
      { title: 'ranks', cell: (row) => String(row.ranks) },
      { title: 'one order [s]', cell: (row) => threeDigits(row.secondsOneRank) },
      { title: 'this [s]', cell: (row) => threeDigits(row.seconds) },
      { title: 'speedup', cell: (row) => row.speedup.toFixed(3) },
      { title: 'deviation', cell: (row) => row.maxDeviation.toExponential(0) },
      { title: 'chosen', cell: (row) => row.chosen },
    ],
    options.say,
  );
  printer.printHead();
  const rows: DistributedRow[] = [];
  for (const size of options.quick ? QUICK_SIZES : FULL_SIZES) {
    const row = await measure(program, size, options);
    printer.print(row);
    rows.push(row);
  }
  const failures = rows.flatMap((row) => [
    ...(row.speedup >= LEAST_SPEEDUP || options.threads !== 2
      ? []
      : [
          `${row.model}: two sides over two filters: expected at least ${LEAST_SPEEDUP}, found ${row.speedup.toFixed(3)}`,
        ]),
    ...(row.maxDeviation <= LARGEST_DEVIATION
      ? []
      : [`${row.model}: deviation: expected at most ${LARGEST_DEVIATION}, found ${row.maxDeviation}`]),
  ]);
  return { rows, failures };
}

/** `npm run bench -- distributed`. */
export const distributedBenchmark = measuredBenchmark('distributed', run);
