// SPDX-License-Identifier: Apache-2.0
import { measuredBenchmark, type MeasurementOptions, type MeasurementReport } from '../core/measured-benchmark.js';
import { buildNativeProgram, runNativeProgram } from '../core/native-program.js';
import { TablePrinter, threeDigits } from '../core/table.js';
import { failedClaims } from './engine-claims.js';
import { type EngineModelSize, FULL_MODELS, modelName, QUICK_MODELS } from './engine-models.js';
import { type EngineRow, engineRowSchema } from './engine-row.js';
import { scalingPlot } from './scaling-plot.js';

/** Longer gradients by differences are timed on three of their evaluations. */
const DIFFERENCE_BUDGET_SECONDS = { quick: 6, full: 8 };

const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;

function printerOf(options: MeasurementOptions): TablePrinter<EngineRow> {
  return new TablePrinter<EngineRow>(
    [
      { title: 'model                          ', cell: (row) => row.model.padEnd(31) },
      { title: 'n   ', cell: (row) => String(row.n) },
      { title: '(a) FD [s]', cell: (row) => threeDigits(row.seconds.textbookFd) + (row.fdMeasuredWhole ? ' ' : '*') },
      { title: '(b) adjoint [s]', cell: (row) => threeDigits(row.seconds.textbookAdjoint) },
      { title: '(c) engine [s]', cell: (row) => threeDigits(row.seconds.engine) },
      { title: '(a)/(c)', cell: (row) => threeDigits(row.ratioFd) },
      { title: '(b)/(c)', cell: (row) => threeDigits(row.ratioAdjoint) },
      { title: 'Gflop/s', cell: (row) => row.gflops.toFixed(1) },
      { title: 'of dgemm', cell: (row) => percent(row.dgemmShare) },
      { title: 'peak [MB]', cell: (row) => (row.peakBytes / 1e6).toFixed(0) },
      { title: 'f agrees', cell: (row) => row.agreement.objective.toExponential(0) },
      { title: 'g agrees', cell: (row) => row.agreement.gradientAdjoint.toExponential(0) },
      { title: 'FD agrees', cell: (row) => row.agreement.gradientFd.toExponential(0) },
    ],
    options.say,
  );
}

async function measure(program: string, size: EngineModelSize, options: MeasurementOptions): Promise<EngineRow> {
  const answer = await runNativeProgram(program, {
    nodes: size.nodes,
    steps: size.steps,
    processes: size.processes,
    complete: size.complete ? 1 : 0,
    threads: options.threads,
    'difference-budget-seconds': options.quick ? DIFFERENCE_BUDGET_SECONDS.quick : DIFFERENCE_BUDGET_SECONDS.full,
  });
  return { model: modelName(size), ...engineRowSchema.parse(answer) };
}

async function run(options: MeasurementOptions): Promise<MeasurementReport> {
  const { say } = options;
  const program = await buildNativeProgram('engine_bench');
  const printer = printerOf(options);
  printer.printHead();
  const rows: EngineRow[] = [];
  for (const size of options.quick ? QUICK_MODELS : FULL_MODELS) {
    const row = await measure(program, size, options);
    printer.print(row);
    rows.push(row);
  }
  const dgemmGflops = Math.max(...rows.map((row) => row.dgemmGflops));
  const blas = rows[0]?.blas ?? 'unknown';
  say(`* from three of its 2 d + 1 evaluations. dgemm ${dgemmGflops.toFixed(1)} Gflop/s, ${blas}`);
  return {
    rows,
    machine: { blas, dgemmGflops },
    failures: failedClaims(rows),
    attachments: options.quick ? [] : [{ suffix: '-scaling.svg', content: scalingPlot(rows) }],
  };
}

/** `npm run bench -- engine`. */
export const engineBenchmark = measuredBenchmark('engine', run);
