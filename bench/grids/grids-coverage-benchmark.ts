// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import { entry } from '../../common/entry.js';
import { measuredBenchmark, type MeasurementOptions, type MeasurementReport } from '../core/measured-benchmark.js';
import { buildNativeProgram, runNativeProgram } from '../core/native-program.js';

/** In the order of theta of one pollutant. */
const QUANTITIES = ['range', 'temporal range', 'sigma', 'noise sd'] as const;

const four = z.array(z.number()).length(QUANTITIES.length);

const rowSchema = z.object({
  cells: z.int(),
  days: z.int(),
  /** km, of the truth. */
  range: z.number(),
  replicates: z.int(),
  /** Share of the fits. */
  converged: z.number(),
  /** Mean of estimate / truth, less one. */
  bias: four,
  biasOfLog: four,
  /** Standard deviation of the estimates of theta over the replicates. */
  scatter: four,
  /** Root of the mean variance that the fits tell. */
  sd: four,
  /** Share of the 95 % intervals of theta that hold the truth. */
  coverage95: four,
  cellCoverage95: z.number(),
  rmse: z.number(),
  rmseBilinear: z.number(),
});

type Row = z.infer<typeof rowSchema>;

/** Grids of 10 km cells whose range is a quarter and an eighth of the shorter side. */
const CASES = [
  { rows: 20, columns: 30, range: 50 },
  { rows: 20, columns: 30, range: 25 },
  { rows: 40, columns: 60, range: 100 },
  { rows: 40, columns: 60, range: 50 },
] as const;

const REPLICATES = 150;
/** What 20 replicates can tell is no verdict. */
const QUICK_REPLICATES = 20;

function judge(row: Row, isSmall: boolean): readonly string[] {
  const where = `${row.cells} cells, range ${row.range} km`;
  const outside = (what: string, value: number, low: number, high: number): readonly string[] =>
    value >= low && value <= high
      ? []
      : [`${where}: ${what}: expected ${low} to ${high}, found ${value.toPrecision(3)}`];
  // so well do so many fields know a coverage of 95 %: a standard error
  const known = Math.sqrt((0.95 * 0.05) / row.replicates);
  return [
    ...QUANTITIES.flatMap((name, i) => {
      const most = name === 'range' && isSmall ? 0.07 : 0.05;
      return [
        ...outside(`relative bias of ${name}`, entry(row.bias, i), -most, most),
        ...outside(`coverage of ${name}`, entry(row.coverage95, i), 0.9 - known, 0.98 + known),
      ];
    }),
    ...outside('coverage of fine cells', row.cellCoverage95, 0.93, 0.97),
  ];
}

async function run({ quick, threads, say }: MeasurementOptions): Promise<MeasurementReport> {
  const program = await buildNativeProgram('grids_coverage_bench');
  const rows: Row[] = [];
  const failures: string[] = [];
  const replicates = quick ? QUICK_REPLICATES : REPLICATES;
  for (const [i, { rows: height, columns, range }] of CASES.entries()) {
    const isSmall = i < 2;
    if (quick && !isSmall) continue;
    const options = { rows: height, columns, range, days: 8, 'range-days': 5, refine: 3, replicates, threads };
    const row = rowSchema.parse(await runNativeProgram(program, options));
    rows.push(row);
    if (!quick) failures.push(...judge(row, isSmall));
    const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;
    say(
      `${row.cells} cells, range ${row.range} km, ${row.replicates} fields: ` +
        QUANTITIES.map(
          (name, k) => `${name} bias ${percent(entry(row.bias, k))}, covered ${percent(entry(row.coverage95, k))}`,
        ).join('; ') +
        `; fine cells covered ${percent(row.cellCoverage95)}`,
    );
  }
  return { rows, failures };
}

/** `npm run bench -- grids-coverage`. */
export const gridsCoverageBenchmark = measuredBenchmark('grids-coverage', run);
