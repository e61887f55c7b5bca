// SPDX-License-Identifier: Apache-2.0
/**
 * What a forecast day's intervals are worth. Four days of one draw share a few errors, so that one sample tells nothing of
 * a coverage: this one draws the sample's law again and again, and runs the whole product on each draw.
 *
 * @module
 */
import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';

import { entry } from '../../common/entry.js';
import { TramontanaError } from '../../common/errors.js';
import { packageFolder } from '../../common/version.js';
import { runForecast } from '../core/command-run.js';
import { measuredBenchmark, type MeasurementOptions, type MeasurementReport } from '../core/measured-benchmark.js';

/** 20 draws of four days of three pollutants: each coverage is known to about a percent. */
const DRAWS = 20;
const QUICK_DRAWS = 2;
const FIRST_SEED = 70_001;
/** Seeds of one draw and the next: a draw uses a handful of numbers after its own. */
const SEED_STEP = 10_000;

/** First forecast day of the sample. */
const CYCLE = '2026-03-16';
const LIMITS = { forecast: [0.92, 0.98], analysis: [0.93, 0.97] } as const;

const scores = z.object({ rmse: z.number(), rmseBilinear: z.number(), coverage95: z.number() });
const summarySchema = z.object({ evaluation: z.record(z.string(), scores.extend({ forecast: scores })) });
type Evaluation = z.infer<typeof summarySchema>['evaluation'];

interface Row {
  readonly pollutant: string;
  readonly days: 'analysis' | 'forecast';
  readonly draws: number;
  readonly coverage95: number;
  /** Of the mean over the draws. */
  readonly coverageError: number;
  readonly leastCoverage95: number;
  readonly rmse: number;
  readonly rmseBilinear: number;
}

async function evaluationOf(seed: number): Promise<Evaluation> {
  const sample = join(packageFolder(), 'samples', 'po-valley');
  const folder = await mkdtemp(join(tmpdir(), 'tramontana-forecasts-'));
  try {
    await promisify(execFile)(process.execPath, [join(sample, 'make.mjs'), folder, String(seed)]);
    await copyFile(join(sample, 'config.yaml'), join(folder, 'config.yaml'));
    await writeFile(
      join(folder, 'grid.yaml'),
      `${await readFile(join(folder, 'config.yaml'), 'utf8')}model: { route: grid }\n`,
    );
    const { code } = await runForecast(folder, 'grid.yaml', 'run.log');
    if (code !== 0) {
      throw new TramontanaError(
        'Bench.CaseFailed',
        `Draw ${seed}: the run ended with ${code}\n${await readFile(join(folder, 'run.log'), 'utf8')}`,
        { facts: { seed, code } },
      );
    }
    return summarySchema.parse(
      JSON.parse(await readFile(join(folder, 'runs', 'po-valley', CYCLE, 'summary.json'), 'utf8')),
    ).evaluation;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function rowsOf(evaluations: readonly Evaluation[]): readonly Row[] {
  return Object.keys(entry(evaluations, 0)).flatMap((pollutant) =>
    (['analysis', 'forecast'] as const).map((days): Row => {
      const found = evaluations.map((evaluation) => {
        const all = evaluation[pollutant];
        if (all === undefined) throw new TramontanaError('Bench.CaseFailed', `${pollutant}: a draw has no scores`);
        return days === 'forecast' ? all.forecast : all;
      });
      const mean = (of: (each: z.infer<typeof scores>) => number): number =>
        found.reduce((sum, each) => sum + of(each), 0) / found.length;
      const coverage95 = mean((each) => each.coverage95);
      return {
        ...{ pollutant, days, draws: found.length, coverage95 },
        coverageError: Math.sqrt(mean((each) => (each.coverage95 - coverage95) ** 2) / found.length),
        leastCoverage95: Math.min(...found.map((each) => each.coverage95)),
        rmse: Math.sqrt(mean((each) => each.rmse ** 2)),
        rmseBilinear: Math.sqrt(mean((each) => each.rmseBilinear ** 2)),
      };
    }),
  );
}

function judge({ pollutant, days, coverage95, rmse, rmseBilinear }: Row): readonly string[] {
  const [least, most] = LIMITS[days];
  return [
    ...(coverage95 >= least && coverage95 <= most
      ? []
      : [`${pollutant}, ${days} days: coverage: expected ${least} to ${most}, found ${coverage95.toFixed(3)}`]),
    ...(rmse < rmseBilinear
      ? []
      : [
          `${pollutant}, ${days} days: RMSE: expected less than bilinear's ${rmseBilinear.toFixed(3)}, found ${rmse.toFixed(3)}`,
        ]),
  ];
}

async function run({ quick, say }: MeasurementOptions): Promise<MeasurementReport> {
  const evaluations: Evaluation[] = [];
  for (let draw = 0; draw < (quick ? QUICK_DRAWS : DRAWS); draw++) {
    const evaluation = await evaluationOf(FIRST_SEED + draw * SEED_STEP);
    evaluations.push(evaluation);
    const told = Object.entries(evaluation).map(
      ([pollutant, { coverage95, forecast }]) =>
        `${pollutant} ${(100 * coverage95).toFixed(1)} and ${(100 * forecast.coverage95).toFixed(1)} %`,
    );
    say(`draw ${draw + 1}: covered on analysis and forecast days: ${told.join(', ')}`);
  }
  const rows = rowsOf(evaluations);
  for (const row of rows) {
    say(
      `${row.pollutant}, ${row.days} days of ${row.draws} draws: covered ${(100 * row.coverage95).toFixed(1)} +- ${(100 * row.coverageError).toFixed(1)} %, ` +
        `least ${(100 * row.leastCoverage95).toFixed(1)} %; RMSE ${row.rmse.toFixed(3)}, bilinear ${row.rmseBilinear.toFixed(3)}`,
    );
  }
  return { rows, failures: quick ? [] : rows.flatMap(judge) };
}

/** `npm run bench -- forecasts`. */
export const forecastsBenchmark = measuredBenchmark('forecasts', run);
