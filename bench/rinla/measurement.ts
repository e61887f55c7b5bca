// SPDX-License-Identifier: Apache-2.0
import { fork } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

import { z } from 'zod';

import { TramontanaError } from '../../common/errors.js';
import type { CaseName } from './reference.js';

const momentsSchema = z.object({ mean: z.number(), sd: z.number() });

/** What the whole fit of a case gave and cost; the rows of `--json`. */
export const caseRowSchema = z.object({
  case: z.string(),
  /** From the model in memory to the last marginal and criterion. */
  seconds: z.number(),
  /** Largest resident memory of the process that did it and nothing else. */
  peakBytes: z.number(),
  /** Factorisations of all phases. */
  evaluations: z.number(),
  /** R-INLA's order: log precision, log range, log sigma, rho_internal. */
  mode: z.array(z.number()),
  /** Null where R-INLA's mode is unknown. */
  logPosteriorAtReferenceMode: z.number().nullable(),
  logMarginalLikelihood: z.number(),
  /** As R-INLA's program arrives at it, where there is an answer of R-INLA to compare with; exactCriteria has the exact one. */
  dic: z.number(),
  /** Likewise. */
  waic: z.number(),
  parameters: z.record(z.string(), momentsSchema),
});

export type CaseRow = z.infer<typeof caseRowSchema>;

export const caseMeasurementSchema = z.object({
  row: caseRowSchema,
  logPosteriorAtMode: z.number(),
  exactCriteria: z.object({
    dic: z.number(),
    dicEffectiveParameters: z.number(),
    waic: z.number(),
    waicEffectiveParameters: z.number(),
  }),
  phases: z.object({
    fit: z.object({ seconds: z.number(), evaluations: z.number() }),
    integrate: z.object({ seconds: z.number(), evaluations: z.number() }),
  }),
  /** Of all threads. */
  cpuSeconds: z.number(),
  stopReason: z.string(),
});

export type CaseMeasurement = z.infer<typeof caseMeasurementSchema>;

/**
 * Measures a case in a process of its own, so that the peak of memory is that of the case.
 *
 * @throws TramontanaError `Bench.CaseFailed` when the process ends without an answer
 */
export function measureInProcess(name: CaseName, numThreads: number): Promise<CaseMeasurement> {
  const extension = extname(fileURLToPath(import.meta.url));
  const program = fileURLToPath(new URL(`./case-process${extension}`, import.meta.url));
  return new Promise((resolve, reject) => {
    const child = fork(program, [name, String(numThreads)], {
      execArgv: extension === '.ts' ? ['--import', 'tsx'] : [],
      env: { ...process.env, OPENBLAS_NUM_THREADS: String(numThreads) },
    });
    let answer: unknown;
    child.once('message', (message) => (answer = message));
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0 && answer !== undefined) {
        resolve(caseMeasurementSchema.parse(answer));
        return;
      }
      reject(
        new TramontanaError('Bench.CaseFailed', `${name}: expected an answer of its process, got exit code ${code}`, {
          facts: { case: name, code },
        }),
      );
    });
  });
}
