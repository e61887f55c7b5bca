// SPDX-License-Identifier: Apache-2.0

/**
 * Variables with NaN in the cells that are left out, on every day.
 *
 * @param isExcluded - per cell, [latitude, longitude]; undefined leaves nothing out
 * @param names - of the arrays of shape [time, latitude, longitude]
 */
export function withoutCells<Name extends string, Variable extends Readonly<Record<Name, Float64Array>>>(
  variables: readonly Variable[],
  isExcluded: readonly boolean[] | undefined,
  names: readonly Name[],
): readonly Variable[] {
  if (isExcluded === undefined) return variables;
  const emptied = (values: Float64Array): Float64Array =>
    values.map((value, i) => (isExcluded[i % isExcluded.length] === true ? Number.NaN : value));
  return variables.map((variable) => ({
    ...variable,
    ...Object.fromEntries(names.map((name) => [name, emptied(variable[name])])),
  }));
}
