// SPDX-License-Identifier: Apache-2.0
/**
 * Which model and which run: facts of the files, compared before their values are.
 *
 * @module
 */
import type { FieldOrigin } from '../../artifacts/schemas/gridded-field.js';
import { DAY_MS } from '../../common/days.js';
import { entry, float64At } from '../../common/entry.js';
import { TramontanaError } from '../../common/errors.js';
import { keepTimes } from '../keep-times.js';
import { sourceNames, type LabelledField } from '../labelled-field.js';
import { isoTime } from '../quality/assess-times.js';
import { issue, type QualityIssue } from '../quality/issue.js';

/** Fields that are left, and what was left out with the reason. */
export interface ChosenFields {
  readonly fields: readonly LabelledField[];
  readonly issues: readonly QualityIssue[];
  readonly older: readonly OlderRun[];
}

/** A run, or the part of it in one file, that is left out because there is a newer one. */
export interface OlderRun {
  readonly files: string;
  readonly runMs: number;
  readonly cadence: LabelledField['cadence'];
  readonly timesMs: readonly number[];
}

/**
 * Refuses two models for one species and origin: which of them is meant is not for the order of file names to decide.
 *
 * @throws TramontanaError `Ingest.SeveralModels`, naming models and files
 */
export function requireOneModel(fields: readonly LabelledField[]): readonly QualityIssue[] {
  const known = fields.flatMap((field) =>
    field.sources.flatMap(({ file, origin, model }) =>
      model === undefined ? [] : [{ file, origin, model, species: field.variables.map((item) => item.species) }],
    ),
  );
  for (const [index, one] of known.entries()) {
    const rival = known
      .slice(index + 1)
      .find(
        (other) =>
          other.model !== one.model &&
          other.origin === one.origin &&
          other.species.some((name) => one.species.includes(name)),
      );
    if (rival === undefined) continue;
    const models = [...new Set(known.filter(({ origin }) => origin === one.origin).map(({ model }) => model))];
    throw new TramontanaError(
      'Ingest.SeveralModels',
      `${one.file} and ${rival.file}: expected the ${one.origin} of one model, got those of ${models.join(', ')}; keep the files of one model in the folder (ENSEMBLE is the median of the others)`,
      { facts: { files: [one.file, rival.file], models, origin: one.origin } },
    );
  }
  const models = [...new Set(known.map(({ model }) => model))];
  if (models.length < 2) return [];
  const list = known.map(({ file, model, origin }) => `${file} (${model} ${origin})`).join(', ');
  return [
    issue('warning', 'several-models', `species or origins come from different models: ${list}`, {
      models,
    }),
  ];
}

/**
 * A file that does not say its model beside one of a known model, of the same species and origin: it may be another model, and the
 * difference of two models would pass for a change in time. Names are lost when files are renamed, so this is no refusal.
 *
 * @param fields - of which values are used
 */
export function unstatedModels(fields: readonly LabelledField[]): readonly QualityIssue[] {
  const files = fields.flatMap(({ sources, variables }) =>
    sources.map((source) => ({ ...source, species: variables.map((item) => item.species) })),
  );
  for (const silent of files.filter(({ model }) => model === undefined)) {
    const known = files.find(
      ({ model, origin, species }) =>
        model !== undefined && origin === silent.origin && species.some((name) => silent.species.includes(name)),
    );
    if (known === undefined) continue;
    const message = `${known.file} is the ${known.origin} of ${String(known.model)}, ${silent.file} does not state its model: expected one model; if it is the same, give the files their names of the ADS (ENS_${known.origin.toUpperCase()}_...), else keep the files of one model in the folder`;
    return [issue('warning', 'model-not-stated', message, { files: [known.file, silent.file], model: known.model })];
  }
  return [];
}

/**
 * Keeps the newest run of each species and leaves out older ones, which are named. Runs of the newest one's own day stay for the
 * hours before it, and older runs for days between the last analysis and the newest run.
 *
 * @param fields - what may be known at the cycle
 */
