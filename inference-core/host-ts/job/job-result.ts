// SPDX-License-Identifier: Apache-2.0
/**
 * What an engine process leaves in its job folder: `result.json`, and for an integration `integration.arrow` (written before it).
 *
 * @module
 */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { z } from 'zod';

import type { FitResult } from '../../../artifacts/schemas/fit-result.js';
import { writeFileAtomic } from '../../../common/atomic-file.js';
import { messageOf, TramontanaError } from '../../../common/errors.js';
import { sha256Hex } from '../../../common/hash.js';
import { parseExact, stringifyExact } from '../codec/exact-json.js';
import { decodeIntegration, encodeIntegration } from '../codec/integration-codec.js';
import type { IntegrationResult } from '../contract/posterior.js';

export const RESULT_SCHEMA_VERSION = 1;
const RESULT_FILE = 'result.json';
const INTEGRATION_FILE = 'integration.arrow';

export type JobResult =
  | { readonly kind: 'fit'; readonly fit: FitResult }
  | { readonly kind: 'integrate'; readonly integration: IntegrationResult };

const numbers = z.array(z.number());

const fitResultSchema: z.ZodType<FitResult> = z.object({
  thetaNames: z.array(z.string()),
  theta: numbers,
  thetaCovariance: z.array(numbers),
  hessian: z.array(numbers).optional(),
  objective: z.number(),
  gradientNorm: z.number(),
  evaluations: z.number(),
  iterations: z.number(),
  resumedFromIteration: z.number(),
  seconds: z.number(),
  stopReason: z.string(),
  converged: z.boolean(),
  activeBounds: z.array(z.string()),
  recursion: z.string(),
  fixedEffects: z.object({ mean: numbers, sd: numbers }),
  start: z
    .object({
      from: z.enum(['earlier-run', 'coarse-mesh', 'defaults']),
      reason: z.string(),
      evaluationsSaved: z.number(),
      reference: z.object({ evaluations: z.number(), of: z.string() }).optional(),
      earlierKey: z.string().optional(),
    })
    .optional(),
  peakBytes: z.number().optional(),
  trace: z.array(
    z.object({
      iteration: z.number(),
      // a rejected trial may lie where the objective is infinite
      objective: z.custom<number>((value) => typeof value === 'number'),
      gradientNorm: z.custom<number>((value) => typeof value === 'number'),
      theta: numbers,
      seconds: z.number(),
    }),
  ),
});

const common = { schemaVersion: z.literal(RESULT_SCHEMA_VERSION), jobKey: z.string(), attemptToken: z.int() };
const resultFileSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('fit'), ...common, fit: fitResultSchema }),
  z.object({ kind: z.literal('integrate'), ...common, integrationSha256: z.string() }),
]);

/** Writes a result atomically. @returns path and SHA-256 of result.json, for the `result` event */
export async function writeJobResult(
  folder: string,
  job: { readonly jobKey: string; readonly attemptToken: number },
  result: JobResult,
): Promise<{ readonly path: string; readonly sha256: string }> {
  const header = { schemaVersion: RESULT_SCHEMA_VERSION, jobKey: job.jobKey, attemptToken: job.attemptToken } as const;
  let text: string;
  if (result.kind === 'fit') {
    text = stringifyExact({ kind: 'fit', ...header, fit: result.fit });
  } else {
    const bytes = encodeIntegration(result.integration);
    await writeFileAtomic(join(folder, INTEGRATION_FILE), bytes);
    text = stringifyExact({ kind: 'integrate', ...header, integrationSha256: sha256Hex(bytes) });
  }
  const path = join(folder, RESULT_FILE);
  await writeFileAtomic(path, `${text}\n`);
  return { path, sha256: sha256Hex(`${text}\n`) };
}

/**
 * Reads the result that a `result` event points to, and checks hashes and job key.
 *
 * @throws TramontanaError `Engine.BadResult` (retryable: the engine can compute it again)
 */
export async function readJobResult(
  event: { readonly path: string; readonly sha256: string },
  jobKey: string,
): Promise<JobResult> {
  const bad = (reason: string, cause?: unknown): TramontanaError =>
    new TramontanaError('Engine.BadResult', `${event.path}: expected the result of job ${jobKey}, ${reason}`, {
      facts: { path: event.path, jobKey },
      retryable: true,
      cause,
    });
  let bytes: Uint8Array;
  try {
    bytes = await readFile(event.path);
  } catch (error) {
    throw bad(`cannot read it: ${messageOf(error)}`, error);
  }
  if (sha256Hex(bytes) !== event.sha256) throw bad(`SHA-256 ${event.sha256}, got ${sha256Hex(bytes)}`);
  const parsed = resultFileSchema.safeParse(parseExact(Buffer.from(bytes).toString('utf8')));
  if (!parsed.success) throw bad(z.prettifyError(parsed.error));
  const result = parsed.data;
  if (result.jobKey !== jobKey) throw bad(`got one of job ${result.jobKey}`);
  if (result.kind === 'fit') return { kind: 'fit', fit: result.fit };
  const path = join(dirname(event.path), INTEGRATION_FILE);
  let integration: Uint8Array;
  try {
    integration = await readFile(path);
  } catch (error) {
    throw bad(`cannot read ${path}: ${messageOf(error)}`, error);
  }
  if (sha256Hex(integration) !== result.integrationSha256)
    throw bad(`${path} does not have the SHA-256 that result.json tells`);
  return { kind: 'integrate', integration: decodeIntegration(integration, path) };
}
