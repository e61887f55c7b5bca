// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import { measuredBenchmark, type MeasurementOptions, type MeasurementReport } from '../core/measured-benchmark.js';
import { buildNativeProgram, runNativeProgram } from '../core/native-program.js';

const searchSchema = z.object({
  /** Objectives with gradient. */
  evaluations: z.int(),
  seconds: z.number(),
  objective: z.number(),
  converged: z.boolean(),
});

/** What bench/native/warm_bench.cpp prints for one model. */
const rowSchema = z.object({
  n_s: z.int(),
  coarse_n_s: z.int(),
  n_t: z.int(),
  n_v: z.int(),
  /** From mode and Hessian of the window one step earlier. */
  yesterday: searchSchema,
  starts: z.array(
    z.object({
      /** From a start scattered with sd 1. */
      plain: searchSchema,
      /** From where the coarse fit, begun there, ended. */
      fine: searchSchema,
      /** Of the coarse fit and its Hessian. */
      coarseEvaluations: z.int(),
      coarseSeconds: z.number(),
      isUsed: z.boolean(),
    }),
  ),
});

type Row = z.infer<typeof rowSchema>;

const LARGEST_FINE_EVALUATIONS = 10;
const LARGEST_WARM_EVALUATIONS = 8;
/** The search stops at |gradient| < 1e-3, which leaves |g|^2 / (2 h) of the objective, far below this. */
const SAME_OBJECTIVE = 1e-3;

const MODELS = [1, 2, 3].map((processes) => ({ nodes: 400, steps: 20, processes, coarseness: 1.6, starts: 3 }));

function failuresOf({ n_v, yesterday, starts }: Row): string[] {
  const failures: string[] = [];
  const check = (what: string, { evaluations, converged, objective }: Row['yesterday'], atMost: number): void => {
    if (!converged) failures.push(`n_v ${n_v}: the fit ${what} did not converge`);
    if (evaluations > atMost) {
      failures.push(`n_v ${n_v}: ${what}: expected at most ${atMost} evaluations, found ${evaluations}`);
    }
    const expected = Math.min(...starts.map(({ plain }) => plain.objective));
    if (Math.abs(objective - expected) > SAME_OBJECTIVE) {
      failures.push(`n_v ${n_v}: ${what}: expected the objective ${expected}, found ${objective}`);
    }
  };
  check('from the day before', yesterday, LARGEST_WARM_EVALUATIONS);
  for (const { fine, isUsed } of starts) {
    check('from the coarse mesh', fine, LARGEST_FINE_EVALUATIONS);
    if (!isUsed) failures.push(`n_v ${n_v}: the coarse mesh was not used`);
  }
  return failures;
}

function lineOf({ n_s, coarse_n_s, n_t, n_v, yesterday, starts }: Row): string {
  const range = (values: readonly number[]): string => {
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return low === high ? String(low) : `${low}-${high}`;
  };
  const seconds = (of: (start: Row['starts'][number]) => number): number =>
    starts.reduce((sum, start) => sum + of(start), 0) / starts.length;
  return [
    `n_v ${n_v}, n_s ${n_s}, n_t ${n_t}`.padEnd(24),
    range(starts.map(({ plain }) => plain.evaluations)).padStart(9),
    `${range(starts.map(({ fine }) => fine.evaluations))} (${range(starts.map((s) => s.coarseEvaluations))} at ${coarse_n_s})`.padStart(
      24,
    ),
    (seconds(({ plain }) => plain.seconds) / seconds(({ fine, coarseSeconds }) => fine.seconds + coarseSeconds))
      .toFixed(2)
      .padStart(12),
    String(yesterday.evaluations).padStart(16),
  ].join('  ');
}

async function run({ quick, threads, say }: MeasurementOptions): Promise<MeasurementReport> {
  const program = await buildNativeProgram('warm_bench');
  say('Evaluations to |gradient| < 1e-3 from starts of sd 1, and from what is known');
  say(
    [
      'model'.padEnd(24),
      'plain'.padStart(9),
      'fine (coarse, nodes)'.padStart(24),
      'time ratio'.padStart(12),
      'from yesterday'.padStart(16),
    ].join('  '),
  );
  const rows: Row[] = [];
  for (const model of quick ? MODELS.slice(0, 1) : MODELS) {
    const row = rowSchema.parse(await runNativeProgram(program, { ...model, threads }));
    rows.push(row);
    say(lineOf(row));
  }
  return { rows, failures: rows.flatMap(failuresOf) };
}

/** `npm run bench -- warm`. */
export const warmBenchmark = measuredBenchmark('warm', run);
