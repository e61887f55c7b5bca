// SPDX-License-Identifier: Apache-2.0
import { ARROW_MEDIA_TYPE } from '../artifacts/index.js';
import { encodeGriddedField, GRIDDED_FIELD_SCHEMA } from '../artifacts/schemas/gridded-field-arrow.js';
import { TramontanaError } from '../common/errors.js';
import type { DomainConfig } from '../config/index.js';
import {
  mergeFields,
  readCamsFile,
  selectSpecies,
  toDaily,
  type LabelledField,
  type QualityIssue,
} from '../ingest/index.js';
import type { ActivityDependencies } from './dependencies.js';
import { keepTimes, knownAtCycle, withinWindow } from './cycle-window.js';
import { sourceInputs, type InputCatalogue } from './resolve-cycle.js';
import type { StageArgs } from './stage-contracts.js';
import type { StageWork } from './stage-frame.js';
import { readVerified } from './verified-read.js';

/** Content of an `ingest-notes/1` artifact: what was noticed while reading. */
export interface IngestNotes {
  readonly issues: readonly QualityIssue[];
  readonly sources: LabelledField['sources'];
}

/** Reads the input files into one daily field of the domain: what the model sees, and nothing that was unknown at the cycle. */
export async function ingestWork(deps: ActivityDependencies, args: StageArgs): Promise<StageWork> {
  const { run } = args;
  const config = await deps.store.getJson<DomainConfig>(run.config);
  const { sources } = await deps.store.getJson<InputCatalogue>(run.catalogue);
  const { boundingBox, pollutants, window } = config;
  return {
    name: 'ingest',
    version: 1,
    parameters: { boundingBox, pollutants, window, cycle: run.cycle },
    inputs: sourceInputs({ sources }),
    compute: async ({ signal, report }) => {
      const fields: LabelledField[] = [];
      for (const [index, ref] of sources.entries()) {
        report({ fraction: (0.8 * index) / sources.length, phase: `reading file ${index + 1} of ${sources.length}` });
        const field = await readVerified(ref, (path) => readCamsFile(path, { boundingBox, signal }));
        const known = keepTimes(field, knownAtCycle(field, run.cycle));
        if (known.timesMs.length > 0) fields.push(known);
      }
      if (fields.length === 0) {
        throw new TramontanaError(
          'Input.NoDataForCycle',
          `${config.source.path}: expected analyses before ${run.cycle} or forecasts made by that day, got none in ${sources.length} files`,
          { facts: { cycle: run.cycle, files: sources.length } },
        );
      }
      report({ fraction: 0.8, phase: 'daily values' });
      const merged = selectSpecies(mergeFields(fields), pollutants);
      const days = toDaily(merged, { coverageThreshold: window.minimumDailyCoverage, signal });
      const daily = keepTimes(days, withinWindow(days, run.cycle, window));
      const notes: IngestNotes = { issues: daily.issues, sources: daily.sources };
      const [rows, columns] = [daily.latitudesDegrees.length, daily.longitudesDegrees.length];
      const historyDays = daily.origins.filter((origin) => origin !== 'forecast').length;
      const forecastDays = daily.origins.length - historyDays;
      return {
        outputs: {
          daily: await deps.store.put(encodeGriddedField(daily), {
            mediaType: ARROW_MEDIA_TYPE,
            schema: GRIDDED_FIELD_SCHEMA,
          }),
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
