// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { isoDay } from '../../common/days.js';
import { UNRESTRICTED_ROOTS } from '../../activities/inputs/allowed-roots.js';
import { defaultDependencies } from '../../activities/dependencies.js';
import { workOf as ingestWork, type IngestNotes } from '../../activities/stages/ingest.js';
import { workOf as qualityGateWork } from '../../activities/stages/quality-gate.js';
import { prepareRun } from '../../activities/stages/resolve-cycle.js';
import { silentTools } from '../../activities/frame/stage-frame.js';
import type { GriddedField } from '../../artifacts/schemas/gridded-field.js';
import { decodeGriddedField } from '../../artifacts/schemas/gridded-field-arrow.js';
import type { QualitySummary } from '../../products/index.js';

const BOX = { north: 45.8, west: 9.0, south: 44.9, east: 9.9 };

/** What the first three stages find. */
export interface Outcome {
  readonly cycle: string;
  readonly daily: GriddedField;
  readonly codes: readonly string[];
  readonly messages: readonly string[];
  readonly verdict: string;
}

/** Runs the stages up to the quality gate, for a small box of the Po valley unless the configuration names another. */
export async function runToGate(
  context: TestContext,
  path: string,
  config: Record<string, unknown> = {},
  requestedCycle?: string,
): Promise<Outcome> {
  const state = await mkdtemp(join(tmpdir(), 'tramontana-cases-'));
  context.after(() => rm(state, { recursive: true, force: true }));
  const deps = {
    ...defaultDependencies({ stateFolder: state, runsFolder: join(state, 'runs') }),
    roots: UNRESTRICTED_ROOTS,
  };
  const { source, ...others } = config;
  const domain = {
    ...{ name: 'case', boundingBox: BOX, pollutants: ['pm2_5'], ...others },
    source: { path, ...(source as object | undefined) },
  };
  const tools = silentTools();
  const requested = requestedCycle === undefined ? {} : { cycle: requestedCycle };
  const prepared = await prepareRun(deps, { input: { schemaVersion: 1, domain, ...requested } });
  const { facts } = await prepared.work.compute(tools);
  const runContext = await prepared.context(facts);
  const ingested = await (await ingestWork(deps, { run: runContext, inputs: {} })).compute(tools);
  const daily = decodeGriddedField(await deps.store.get(ingested.outputs['daily']!));
  const { issues } = await deps.store.getJson<IngestNotes>(ingested.outputs['notes']!);
  const judged = await (await qualityGateWork(deps, { run: runContext, inputs: ingested.outputs })).compute(tools);
  const { decision } = await deps.store.getJson<QualitySummary>(judged.outputs['quality']!);
  return {
    cycle: runContext.cycle,
    daily,
    codes: issues.map(({ severity, code }) => `${severity} ${code}`),
    messages: issues.map(({ message }) => message),
    verdict: decision,
  };
}

/** Area means of a species by day. */
export function dailyMeans(field: GriddedField, species: string): Record<string, number> {
  const values = field.variables.find((variable) => variable.species === species)?.values ?? new Float64Array();
  const cells = field.latitudesDegrees.length * field.longitudesDegrees.length;
  return Object.fromEntries(
    Array.from(field.timesMs, (timeMs, day) => [
      isoDay(timeMs),
      values.subarray(day * cells, (day + 1) * cells).reduce((sum, value) => sum + value, 0) / cells,
    ]),
  );
}
