// SPDX-License-Identifier: Apache-2.0
import type { TramontanaError } from '../../common/errors.js';
import { plainLine } from '../../common/text.js';

/** Builds the error of a file of areas: where in it, what is expected there, what was found. */
export type Refuse = (where: string, expectation: string, found: string) => TramontanaError;

/** A JSON object. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** A value in a message: of what is no text or number, the kind or the GeoJSON type. */
export function shown(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (isObject(value)) {
    return typeof value['type'] === 'string'
      ? `the type "${plainLine(value['type'], 40)}"`
      : 'an object without a type';
  }
  return value === undefined ? 'nothing' : plainLine(JSON.stringify(value), 80);
}
