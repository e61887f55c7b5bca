// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import { measuredBenchmark, type MeasurementOptions, type MeasurementReport } from '../core/measured-benchmark.js';
import { buildNativeProgram, runNativeProgram } from '../core/native-program.js';

const rowSchema = z.object({
  n_s: z.int(),
  n_t: z.int(),
  n_v: z.int(),
  observations: z.int(),
  /** Spectral basis of the mesh and patterns of the observations. */
  secondsPrepare: z.number(),
  /** One objective with gradient, at the start. */
  secondsEvaluation: z.number(),
  /** Search and Hessian. */
  secondsFit: z.number(),
  /** Of all threads and the whole program. */
  processorSeconds: z.number(),
  peakBytes: z.number(),
  /** Objectives with gradient, those of the Hessian included. */
  evaluations: z.int(),
  gradientNorm: z.number(),
  converged: z.boolean(),
  stopReason: z.string(),
  recursion: z.string(),
});

const FULL = { nodes: 1000, steps: 60, processes: 3, points: 556 };
/** A tenth of the nodes, all else equal. */
const QUICK = { nodes: 100, steps: 60, processes: 3, points: 56 };

const LIMIT_SECONDS = 15 * 60;
const LIMIT_BYTES = 6e9;

async function run({ quick, threads, say }: MeasurementOptions): Promise<MeasurementReport> {
  const program = await buildNativeProgram('large_bench');
  const row = rowSchema.parse(await runNativeProgram(program, { ...(quick ? QUICK : FULL), threads }, say));
  const seconds = row.secondsPrepare + row.secondsFit;
  say(
    `${row.observations} observations, n_s ${row.n_s}, n_v ${row.n_v}, n_t ${row.n_t}: ${seconds.toFixed(0)} s, ` +
      `${(row.peakBytes / 1e9).toFixed(2)} GB, ${row.evaluations} evaluations; ${row.stopReason}`,
  );
  const failures = [
    ...(row.converged ? [] : [`the search did not converge: ${row.stopReason}`]),
    ...(seconds <= LIMIT_SECONDS ? [] : [`expected at most ${LIMIT_SECONDS} s, found ${seconds.toFixed(0)} s`]),
    ...(row.peakBytes <= LIMIT_BYTES ? [] : [`expected at most 6 GB, found ${(row.peakBytes / 1e9).toFixed(2)} GB`]),
  ];
  return { rows: [row], failures };
}

/** `npm run bench -- large`. */
export const largeBenchmark = measuredBenchmark('large', run);
