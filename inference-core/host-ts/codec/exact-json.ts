// SPDX-License-Identifier: Apache-2.0
/**
 * JSON in which every double comes back with its bits (NaN payloads excepted). JavaScript prints the shortest decimal that
 * reads back to the same double, so finite numbers are plain JSON; -0, NaN and the infinities become `{"$double": "-0"}`.
 *
 * @module
 */
const KEY = '$double';

/** Text of a value made of plain objects, arrays, numbers, strings, booleans and null. */
export function stringifyExact(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner === 'number' && (!Number.isFinite(inner) || Object.is(inner, -0))) {
      return { [KEY]: Object.is(inner, -0) ? '-0' : String(inner) };
    }
    return inner instanceof Float64Array ? Array.from(inner) : inner;
  });
}

/** Reads what stringifyExact wrote. @throws SyntaxError as JSON.parse does */
export function parseExact(text: string): unknown {
  return JSON.parse(text, (_key, inner: unknown) => {
    if (typeof inner === 'object' && inner !== null && KEY in inner) return Number(inner[KEY]);
    return inner;
  }) as unknown;
}
