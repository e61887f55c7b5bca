// SPDX-License-Identifier: Apache-2.0
import { ARROW_MEDIA_TYPE } from '../../artifacts/index.js';
import { encodeGriddedField, GRIDDED_FIELD_SCHEMA } from '../../artifacts/schemas/gridded-field-arrow.js';
import { TramontanaError } from '../../common/errors.js';
import type { DomainConfig } from '../../config/index.js';
import {
  readCamsFile,
  assessExtent,
  combineDaily,
  keepTimes,
  sourceNames,
  type LabelledField,
  type QualityIssue,
} from '../../ingest/index.js';
import type { ActivityDependencies } from '../dependencies.js';
import { knownAtCycle, reachesWindow, withinWindow } from '../inputs/cycle-window.js';
import { judgeCycleInput, type CycleInput } from '../inputs/cycle-input.js';
import { readSources } from '../inputs/read-sources.js';
import { sourceInputs, type InputCatalogue } from '../inputs/input-catalogue.js';
import type { StageArgs } from '../stage-contracts.js';
import type { StageWork } from '../frame/stage-frame.js';

/** Content of an `ingest-notes/1` artifact: what was noticed while reading. */
export interface IngestNotes {
  readonly issues: readonly QualityIssue[];
  readonly sources: LabelledField['sources'];
}

/** Says of a file of the input that it is not used; `isSuspicious` degrades the products. */
function unusedIssue(file: string, reason: string, isSuspicious: boolean): QualityIssue {
  return {
    code: 'unused-file',
    severity: isSuspicious ? 'warning' : 'info',
    message: `${file}: not used: ${reason}`,
    facts: { file, reason },
  };
}

/** Says that a cycle is made of an earlier forecast; degrades the products. */
function lateIssues(cycle: string, { state, reason = '' }: CycleInput): QualityIssue[] {
  if (state === 'present') return [];
  return [{ code: 'late-input', severity: 'warning', message: reason, facts: { cycle } }];
}

/** Reads the input files into one daily field of the domain: what the model sees, and nothing that was unknown at the cycle. */
export async function workOf(deps: ActivityDependencies, args: StageArgs<'ingest'>): Promise<StageWork> {
  const { run } = args;
  const config = await deps.store.getJson<DomainConfig>(run.config);
  const { sources, unread } = await deps.store.getJson<InputCatalogue>(run.catalogue);
  const { boundingBox, pollutants, window } = config;
  return {
    name: 'ingest',
    version: 4,
    parameters: {
      ...{ boundingBox, pollutants, window, unread },
      cycle: run.cycle,
      origin: config.source.origin ?? null,
    },
    inputs: sourceInputs({ sources }),
    compute: async ({ signal, report }) => {
      const read = await readSources(sources, config, readCamsFile, {
        signal,
        onFile: (index) =>
          report({ fraction: (0.8 * index) / sources.length, phase: `reading file ${index + 1} of ${sources.length}` }),
      });
      const known = read.fields.map((field) => ({ field, known: keepTimes(field, knownAtCycle(field, run.cycle)) }));
      const usable = known.flatMap((item) => (item.known.timesMs.length > 0 ? [item.known] : []));
      const isRecent = (field: LabelledField): boolean => reachesWindow(field, run.cycle, window);
      // When none is, withinWindow says so with the days.
      const fields = usable.some(isRecent) ? usable.filter(isRecent) : usable;
      const early = usable.filter((field) => !fields.includes(field));
      if (fields.length === 0) {
        throw new TramontanaError(
          'Input.NoDataForCycle',
          `${config.source.path}: expected analyses before ${run.cycle} or forecasts made by that day, got none in ${sources.length} files`,
          { facts: { cycle: run.cycle, files: sources.length } },
        );
      }
      report({ fraction: 0.8, phase: 'daily values' });
      const days = combineDaily(fields, pollutants, { coverageThreshold: window.minimumDailyCoverage, signal });
      const daily = keepTimes(days, withinWindow(days, run.cycle, window));
      const later = known.filter((item) => item.known.timesMs.length === 0).map((item) => item.field);
      const input = judgeCycleInput(daily, fields, run.cycle, window.minimumDailyCoverage);
      const issues: QualityIssue[] = [
        ...daily.issues,
        ...lateIssues(run.cycle, input),
        ...assessExtent(daily, boundingBox),
        ...early.map((field) =>
          unusedIssue(
            sourceNames(field),
            `its times end before the ${window.maximumHistoryDays} days before ${run.cycle}`,
            false,
          ),
        ),
        ...later.map((field) => unusedIssue(sourceNames(field), `nothing in it was known on ${run.cycle}`, false)),
        ...[...unread, ...read.unread].map((file) => unusedIssue(file.path, file.reason, file.isSuspicious)),
      ];
      const notes: IngestNotes = { issues, sources: daily.sources };
      const [rows, columns] = [daily.latitudesDegrees.length, daily.longitudesDegrees.length];
      const historyDays = daily.origins.filter((origin) => origin !== 'forecast').length;
      const forecastDays = daily.origins.length - historyDays;
      return {
        outputs: {
          daily: await deps.store.put(
            encodeGriddedField(daily),
            { mediaType: ARROW_MEDIA_TYPE, schema: GRIDDED_FIELD_SCHEMA },
            signal,
          ),
          notes: await deps.store.putJson(notes, 'ingest-notes/1'),
        },
        facts: {
          summary: `${historyDays} analysis and ${forecastDays} forecast days on ${rows} x ${columns} cells, ${pollutants.join(', ')}`,
          ...{ historyDays, forecastDays, rows, columns },
        },
      };
    },
  };
}
