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
import { fieldsOf, MODEL_FIELDS, PRIOR_FIELDS, type StructName } from '../contract/model-fields.js';
import { structSchema, type DocumentForm } from './struct-schema.js';

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

const FORM: DocumentForm = { integer: count, numbers, integers, keyOf: (name) => name };

const modelSchema = structSchema('EngineModel', FORM).extend({
  observations: z.array(structSchema('ObservationGroup', FORM)).min(1),
});

/** The keys of each object, by the last name of its path. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  model: Object.keys(MODEL_FIELDS.EngineModel),
  ...keysBelow('EngineModel'),
};

/** Of all structs within one, by the names of the fields that hold them. */
function keysBelow(name: StructName): Record<string, readonly string[]> {
  return Object.assign(
    {},
    ...Object.entries(fieldsOf(name)).map(([field, spec]): Record<string, readonly string[]> => {
      if (spec.kind !== 'struct' && spec.kind !== 'list') return {};
      if (spec.of === 'integers') return {};
      if (spec.of === 'ThetaPrior') {
        return {
          [field]: [...new Set(['type', ...Object.values(PRIOR_FIELDS).flatMap((table) => Object.keys(table))])],
        };
      }
      return { [field]: Object.keys(fieldsOf(spec.of)), ...keysBelow(spec.of) };
    }),
  ) as Record<string, readonly string[]>;
}

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
  // the compiler holds the table of fields, which the schema has checked, to the type
  if (parsed.success) return parsed.data as unknown as EngineModel;
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
