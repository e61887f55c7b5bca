// SPDX-License-Identifier: Apache-2.0
import { join, resolve } from 'node:path';

import { Context } from '@temporalio/activity';

import { fileUriOf, type ArtifactRef } from '../../artifacts/index.js';
import type { EstimationRoute } from '../../artifacts/schemas/estimation-route.js';
import { decodeFineGridPosterior } from '../../artifacts/schemas/fine-grid-posterior-arrow.js';
import type { FitResult, ParameterSummary } from '../../artifacts/schemas/fit-result.js';
import type { InferenceSummary } from '../../artifacts/schemas/inference-summary.js';
import { decodeGriddedField } from '../../artifacts/schemas/gridded-field-arrow.js';
import { decodeAreaMeans, decodeExceedanceRuns } from '../../artifacts/schemas/joint-products-arrow.js';
import type { TilePlan } from '../../artifacts/schemas/tile-plan.js';
import { decodeMesh } from '../../artifacts/schemas/mesh-arrow.js';
import { isTramontanaError } from '../../common/errors.js';
import { sha256Hex } from '../../common/hash.js';
import { thresholdsOf, type DomainConfig } from '../../config/index.js';
import { meshDrawing } from '../../mesh/index.js';
import {
  COMPLETE_FILE,
  publish as publishProducts,
  renewSummary,
  type ManifestEntry,
  type ProductInputs,
  type QualitySummary,
  type RunPlace,
  type StageReport,
} from '../../products/index.js';
import type { ArtifactName } from '../../pipeline/index.js';
import type { ActivityDependencies } from '../dependencies.js';
import type { IngestNotes } from './ingest.js';
import { missingJointProducts } from '../model/joint-products.js';
import { requireInput } from '../inputs/require-input.js';
import { foldersOf, provenanceOf, readTruth, runIdentityOf } from './product-inputs.js';
import type { InputCatalogue } from '../inputs/input-catalogue.js';
import type { PublishArgs, Published, RunContext, StageArgs, StageOutcome } from '../stage-contracts.js';
import { runStage, type StageWork } from '../frame/stage-frame.js';
import { countPublication } from '../frame/stage-metrics.js';
import { timesOfCycle } from '../schedule/scheduled-cycle.js';
import { BLENDED_SHARE, tiledInputs, tiledProducts, type TiledProducts } from '../tiles/tiled-products.js';

/** A publication of a large domain takes minutes; the next one of the domain waits for it. */
const PUBLICATION_TIMEOUT_MS = 3_600_000;

/** The files that tell how this very run went; they change while the others are reused. */
const TOLD_ANEW: readonly string[] = ['summary.json', COMPLETE_FILE];

const MEDIA_TYPES: readonly (readonly [suffix: string, mediaType: string])[] = [
  ['.nc', 'application/x-netcdf'],
  ['.png', 'image/png'],
  ['.html', 'text/html'],
  ['.json', 'application/json'],
  ['.csv', 'text/csv'],
  ['.parquet', 'application/vnd.apache.parquet'],
];

/** References to the products by the hashes that were proved; one that somebody changed or removed is made again. */
function referToProducts(folder: string, files: readonly ManifestEntry[]): Record<string, ArtifactRef> {
  const entries = files
    .filter(({ path }) => !TOLD_ANEW.includes(path))
    .map(({ path, sha256, bytes }): [string, ArtifactRef] => {
      const mediaType = MEDIA_TYPES.find(([suffix]) => path.endsWith(suffix))?.[1] ?? 'application/octet-stream';
      const uri = fileUriOf(join(folder, path));
      return [path, { uri, sha256, bytes, mediaType, schema: `product:${path.split('/')[0]}` }];
    });
  return Object.fromEntries(entries);
}

function stageReport({ name, reused, seconds, reason }: StageOutcome): StageReport {
  return { name, reused, seconds, reason };
}

