// SPDX-License-Identifier: Apache-2.0
import { isoDay } from '../../common/days.js';
import { entry } from '../../common/entry.js';
import { isTramontanaError, TramontanaError } from '../../common/errors.js';
import { sourceNames, type LabelledField } from '../labelled-field.js';
import { countOf, isoTime } from '../quality/assess-times.js';
import { chooseRuns, requireOneModel, unstatedModels, unused, type OlderRun } from './choose-runs.js';
import { completeDays } from './complete-days.js';
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
  const merged = withOlderRunsNamed(chosen.older, options, () => dailyOf(chosen.fields, species, options));
  const idleIssues = idle.map((field) => unused(field, `it holds none of ${species.join(', ')}`));
  return { ...merged, issues: [...merged.issues, ...modelIssues, ...chosen.issues, ...idleIssues] };
}

function dailyOf(fields: readonly LabelledField[], species: readonly string[], options: DailyOptions): LabelledField {
  const hourly = fields.filter(({ cadence }) => cadence === 'hourly');
  const daily = fields.filter(({ cadence }) => cadence === 'daily');
  const parts = [
    ...(hourly.length === 0 ? [] : [toDaily(mergeFields(hourly), options)]),
    ...daily.map((field) => toDaily(field, options)),
  ];
  return selectSpecies(mergeFields(parts), species);
}

/**
 * Where the newest run has no whole day and an older one has: says which, and how to take it. It is not taken unasked, for nobody
 * would see that the forecast is of another day.
 */
function withOlderRunsNamed<T>(older: readonly OlderRun[], options: DailyOptions, combine: () => T): T {
  try {
    return combine();
  } catch (error) {
    if (!isTramontanaError(error, 'Ingest.NoDailyValues')) throw error;
    const numDays = ({ cadence, timesMs }: OlderRun): number =>
      cadence === 'daily' ? timesMs.length : completeDays(timesMs, options.coverageThreshold).length;
    const whole = [...older].sort((a, b) => b.runMs - a.runMs).find((run) => numDays(run) > 0);
    if (whole === undefined) throw error;
    const day = isoDay(whole.runMs);
    throw new TramontanaError(
      'Ingest.NoDailyValues',
      `${error.message}; the older run of ${isoTime(whole.runMs)} in ${whole.files} has ${countOf(numDays(whole), 'whole day')}: ask for the cycle ${day} to take it (\`--cycle ${day}\`), or complete the newest run`,
      { facts: { ...error.facts, olderRun: isoTime(whole.runMs), olderFiles: whole.files }, cause: error },
    );
  }
}
