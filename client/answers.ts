// SPDX-License-Identifier: Apache-2.0
/**
 * What a workflow answers, held against what ours answer: another one may run under the same id.
 *
 * @module
 */
import { z } from 'zod';

import { WORK_NAMES } from '../pipeline/index.js';
import { TramontanaError } from '../common/errors.js';
import type { ForecastPlan } from '../activities/plan.js';
import type { StageOutcome } from '../activities/stage-contracts.js';
import type { ArtifactRef } from '../artifacts/index.js';
import type { ForecastResult } from '../workflows/forecast.js';
import type { RunProgress } from '../workflows/progress-state.js';

const news = z.looseObject({ stage: z.string(), fraction: z.number(), phase: z.string() });

const progressSchema = z.looseObject({
  schemaVersion: z.literal(1),
  state: z.enum(['running', 'done', 'failed', 'cancelled']),
  title: z.string().optional(),
  cycle: z.string().optional(),
  stages: z.array(
    z.looseObject({
      name: z.enum(WORK_NAMES),
      state: z.enum(['waiting', 'running', 'done', 'reused', 'failed', 'cancelled']),
      seconds: z.number().optional(),
      reason: z.string().optional(),
      summary: z.string().optional(),
      progress: news.optional(),
    }),
  ),
  products: z.looseObject({ folder: z.string(), files: z.array(z.string()) }).optional(),
  failure: z.looseObject({ type: z.string(), message: z.string() }).optional(),
});

const resultSchema = z.looseObject({
  schemaVersion: z.literal(1),
  domain: z.string(),
  cycle: z.string(),
  folder: z.string(),
  files: z.array(z.string()),
  stages: z.array(
    z.looseObject({ name: z.enum(WORK_NAMES), reused: z.boolean(), seconds: z.number(), reason: z.string() }),
  ),
});

const artifact = z.looseObject({ uri: z.string(), sha256: z.string(), bytes: z.number(), schema: z.string() });
const modelFitSchema = z.looseObject({
  name: z.literal('fit-model'),
  reused: z.boolean(),
  seconds: z.number(),
  reason: z.string(),
  outputs: z.looseObject({ fit: artifact, posterior: artifact }),
});

const planSchema = z.looseObject({
  domain: z.string(),
  cycle: z.string(),
  stages: z.array(z.looseObject({ name: z.enum(WORK_NAMES), willRun: z.boolean(), reason: z.string() })),
});

function hold(schema: z.ZodType, answer: unknown, workflowId: string, what: string): void {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return;
  const issues = parsed.error.issues.map(({ path, message }) => `${path.map(String).join('.')}: ${message}`);
  throw new TramontanaError(
    'Run.UnexpectedAnswer',
    `${workflowId}: expected the ${what}, got something else: ${issues.join('; ')}`,
    { facts: { workflowId, issues } },
  );
}

/**
 * The answer to the `progress` query.
 *
 * @throws {TramontanaError} `Run.UnexpectedAnswer`
 */
export function asProgress(answer: unknown, workflowId: string): RunProgress {
  hold(progressSchema, answer, workflowId, 'progress of a run of ours');
  return answer as RunProgress;
}

/**
 * The result of the `forecast` workflow.
 *
 * @throws {TramontanaError} `Run.UnexpectedAnswer`
 */
export function asResult(answer: unknown, workflowId: string): ForecastResult {
  hold(resultSchema, answer, workflowId, 'result of a forecast');
  return answer as ForecastResult;
}

/**
 * The result of the `plan` workflow.
 *
 * @throws {TramontanaError} `Run.UnexpectedAnswer`
 */
export function asPlan(answer: unknown, workflowId: string): ForecastPlan {
  hold(planSchema, answer, workflowId, 'plan of a forecast');
  return answer as ForecastPlan;
}

/** What the workflow `fitModel` returns. */
export interface ModelFitAnswer extends StageOutcome {
  readonly outputs: Readonly<Record<'fit' | 'posterior', ArtifactRef>>;
}

/**
 * The result of the `fitModel` workflow.
 *
 * @throws {TramontanaError} `Run.UnexpectedAnswer`
 */
export function asModelFit(answer: unknown, workflowId: string): ModelFitAnswer {
  hold(modelFitSchema, answer, workflowId, 'result of the fit of a model');
  return answer as ModelFitAnswer;
}
