// SPDX-License-Identifier: Apache-2.0
/**
 * Zod schemas of the structs of model-fields.ts, each form of a field left to whoever asks: whole numbers may be numbers in JSON or
 * places of arrays in a file.
 *
 * @module
 */
import { z } from 'zod';

import { fieldsOf, PRIOR_FIELDS, type FieldSpec, type FieldTable, type StructName } from '../contract/model-fields.js';

/** How a document holds what is no object; `undefined` where it does not hold it. */
export interface DocumentForm {
  readonly integer: z.ZodType;
  readonly numbers: z.ZodType | undefined;
  readonly integers: z.ZodType | undefined;
  /** A struct that is not held as an object of its fields. */
  readonly struct?: (name: StructName) => z.ZodType | undefined;
  /** Name of a field in the document. */
  readonly keyOf: (name: string, spec: FieldSpec) => string;
}

function schemaOf(spec: FieldSpec, form: DocumentForm): z.ZodType | undefined {
  switch (spec.kind) {
    case 'number':
      return z.number();
    case 'integer':
      return form.integer;
    case 'numbers':
      return form.numbers;
    case 'integers':
      return form.integers;
    case 'choice':
      return z.enum(spec.of);
    case 'struct': {
      const own = form.struct?.(spec.of);
      if (own !== undefined) return own;
      const schema = structSchema(spec.of, form);
      return Object.keys(schema.shape).length === 0 ? undefined : schema;
    }
    case 'list':
      if (spec.of === 'ThetaPrior') return z.array(thetaPriorSchema);
      // arrays that the document does not hold are counted
      if (spec.of === 'integers') return form.integers === undefined ? form.integer : z.array(form.integers);
      return z.array(structSchema(spec.of, form));
  }
}

function tableSchema(table: FieldTable, form: DocumentForm): Record<string, z.ZodType> {
  return Object.fromEntries(
    Object.entries(table).flatMap(([name, spec]) => {
      const schema = schemaOf(spec, form);
      if (schema === undefined) return [];
      return [[form.keyOf(name, spec), spec.optional === true ? schema.optional() : schema] as const];
    }),
  );
}

/** Schema of a struct in a document; keys that are no fields are refused. */
export function structSchema(name: StructName, form: DocumentForm): z.ZodObject {
  return z.strictObject(tableSchema(fieldsOf(name), form));
}

const PLAIN: DocumentForm = { integer: z.int(), numbers: undefined, integers: undefined, keyOf: (name) => name };

const [firstPrior, ...otherPriors] = Object.entries(PRIOR_FIELDS).map(([type, table]) =>
  z.strictObject({ type: z.literal(type), ...tableSchema(table, PLAIN) }),
);
if (firstPrior === undefined) throw new RangeError('PRIOR_FIELDS: expected at least one type of prior');

/** A prior in a document. */
export const thetaPriorSchema: z.ZodType = z.discriminatedUnion('type', [firstPrior, ...otherPriors]);
