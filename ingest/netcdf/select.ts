// SPDX-License-Identifier: Apache-2.0
import { TramontanaError } from '../../common/errors.js';
import type { NetcdfVariable, ReadOptions } from './types.js';

/** The variable of this name. @throws TramontanaError `Ingest.MissingVariable` with what is there */
export function variableNamed<V extends NetcdfVariable>(path: string, variables: readonly V[], name: string): V {
  const found = variables.find((variable) => variable.name === name);
  if (found === undefined) {
    const available = variables.map((variable) => variable.name);
    throw new TramontanaError(
      'Ingest.MissingVariable',
      `${path}: expected a variable "${name}"; the file has ${available.length === 0 ? 'no variables' : available.join(', ')}`,
      { facts: { file: path, variable: name, available } },
    );
  }
  return found;
}

/** Rows along the first dimension that a read covers, and the elements of one row. A scalar has one row of one element. */
export function resolveRange(
  shape: readonly number[],
  options: ReadOptions,
): { readonly start: number; readonly count: number; readonly rowElements: number } {
  const rows = shape[0] ?? 1;
  const start = options.start ?? 0;
  const count = options.count ?? rows - start;
  if (!Number.isInteger(start) || !Number.isInteger(count) || start < 0 || count < 0 || start + count > rows) {
    throw new RangeError(`rows [${start}, ${start + count}) must lie within [0, ${rows})`);
  }
  return { start, count, rowElements: shape.slice(1).reduce((product, length) => product * length, 1) };
}
