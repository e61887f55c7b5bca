// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import { measuredBenchmark, type MeasurementOptions, type MeasurementReport } from '../core/measured-benchmark.js';
import { buildNativeProgram, runNativeProgram } from '../core/native-program.js';
import { growthPlot } from './growth-plot.js';

const rowSchema = z.object({
  cells: z.int(),
  days: z.int(),
  pollutants: z.int(),
  /** One objective with gradient, at the start. */
  secondsEvaluation: z.number(),
  /** Search and Hessian; 0 where only an evaluation was asked for. */
  secondsFit: z.number(),
  /** Means and variances of all days and pollutants at the fine cells. */
  secondsMaps: z.number(),
  peakBytes: z.number(),
  /** Of the fine cells against the truth. */
  rmse: z.number(),
  rmseBilinear: z.number(),
  coverage95: z.number(),
  rangeKm: z.object({ truth: z.number(), estimate: z.number(), sd: z.number() }),
  evaluations: z.int(),
  converged: z.boolean(),
  theta: z.array(z.number()),
  thetaTruth: z.array(z.number()),
  thetaSd: z.array(z.number()),
});

type Row = z.infer<typeof rowSchema>;

interface Case {
  readonly options: Readonly<Record<string, number>>;
  readonly isQuick: boolean;
  /** What a row promises; a sentence for each promise that is not kept. */
  readonly judge: (row: Row) => readonly string[];
}

const limit = (what: string, found: number, most: number): readonly string[] =>
  found <= most ? [] : [`${what}: expected at most ${most}, found ${found.toPrecision(3)}`];

/** Of the rows that tell how the cost grows. */
const GROWTH_DAYS = 8;

/** A national box, one that grows up to 100,000 cells, and the size of a published application. */
const CASES: readonly Case[] = [
  {
    options: { rows: 50, columns: 70, days: 5 },
    isQuick: true,
    judge: (row) => [
      ...(row.converged ? [] : ['50 x 70 cells: the search did not converge']),
      ...limit('50 x 70 cells: RMSE', row.rmse, 0.58),
      ...limit('50 x 70 cells: share of RMSE against bilinear interpolation', row.rmse / row.rmseBilinear, 0.95),
      ...limit('50 x 70 cells: distance of coverage from .95', Math.abs(row.coverage95 - 0.95), 0.02),
    ],
  },
  // only an evaluation, of fields that are simulated at the cells themselves, so that the memory is that of the engine
  ...[
    [20, 50],
    [60, 100],
    [100, 300],
    [250, 400],
  ].flatMap(([rows = 0, columns = 0]) =>
    [1, 3].map((pollutants): Case => ({
      options: { rows, columns, days: GROWTH_DAYS, pollutants, refine: 1, fit: 0, maps: 0 },
      isQuick: rows * columns <= 6000,
      judge: () => [],
    })),
  ),
  {
    options: { rows: 61, columns: 69, days: 48, pollutants: 3 },
    isQuick: false,
    judge: (row) => [
      ...limit('4,209 cells, 48 days, 3 pollutants: seconds of an evaluation', row.secondsEvaluation, 2),
      ...limit('4,209 cells, 48 days, 3 pollutants: seconds of the fit', row.secondsFit, 120),
      ...limit('4,209 cells, 48 days, 3 pollutants: seconds of the maps', row.secondsMaps, 120),
      ...limit('4,209 cells, 48 days, 3 pollutants: bytes', row.peakBytes, 4e9),
    ],
  },
];

/** Seconds and bytes a cell may grow by this much from the smallest to the largest grid of equal days. */
const MOST_GROWTH = 1.5;

function growthRows(rows: readonly Row[]): readonly Row[] {
  return rows.filter(({ days, rmse, secondsFit }) => days === GROWTH_DAYS && rmse === 0 && secondsFit === 0);
}

function growthOf(rows: readonly Row[]): readonly string[] {
  return [1, 3].flatMap((pollutants) => {
    const alike = growthRows(rows).filter((row) => row.pollutants === pollutants);
    const [first, last] = [alike[0], alike.at(-1)];
    if (first === undefined || last === undefined || alike.length < 2) return [];
    const grown = (of: (row: Row) => number): number => of(last) / last.cells / (of(first) / first.cells);
    return [
      ...limit(
        `${pollutants} pollutants: growth of the seconds a cell`,
        grown((row) => row.secondsEvaluation),
        MOST_GROWTH,
      ),
      ...limit(
        `${pollutants} pollutants: growth of the bytes a cell`,
        grown((row) => row.peakBytes),
        MOST_GROWTH,
      ),
    ];
  });
}

async function run({ quick, threads, say }: MeasurementOptions): Promise<MeasurementReport> {
  const program = await buildNativeProgram('grids_bench');
  const rows: Row[] = [];
  const failures: string[] = [];
  for (const { options, judge } of CASES.filter(({ isQuick }) => isQuick || !quick)) {
    const row = rowSchema.parse(await runNativeProgram(program, { ...options, threads }));
    rows.push(row);
    failures.push(...judge(row));
    say(
      `${row.cells} cells, ${row.days} days, ${row.pollutants} pollutants: evaluation ${row.secondsEvaluation.toFixed(2)} s, ` +
        `fit ${row.secondsFit.toFixed(1)} s, maps ${row.secondsMaps.toFixed(1)} s, ${(row.peakBytes / 1e6).toFixed(0)} MB` +
        (row.rmse > 0
          ? `, RMSE ${row.rmse.toFixed(3)} (bilinear ${row.rmseBilinear.toFixed(3)}), coverage ${(100 * row.coverage95).toFixed(1)} %`
          : ''),
    );
  }
  return {
    rows,
    failures: [...failures, ...growthOf(rows)],
    attachments: [{ suffix: '-growth.svg', content: growthPlot(growthRows(rows)) }],
  };
}

/** `npm run bench -- grids`. */
export const gridsBenchmark = measuredBenchmark('grids', run);
