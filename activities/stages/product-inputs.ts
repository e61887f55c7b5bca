// SPDX-License-Identifier: Apache-2.0
/**
 * From artifacts to what the products room takes: plain data.
 *
 * @module
 */
import { basename, dirname } from 'node:path';

import { Context } from '@temporalio/activity';

import { placeOf, readVerified, type ArtifactRef } from '../../artifacts/index.js';
import type { GriddedField } from '../../artifacts/schemas/gridded-field.js';
import { DAILY_STATISTIC, POLLUTANTS, type PollutantId } from '../../common/pollutants.js';
import { packageVersion } from '../../common/version.js';
import type { DomainConfig } from '../../config/index.js';
import { readCamsFile } from '../../ingest/index.js';
import type { InputRecord, Provenance, RunIdentity } from '../../products/index.js';
import type { IngestNotes } from './ingest.js';
import type { InputCatalogue } from '../inputs/input-catalogue.js';
import type { RunContext } from '../stage-contracts.js';

/** Names of the run on its products. Data with a known truth are simulated: reality has none. */
export function runIdentityOf(config: DomainConfig, run: RunContext): RunIdentity {
  return {
    domain: run.domain,
    title: run.title,
    cycle: run.cycle,
    institution: config.products.institution,
    simulated: config.evaluation !== undefined,
    ...(config.notice === undefined ? {} : { notice: config.notice }),
  };
}

/** Folders of this machine that configurations, findings and reasons name. */
export function foldersOf(config: DomainConfig, run: RunContext, catalogue: InputCatalogue): string[] {
  const { sources, elevation, areas, truth } = catalogue;
  const files = [...sources, elevation, areas, truth].flatMap((ref) => (ref === undefined ? [] : [placeOf(ref)]));
  return [...files.map((path) => dirname(path)), dirname(config.source.path), config.source.path, run.outputFolder];
}

/** Where the numbers of this run come from. */
export function provenanceOf(
  config: DomainConfig,
  run: RunContext,
  catalogue: InputCatalogue,
  notes: IngestNotes,
  engineVersion: string,
): Provenance {
  const layouts = new Map(notes.sources.map(({ file, layout }) => [file, layout]));
  const record = (ref: ArtifactRef, role: string | undefined): InputRecord => ({
    name: basename(placeOf(ref)),
    sha256: ref.sha256,
    bytes: ref.bytes,
    role: role ?? layouts.get(placeOf(ref)) ?? 'CAMS file',
  });
  const { workflowExecution } = Context.current().info;
  return {
    inputs: [
      ...catalogue.sources.map((ref) => record(ref, undefined)),
      ...(catalogue.elevation === undefined ? [] : [record(catalogue.elevation, 'elevation grid')]),
      ...(catalogue.areas === undefined ? [] : [record(catalogue.areas, 'areas')]),
      ...(catalogue.truth === undefined ? [] : [record(catalogue.truth, 'known truth, for evaluation')]),
    ],
    versions: { tramontana: packageVersion(), engine: engineVersion, node: process.version },
    configurationSha256: run.config.sha256,
    configuration: config,
    ...(workflowExecution === undefined ? {} : { run: { ...workflowExecution } }),
  };
}

function isPollutant(species: string): species is PollutantId {
  return (POLLUTANTS as readonly string[]).includes(species);
}

/**
 * Reads a truth: daily values on the fine grid, in the statistic of each pollutant.
 *
 * @throws {TramontanaError} `Input.Changed` when the file is not the one of the catalogue any more; `Ingest.*`
 */
export async function readTruth(ref: ArtifactRef, signal: AbortSignal): Promise<GriddedField> {
  const field = await readVerified(ref, (path) => readCamsFile(path, { signal }));
  return {
    ...field,
    cadence: 'daily',
    variables: field.variables.flatMap((variable) =>
      isPollutant(variable.species) ? [{ ...variable, statistic: DAILY_STATISTIC[variable.species] }] : [],
    ),
  };
}
