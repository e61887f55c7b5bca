// SPDX-License-Identifier: Apache-2.0
import { TramontanaError } from '../../common/errors.js';
import type { GriddedField } from '../../artifacts/schemas/gridded-field.js';
import { sourceNames } from '../labelled-field.js';

/**
 * The field with these species only, in the order asked for.
 *
 * @throws TramontanaError `Ingest.MissingVariable` with what is available; `Ingest.AllMissing` when a species has no value
 */
export function selectSpecies<F extends GriddedField>(field: F, species: readonly string[]): F {
  const available = field.variables.map((variable) => variable.species);
  const variables = species.map((name) => {
    const variable = field.variables.find((item) => item.species === name);
    if (variable === undefined) {
      throw new TramontanaError(
        'Ingest.MissingVariable',
        `${sourceNames(field)}: expected a variable with ${name}; available: ${available.length === 0 ? 'none' : available.join(', ')}`,
        { facts: { files: sourceNames(field), species: name, available } },
      );
    }
    if (variable.values.every((value) => Number.isNaN(value))) {
      throw new TramontanaError(
        'Ingest.AllMissing',
        `${sourceNames(field)}: ${name}: expected at least one value, all ${variable.values.length} are missing`,
        { facts: { files: sourceNames(field), species: name, values: variable.values.length } },
      );
    }
    return variable;
  });
  return { ...field, variables };
}
