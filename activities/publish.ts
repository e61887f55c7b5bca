// SPDX-License-Identifier: Apache-2.0
import { join, resolve } from 'node:path';

import { referToFile, type ArtifactRef } from '../artifacts/index.js';
import { decodeFineGridPosterior } from '../artifacts/schemas/fine-grid-posterior-arrow.js';
import type { FitResult, ParameterSummary } from '../artifacts/schemas/fit-result.js';
import type { InferenceSummary } from '../artifacts/schemas/inference-summary.js';
import { decodeGriddedField } from '../artifacts/schemas/gridded-field-arrow.js';
import { decodeMesh } from '../artifacts/schemas/mesh-arrow.js';
import { thresholdsOf, type DomainConfig } from '../config/index.js';
import { meshDrawing } from '../mesh/index.js';
import {
  publish as publishProducts,
  rewriteSummaryStages,
  type ProductInputs,
  type QualitySummary,
  type StageRecord,
} from '../products/index.js';
import type { ActivityDependencies } from './dependencies.js';
import type { IngestNotes } from './ingest.js';
import { requireInput } from './model-inputs.js';
import { provenanceOf, readTruth, runIdentityOf } from './product-inputs.js';
import type { InputCatalogue } from './resolve-cycle.js';
import type { PublishArgs, Published, RunContext, StageOutcome } from './stage-contracts.js';
import { runStage, type StageWork } from './stage-frame.js';

/** The file that tells how this very run went; it changes while the others are reused. */
const SUMMARY_FILE = 'summary.json';

const MEDIA_TYPES: readonly (readonly [suffix: string, mediaType: string])[] = [
  ['.nc', 'application/x-netcdf'],
  ['.png', 'image/png'],
  ['.html', 'text/html'],
  ['.json', 'application/json'],
];

/** References to the products where they lie; a product that somebody changed or removed is made again. */
async function referToProducts(folder: string, files: readonly string[]): Promise<Record<string, ArtifactRef>> {
  const entries = files
    .filter((file) => file !== SUMMARY_FILE)
    .map(async (file): Promise<[string, ArtifactRef]> => {
      const mediaType = MEDIA_TYPES.find(([suffix]) => file.endsWith(suffix))?.[1] ?? 'application/octet-stream';
      return [file, await referToFile(join(folder, file), { mediaType, schema: `product:${file.split('/')[0]}` })];
    });
  return Object.fromEntries(await Promise.all(entries));
}

function stageRecord({ name, reused, seconds, reason }: StageOutcome): StageRecord {
  return { name, reused, seconds, reason };
}

/** The artifacts that the products are made of. */
const PRODUCT_INPUTS = ['daily', 'notes', 'quality', 'mesh', 'fit', 'inference', 'parameters', 'posterior'] as const;

/** Folder of the products of one cycle. */
function productFolder(run: RunContext): string {
  return join(resolve(run.outputFolder), run.domain, run.cycle);
}

/** The writing of the products as a stage. */
export async function publishWork(deps: ActivityDependencies, args: PublishArgs): Promise<StageWork> {
  const { run, stages } = args;
  const { store } = deps;
  const config = await store.getJson<DomainConfig>(run.config);
  const catalogue = await store.getJson<InputCatalogue>(run.catalogue);
  const refs = Object.fromEntries(PRODUCT_INPUTS.map((name) => [name, requireInput(args, name)])) as Record<
    (typeof PRODUCT_INPUTS)[number],
    ArtifactRef
  >;
  return {
    name: 'publish',
    version: 2,
    parameters: { folder: productFolder(run), cycle: run.cycle, config },
    inputs: { ...refs, ...(catalogue.truth === undefined ? {} : { truth: catalogue.truth }) },
    compute: async ({ signal, report }) => {
      report({ fraction: 0, phase: 'collecting' });
      const mesh = decodeMesh(await store.get(refs.mesh));
      const notes = await store.getJson<IngestNotes>(refs.notes);
      const inputs: ProductInputs = {
        run: runIdentityOf(config, run),
        posterior: decodeFineGridPosterior(await store.get(refs.posterior)),
        coarse: decodeGriddedField(await store.get(refs.daily)),
        ...(catalogue.truth === undefined ? {} : { truth: await readTruth(catalogue.truth, signal) }),
        thresholds: thresholdsOf(config),
        fit: await store.getJson<FitResult>(refs.fit),
        inference: await store.getJson<InferenceSummary>(refs.inference),
        parameters: await store.getJson<ParameterSummary[]>(refs.parameters),
        mesh: meshDrawing(mesh, config.boundingBox),
        stages: stages.map(stageRecord),
        quality: await store.getJson<QualitySummary>(refs.quality),
        provenance: provenanceOf(config, run, catalogue, notes, deps.engineVersion()),
      };
      const published = await publishProducts(
        { ...inputs, runsFolder: run.outputFolder },
        { signal, onProgress: (fraction, phase) => report({ fraction, phase }) },
      );
      const maps = published.files.filter((file) => file.endsWith('.png')).length;
      return {
        outputs: await referToProducts(published.folder, published.files),
        facts: { summary: `report, NetCDF and ${maps} maps`, files: published.files },
      };
    },
  };
}

/** Writes the products of the cycle; they appear all at once. When they are in place already, only the summary is renewed. */
export async function publish(deps: ActivityDependencies, args: PublishArgs): Promise<Published> {
  const { run, stages } = args;
  const folder = productFolder(run);
  // a link may have been put there since the first stage looked
  await deps.roots.require('output', folder, 'input.outputFolder');
  const outcome = await runStage(deps, run, await publishWork(deps, args));
  if (outcome.reused) await rewriteSummaryStages(folder, [...stages, outcome].map(stageRecord));
  const files = outcome.facts['files'];
  return { outcome, folder, files: Array.isArray(files) ? files.map(String) : [] };
}
