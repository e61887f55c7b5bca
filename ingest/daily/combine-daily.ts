// SPDX-License-Identifier: Apache-2.0
import { entry } from '../../common/entry.js';
import { TramontanaError } from '../../common/errors.js';
import { sourceNames, type LabelledField } from '../labelled-field.js';
import { chooseRuns, requireOneModel, unstatedModels, unused } from './choose-runs.js';
import { mergeFields } from './merge-fields.js';
import { selectSpecies } from './select-species.js';
import { toDaily, type DailyOptions } from './to-daily.js';

/**
 * One daily field of these species from all fields of a run: one model, the newest runs, hours to days, and daily fields
 * beside them as they are.
 *
 * @param fields - one a file; what may be known at the cycle
 * @throws TramontanaError `Ingest.SeveralModels`, and as mergeFields, toDaily and selectSpecies
 */
export function combineDaily(
  fields: readonly LabelledField[],
  species: readonly string[],
  options: DailyOptions = {},
): LabelledField {
  const wanted = fields.map((field) => ({
    ...field,
    variables: field.variables.filter((variable) => species.includes(variable.species)),
  }));
  const useful = wanted.filter((field) => field.variables.length > 0);
  const idle = fields.filter((_, index) => entry(wanted, index).variables.length === 0);
  if (useful.length === 0) {
    const available = [...new Set(fields.flatMap((field) => field.variables.map((variable) => variable.species)))];
    throw new TramontanaError(
      'Ingest.MissingVariable',
      `${fields.map(sourceNames).join(', ')}: expected a variable with ${species.join(', ')}; available: ${available.join(', ')}`,
      { facts: { files: fields.map(sourceNames), species, available } },
    );
  }
  const severalModels = requireOneModel(useful);
  const chosen = chooseRuns(useful);
  const modelIssues = [...severalModels, ...unstatedModels(chosen.fields)];
  const hourly = chosen.fields.filter(({ cadence }) => cadence === 'hourly');
  const daily = chosen.fields.filter(({ cadence }) => cadence === 'daily');
  const parts = [
    ...(hourly.length === 0 ? [] : [toDaily(mergeFields(hourly), options)]),
    ...daily.map((field) => toDaily(field, options)),
  ];
  const merged = selectSpecies(mergeFields(parts), species);
  const idleIssues = idle.map((field) => unused(field, `it holds none of ${species.join(', ')}`));
  return { ...merged, issues: [...merged.issues, ...modelIssues, ...chosen.issues, ...idleIssues] };
}
