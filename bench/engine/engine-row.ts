// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';

/** What bench/native/engine_bench.cpp prints for one model. */
export const engineRowSchema = z.object({
  n_s: z.int(),
  n_t: z.int(),
  n_v: z.int(),
  /** Order of a block, n_v n_s. */
  n: z.int(),
  complete: z.boolean(),
  /** One objective with gradient: wall time, with one thread processor time. */
  seconds: z.object({ textbookFd: z.number(), textbookAdjoint: z.number(), engine: z.number() }),
  ratioAdjoint: z.number(),
  ratioFd: z.number(),
  /** Rate of the block inversions of the engine, n^3 flops each. */
  gflops: z.number(),
  /** The same as a share of dgemm, measured between the evaluations: the median. */
  dgemmShare: z.number(),
  /** Peak resident memory of a process that has run the engine alone. */
  peakBytes: z.number(),
  /** Evaluations of the engine whose shortest is given. */
  evaluations: z.int(),
  /** False where three of the 2 d + 1 evaluations stand for all of them. */
  fdMeasuredWhole: z.boolean(),
  dgemmGflops: z.number(),
  /** Largest differences of the routes, relative to the engine's objective and to its largest gradient component. */
  agreement: z.object({ objective: z.number(), gradientAdjoint: z.number(), gradientFd: z.number() }),
  recursion: z.string(),
  blas: z.string(),
});

export type EngineMeasurement = z.infer<typeof engineRowSchema>;

export interface EngineRow extends EngineMeasurement {
  /** For example "trivariate 400 x 60, gaps". */
  readonly model: string;
}
