// SPDX-License-Identifier: Apache-2.0
/**
 * EngineModel as a JSON value, for people and for programs in other languages: the fields of engine-model.ts under their own names,
 * arrays as lists of numbers, matrices in the same compressed rows (`numRows, numColumns, rowPointers, columnIndices, values`).
 *
 * The form is judged here; whether the arrays make a model together, the engine judges.
 *
 * @module
 */
import { z } from 'zod';

import { TramontanaError } from '../../../common/errors.js';
import { suggestion } from '../../../common/suggestion.js';
import { plainLine, shortened } from '../../../common/text.js';
import type { EngineModel } from '../contract/engine-model.js';
import { thetaPriorSchema } from './model-codec.js';

const LARGEST_INT32 = 2 ** 31 - 1;
const SHOWN_CHARACTERS = 60;
const SHOWN_ISSUES = 10;

/** A value in a message; of lists and objects only their kind is told. */
function shownValue(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (value !== null && typeof value === 'object') return 'an object';
  // 1e999 is JSON, and infinite
  const text = value === undefined || typeof value === 'number' ? String(value) : JSON.stringify(value);
  return plainLine(text, SHOWN_CHARACTERS);
}

/** A list of which each entry passes; the first that does not is named, for a list may hold millions. */
function listOf<Values>(what: string, isEntry: (value: unknown) => boolean, make: (values: number[]) => Values) {
  return z.unknown().transform((value, context): Values => {
    const refuse = (message: string, path: number[] = []): Values => {
      context.addIssue({ code: 'custom', path, message });
      return z.NEVER;
    };
    if (value === undefined) return refuse(`expected a list of ${what}s, it is missing`);
    if (!Array.isArray(value)) return refuse(`expected a list of ${what}s, got ${shownValue(value)}`);
    const wrong = value.findIndex((entry) => !isEntry(entry));
    if (wrong >= 0) return refuse(`expected a ${what}, got ${shownValue(value[wrong])}`, [wrong]);
    return make(value as number[]);
  });
}

const numbers = listOf('finite number', Number.isFinite, (values) => Float64Array.from(values));
const integers = listOf(
  'whole 32-bit number',
  (value) => Number.isInteger(value) && Math.abs(value as number) <= LARGEST_INT32,
  (values) => Int32Array.from(values),
);
const count = z.int().nonnegative().max(LARGEST_INT32);

const csr = z.strictObject({
  numRows: count,
  numColumns: count,
  rowPointers: integers,
  columnIndices: integers,
  values: numbers,
});

const group = z.strictObject({
  process: count.optional(),
  likelihood: z.enum(['gaussian', 'poisson', 'binomial', 'gamma', 'student-t']).optional(),
  transform: z.enum(['identity', 'log', 'square-root']).optional(),
  y: numbers,
  timeIndex: integers,
  projector: csr,
  covariates: numbers,
  numCovariates: count,
  weights: numbers.optional(),
  exposure: numbers.optional(),
  effectLevels: z.array(integers).optional(),
});

const modelSchema = z.strictObject({
  kind: z.enum(['spatio-temporal', 'exact-diffusion', 'spatial', 'separable']),
  manifold: z.enum(['plane', 'sphere']),
  sphereSeriesTerms: count.optional(),
  numTimeSteps: count,
  c0: numbers,
  g1: csr,
  temporal: z.strictObject({ m0: numbers, m1: numbers, m2Diagonal: numbers, m2OffDiagonal: numbers }).optional(),
  spectralBasis: z.strictObject({ eigenvalues: numbers, eigenvectors: numbers }).optional(),
  observations: z.array(group).min(1),
  randomEffects: z
    .array(z.strictObject({ process: count, numLevels: count, structure: z.enum(['iid', 'cyclic-walk']).optional() }))
    .optional(),
  fixedEffectsPriorPrecision: z.number(),
  priors: z.array(thetaPriorSchema),
});

/** The keys of each object, by the last name of its path. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  model: Object.keys(modelSchema.shape),
  observations: Object.keys(group.shape),
  g1: Object.keys(csr.shape),
  projector: Object.keys(csr.shape),
  temporal: ['m0', 'm1', 'm2Diagonal', 'm2OffDiagonal'],
  spectralBasis: ['eigenvalues', 'eigenvectors'],
  randomEffects: ['process', 'numLevels', 'structure'],
  priors: ['type', 'mean', 'precision', 'kind', 'lambda', 'shape', 'rate', 'value'],
};

function describeIssue(issue: z.core.$ZodIssue, value: unknown, name: string): string {
  const path = issue.path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  if (issue.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    const last = issue.path.findLast((part) => typeof part === 'string') ?? 'model';
    const known = KEYS[last] ?? [];
    return `${name}${path}: unknown key "${shortened(key, SHOWN_CHARACTERS)}".${suggestion(key, known)} Known: ${known.join(', ')}`;
  }
  if (issue.code === 'custom') return `${name}${path}: ${issue.message}`;
  const found = issue.path.reduce<unknown>(
    (inner, part) =>
      inner !== null && typeof inner === 'object' ? (inner as Record<PropertyKey, unknown>)[part] : undefined,
    value,
  );
  const got = found === undefined ? 'it is missing' : `got ${shownValue(found)}`;
  return `${name}${path}: ${issue.message.replace(/, received .*$/u, '').replace('Invalid input: ', '')}, ${got}`;
}

/**
 * The model in a JSON value.
 *
 * @param name - of the value, for messages, e.g. `model.json: model`
 * @throws TramontanaError `Input.Invalid`: one line an issue, each with path, expectation and value; unknown keys are refused
 */
export function modelFromJson(value: unknown, name = 'model'): EngineModel {
  const parsed = modelSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.slice(0, SHOWN_ISSUES).map((issue) => describeIssue(issue, value, name));
  throw new TramontanaError('Input.Invalid', issues.join('\n'), { facts: { issues } });
}

/**
 * A model as a JSON value; {@link modelFromJson} gives the same model back, but for the sign of zeros.
 *
 * @throws TramontanaError `Input.Invalid` for a number that is not finite, which JSON has no word for
 */
export function modelToJson(model: EngineModel): unknown {
  const plain = (value: unknown, path: string): unknown => {
    if (typeof value === 'number' && !Number.isFinite(value)) {
      throw new TramontanaError('Input.Invalid', `${path}: expected a finite number, got ${value}`, {
        facts: { path },
      });
    }
    if (value === null || typeof value !== 'object') return value;
    if (Array.isArray(value) || value instanceof Float64Array || value instanceof Int32Array) {
      return Array.from(value as ArrayLike<unknown>, (entry, index) => plain(entry, `${path}[${index}]`));
    }
    const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
    return Object.fromEntries(entries.map(([key, entry]) => [key, plain(entry, `${path}.${key}`)]));
  };
  return plain(model, 'model');
}