export function chooseRuns(fields: readonly LabelledField[]): ChosenFields {
  const newest = new Map<string, { runMs: number; file: string }>();
  let lastAnalysisMs = -Infinity;
  for (const field of fields) {
    field.origins.forEach((origin, index) => {
      if (origin !== 'forecast') lastAnalysisMs = Math.max(lastAnalysisMs, float64At(field.timesMs, index));
      const runMs = runOf(field, index, origin);
      if (Number.isNaN(runMs)) return;
      for (const { species } of field.variables) {
        if (!((newest.get(species)?.runMs ?? -Infinity) >= runMs)) {
          newest.set(species, { runMs, file: sourceNames(field) });
        }
      }
    });
  }
  const issues: QualityIssue[] = [];
  const older: OlderRun[] = [];
  const kept = fields.flatMap((field) => {
    const target = field.variables
      .map(({ species }) => newest.get(species))
      .reduce(
        (least, item) => (item !== undefined && !(least !== undefined && least.runMs <= item.runMs) ? item : least),
        undefined,
      );
    if (target === undefined) return [field];
    const newestDayMs = Math.floor(target.runMs / DAY_MS) * DAY_MS;
    const indices = Array.from(field.timesMs.keys()).filter((index) => {
      const runMs = runOf(field, index, entry(field.origins, index));
      const timeMs = float64At(field.timesMs, index);
      const bridges = timeMs < newestDayMs && timeMs > lastAnalysisMs && lastAnalysisMs !== -Infinity;
      return Number.isNaN(runMs) || runMs >= newestDayMs || bridges;
    });
    const dropped = field.timesMs.length - indices.length;
    older.push(...olderRuns(field, indices));
    if (dropped > 0 && indices.length > 0) {
      const message = `${sourceNames(field)}: ${dropped} of ${field.timesMs.length} times are not used: their run is older than the newest, of ${isoTime(target.runMs)}`;
      issues.push(issue('info', 'older-run-times', message, { file: sourceNames(field), times: dropped }));
    }
    if (indices.length > 0) return [keepTimes(field, indices)];
    const runMs = Math.max(...(field.runTimesMs ?? []));
    issues.push(
      unused(field, `its run of ${isoTime(runMs)} is older than that of ${isoTime(target.runMs)} in ${target.file}`),
    );
    return [];
  });
  const runs = [...newest].map(([species, { runMs }]) => ({ species, run: isoTime(runMs) }));
  if (new Set(runs.map(({ run }) => run)).size > 1) {
    const list = runs.map(({ species, run }) => `${species} of ${run}`).join(', ');
    issues.push(issue('warning', 'several-runs', `the newest runs of the species differ: ${list}`, { runs }));
  }
  return { fields: kept, issues, older };
}

function olderRuns(field: LabelledField, kept: readonly number[]): readonly OlderRun[] {
  const used = new Set(kept);
  const times = new Map<number, number[]>();
  field.timesMs.forEach((timeMs, index) => {
    if (used.has(index)) return;
    const runMs = runOf(field, index, entry(field.origins, index));
    times.set(runMs, [...(times.get(runMs) ?? []), timeMs]);
  });
  const { cadence } = field;
  return [...times].map(([runMs, timesMs]) => ({ files: sourceNames(field), runMs, cadence, timesMs }));
}

/** Says that nothing of a file is used, and why. */
export function unused(field: LabelledField, reason: string): QualityIssue {
  const files = sourceNames(field);
  return issue('info', 'unused-file', `${files}: not used: ${reason}`, { file: files, reason });
}

/** Run of a forecast time; NaN where unknown and for analyses. */
function runOf(field: LabelledField, index: number, origin: FieldOrigin): number {
  return origin === 'forecast' ? (field.runTimesMs?.[index] ?? NaN) : NaN;
}