/** The artifacts that all products are made of. */
const PRODUCT_INPUTS = ['daily', 'notes', 'quality'] as const;

/** Of a domain in one rectangle; tiles have theirs. */
const MAP_INPUTS = ['fit', 'inference', 'parameters', 'posterior'] as const;

function requireInputs<Name extends ArtifactName<'publish'>>(
  args: PublishArgs,
  names: readonly Name[],
): Record<Name, ArtifactRef> {
  return Object.fromEntries(names.map((name) => [name, requireInput(args, name)])) as Record<Name, ArtifactRef>;
}

/** What one rectangle gives to the products. */
async function wholeProducts({ store }: ActivityDependencies, args: PublishArgs): Promise<TiledProducts> {
  const refs = requireInputs(args, MAP_INPUTS);
  const { exceedanceRuns } = args.inputs;
  return {
    posterior: decodeFineGridPosterior(await store.get(refs.posterior)),
    fit: await store.getJson<FitResult>(refs.fit),
    inference: await store.getJson<InferenceSummary>(refs.inference),
    parameters: await store.getJson<ParameterSummary[]>(refs.parameters),
    ...(exceedanceRuns === undefined ? {} : { exceedanceRuns: decodeExceedanceRuns(await store.get(exceedanceRuns)) }),
    issues: [],
  };
}

/** What a route makes worse is said as the quality gate says it: in the report, the summary, the NetCDF file and on the maps. */
function degradedBy(quality: QualitySummary, issues: QualitySummary['issues']): QualitySummary {
  if (issues.length === 0) return quality;
  return {
    ...quality,
    decision: 'degrade',
    reasons: [...quality.reasons, ...issues.map(({ message }) => message)],
    issues: [...quality.issues, ...issues],
  };
}

/** Says what is missing; the rest is as good as it was. */
function withIssues(quality: QualitySummary, issues: QualitySummary['issues']): QualitySummary {
  return issues.length === 0 ? quality : { ...quality, issues: [...quality.issues, ...issues] };
}

