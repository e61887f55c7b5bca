// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';

import { TramontanaError } from '../../common/errors.js';
import { plainLine } from '../../common/text.js';
import { suggestion } from '../../common/suggestion.js';
import { artifactRef } from './fit-input.js';

/** Finite: Zod's own number is. */
const thetaVector = z.array(z.number()).min(1).readonly();

/** How a given model is fitted, and what is told of its posterior. */
export const modelFitOptionsSchema = z.strictObject({
  initialTheta: thetaVector.describe(
    'Where the search starts, on the internal scale: one number a component of theta.',
  ),
  thetaBounds: z
    .strictObject({ lower: thetaVector, upper: thetaVector })
    .optional()
    .describe("A box that theta stays in; default: the engine's own, far outside of what data can tell."),
  gradientTolerance: z
    .number()
    .positive()
    .optional()
    .describe('The search ends when no component of the gradient is larger; default 1e-3.'),
  maximumIterations: z.int().positive().optional().describe('Default 100.'),
  integration: z
    .enum(['automatic', 'lattice', 'central-composite', 'empirical-bayes'])
    .optional()
    .describe('How theta is integrated out; default automatic.'),
  mostEvaluations: z.number().nonnegative().optional().describe('Factorisations that `automatic` may take.'),
  latent: z.boolean().optional().describe('Mean and standard deviation of every latent variable; default true.'),
  threads: z
    .int()
    .positive()
    .optional()
    .describe('Of the engine process; default: all processors. Changes no result key.'),
});

/** The one JSON object that starts the workflow `fitModel`. */
export const modelFitInputSchema = z.strictObject({
  schemaVersion: z.literal(1),
  model: artifactRef.describe('An `engine-model/1`, below the artifact roots of the worker.'),
  options: modelFitOptionsSchema,
  reuse: z.boolean().optional().describe('False computes an earlier result again; default true.'),
});

export type ModelFitOptions = Readonly<z.infer<typeof modelFitOptionsSchema>>;

export type ModelFitInput = Readonly<z.infer<typeof modelFitInputSchema>>;

const MAXIMUM_ISSUES = 10;
const SHOWN_CHARACTERS = 100;

function parse<Output>(schema: z.ZodType<Output>, value: unknown, name: string): Output {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.slice(0, MAXIMUM_ISSUES).map((issue) => describeIssue(issue, value, name));
  throw new TramontanaError('Input.Invalid', issues.join('\n'), { facts: { issues } });
}

function describeIssue(issue: z.core.$ZodIssue, value: unknown, name: string): string {
  const path = [name, ...issue.path.map(String)].join('.');
  if (issue.code === 'unrecognized_keys') {
    const shape = issue.path.at(-1) === 'options' || name === 'options' ? modelFitOptionsSchema : modelFitInputSchema;
    const known = Object.keys(shape.shape);
    const key = plainLine(issue.keys[0] ?? '', SHOWN_CHARACTERS);
    return `${path}: unknown key "${key}".${suggestion(key, known)} Known: ${known.join(', ')}`;
  }
  const found = issue.path.reduce<unknown>(
    (inner, part) =>
      inner !== null && typeof inner === 'object' ? (inner as Record<PropertyKey, unknown>)[part] : undefined,
    value,
  );
  const text = typeof found === 'number' ? String(found) : (JSON.stringify(found) as string | undefined);
  return `${path}: ${issue.message}, got ${text === undefined ? 'nothing' : plainLine(text, SHOWN_CHARACTERS)}`;
}

/**
 * Validates how a model is to be fitted.
 *
 * @throws {TramontanaError} `Input.Invalid`: one line an issue, each with path, expectation and value
 */
export function parseModelFitOptions(value: unknown, name = 'options'): ModelFitOptions {
  return parse(modelFitOptionsSchema, value, name);
}

/**
 * Validates the input of the workflow `fitModel`.
 *
 * @throws {TramontanaError} `Input.Invalid`: one line an issue, each with path, expectation and value
 */
export function parseModelFitInput(value: unknown): ModelFitInput {
  return parse(modelFitInputSchema, value, 'input');
}
