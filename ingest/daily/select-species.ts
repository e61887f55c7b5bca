// SPDX-License-Identifier: Apache-2.0
import { TramontanaError } from '../../common/errors.js';
import type { GriddedField } from '../../artifacts/schemas/gridded-field.js';
import { sourceNames, type LabelledField } from '../labelled-field.js';

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
      const issues = 'issues' in field ? (field as unknown as LabelledField).issues : [];
      const short = issues.find(({ code, facts }) => code === 'short-days-dropped' && facts['species'] === name);
      if (short !== undefined) {
        throw new TramontanaError(
          'Ingest.NoDailyValues',
          `${sourceNames(field)}: expected at least one day with hours enough; ${short.message}, and there is no other; window.minimumDailyCoverage may ask for less`,
          { facts: { files: sourceNames(field), species: name } },
        );
      }
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