/** Where the products of one cycle go. */
function placeOf(run: RunContext): RunPlace {
  return { runsFolder: resolve(run.outputFolder), domain: run.domain, cycle: run.cycle };
}

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
  const refs = requireInputs(args, PRODUCT_INPUTS);
  // of the grid's route there is no mesh, and of runs from before there was a choice no route
  const { route, mesh, areaMeans, exceedanceRuns, tilePlan } = args.inputs;
  const plan = tilePlan === undefined ? undefined : await store.getJson<TilePlan>(tilePlan);
  return {
    name: 'publish',
    version: 7,
    parameters: {
      folder: productFolder(run),
      cycle: run.cycle,
      config,
      ...(args.failedTiles === undefined ? {} : { failedTiles: args.failedTiles }),
    },
    inputs: {
      ...refs,
      ...(plan === undefined || tilePlan === undefined
        ? requireInputs(args, MAP_INPUTS)
        : { tilePlan, ...tiledInputs(args, plan) }),
      ...(route === undefined ? {} : { route }),
      ...(mesh === undefined ? {} : { mesh }),
      ...(areaMeans === undefined ? {} : { areaMeans }),
      ...(exceedanceRuns === undefined ? {} : { exceedanceRuns }),
      ...(catalogue.truth === undefined ? {} : { truth: catalogue.truth }),
    },
    compute: async ({ signal, report }) => {
      report({ fraction: 0, phase: 'collecting' });
      const { issues, ...fields } =
        plan === undefined
          ? await wholeProducts(deps, args)
          : await tiledProducts(deps, config, { args, plan }, { report, signal });
      const share = plan === undefined ? 0 : BLENDED_SHARE;
      const chosen = route === undefined ? undefined : await store.getJson<EstimationRoute>(route);
      const notes = await store.getJson<IngestNotes>(refs.notes);
      const inputs: ProductInputs = {
        run: runIdentityOf(config, run),
        coarse: decodeGriddedField(await store.get(refs.daily)),
        ...(catalogue.truth === undefined ? {} : { truth: await readTruth(catalogue.truth, signal) }),
        thresholds: thresholdsOf(config),
        ...(mesh === undefined ? {} : { mesh: meshDrawing(decodeMesh(await store.get(mesh)), config.boundingBox) }),
        ...(chosen === undefined ? {} : { route: chosen }),
        ...(areaMeans === undefined ? {} : { areaMeans: decodeAreaMeans(await store.get(areaMeans)) }),
        ...fields,
        stages: stages.map(stageReport),
        quality: withIssues(
          degradedBy(await store.getJson<QualitySummary>(refs.quality), [...(chosen?.issues ?? []), ...issues]),
          missingJointProducts(config, chosen?.maps ?? 'mesh'),
        ),
        provenance: provenanceOf(config, run, catalogue, notes, deps.engineVersion()),
      };
      const privateFolders = foldersOf(config, run, catalogue);
      const runsFolder = resolve(run.outputFolder);
      // the folder may be one that several machines see, on which a process of another one cannot be asked whether it lives
      const published = await deps.leases.hold(
        `publish-${sha256Hex(join(runsFolder, run.domain)).slice(0, 16)}`,
        { timeoutMs: PUBLICATION_TIMEOUT_MS, signal },
        () =>
          publishProducts(
            { ...inputs, runsFolder, privateFolders },
            { signal, onProgress: (fraction, phase) => report({ fraction: share + (1 - share) * fraction, phase }) },
          ),
      );
      const maps = published.files.filter((file) => file.endsWith('.png')).length;
      return {
        outputs: referToProducts(published.folder, published.manifest.files),
        facts: {
          summary: `report, NetCDF and ${maps} maps`,
          files: published.files,
          decision: inputs.quality.decision,
        },
      };
    },
  };
}

/** As a plan asks for it, which knows no outcomes: they are told, and change nothing. */
export function workOf(deps: ActivityDependencies, args: StageArgs<'publish'>): Promise<StageWork> {
  return publishWork(deps, { ...args, stages: [] });
}

/**
 * Writes the products of the cycle; they appear all at once. When they are in place already, only the summary is renewed;
 * when that cannot be done, because one of them is gone or damaged, they are made again.
 */
export async function publish(deps: ActivityDependencies, args: PublishArgs): Promise<Published> {
  const { run, stages } = args;
  // a link may have been put there since the first stage looked
  await deps.roots.require('output', productFolder(run), 'input.outputFolder');
  const work = await publishWork(deps, args);
  let outcome = await runStage(deps, run, work);
  if (outcome.reused) {
    const spoiled = await renewOrTellWhy(run, [...stages, outcome].map(stageReport));
    if (spoiled !== undefined) {
      const again = await runStage(deps, { ...run, recompute: [...run.recompute, 'publish'] }, work);
      outcome = { ...again, reason: spoiled };
    }
  }
  const { schedule } = await deps.store.getJson<DomainConfig>(run.config);
  countPublication(run, outcome, schedule === undefined ? undefined : timesOfCycle(schedule, run.cycle));
  const files = outcome.facts['files'];
  return { outcome, folder: productFolder(run), files: Array.isArray(files) ? files.map(String) : [] };
}

/** Renews the summary of a finished run; the reason, in words, when the run is not whole. */
async function renewOrTellWhy(run: RunContext, stages: readonly StageReport[]): Promise<string | undefined> {
  try {
    await renewSummary(placeOf(run), stages, { signal: Context.current().cancellationSignal });
    return undefined;
  } catch (error) {
    const isSpoiled =
      isTramontanaError(error, 'Products.NotWhole') || isTramontanaError(error, 'Products.UnreadableSummary');
    if (isSpoiled) return error.message;
    throw error;
  }
}
