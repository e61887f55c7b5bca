// SPDX-License-Identifier: Apache-2.0
/**
 * What many ranks would take, by counting: seconds of one rank as measured here, times the counts by which the engine itself chooses
 * its orders. Messages (a block between neighbours once an evaluation) are left out. A model, no measurement.
 */
import { z } from 'zod';

import { runNativeProgram } from '../core/native-program.js';
import type { ModelSize, RanksRow } from './compared-model.js';

/** What bench/native/distributed_bench.cpp prints with `--layer model`. */
const answerSchema = z.object({
  n: z.int(),
  n_t: z.int(),
  secondsOneRank: z.number(),
  seconds: z.number(),
  secondsJobsOneRank: z.number(),
  secondsJobs: z.number(),
  groups: z.int(),
});

export interface ScalingRow extends RanksRow {
  readonly layer: 'model, one evaluation' | 'model, 15 evaluations';
  /** speedup / ranks */
  readonly efficiency: number;
}

/** Columns of the Hessian of the largest model: 15 hyperparameters. */
const NUM_EVALUATIONS = 15;

/** Of others, as they publish them; keys of references.bib. */
export const PUBLISHED: readonly string[] = [
  'Serinv [Maillou2025]: 32 % strong and 47 % weak efficiency of the solver on 16 GPUs (nested dissection)',
  'DALIA [DALIA2025]: speedups of three orders of magnitude over R-INLA on 496 GPUs, with three layers; no checkpoint',
  'ADELIA [ADELIA2026]: a gradient of the application AP1 in 115 s on four GPUs, of WA1 in 31.9 s on four',
];

export async function modelScaling(program: string, size: ModelSize, ranks: number): Promise<readonly ScalingRow[]> {
  const answer = answerSchema.parse(
    await runNativeProgram(program, { ...size, layer: 'model', complete: 0, threads: 1, ranks, jobs: NUM_EVALUATIONS }),
  );
  const { n, n_t } = answer;
  const row = (layer: ScalingRow['layer'], seconds: number, secondsOneRank: number): ScalingRow => ({
    layer,
    model: `${size.nodes} nodes, ${size.steps} days with gaps`,
    ...{ n, n_t, ranks, seconds, secondsOneRank },
    speedup: secondsOneRank / seconds,
    efficiency: secondsOneRank / seconds / ranks,
  });
  return [
    row('model, one evaluation', answer.seconds, answer.secondsOneRank),
    row('model, 15 evaluations', answer.secondsJobs, answer.secondsJobsOneRank),
  ];
}
