// SPDX-License-Identifier: Apache-2.0
import { isAbsolute, resolve } from 'node:path';

import { Context } from '@temporalio/activity';

import { referToFile, type ArtifactRef } from '../artifacts/index.js';
import { TramontanaError } from '../common/errors.js';
import {
  loadDomainConfig,
  overlayConfig,
  parseDomainConfig,
  requireShallow,
  resolveConfigPaths,
  type DomainConfig,
} from '../config/index.js';
import { readCamsTimes } from '../ingest/index.js';
import { requireRoom } from '../products/index.js';
import { judgeOf, pathOfFileUri } from './allowed-roots.js';
import type { ActivityDependencies } from './dependencies.js';
import { requireAffordable } from './cost.js';
import { cycleDayOf, scanInput } from './cycle-day.js';
import { parseForecastInput, type ParsedForecastInput } from './forecast-input.js';
import type { ResolveCycleArgs } from './activity-interface.js';
import { readSources } from './read-sources.js';
import { listSourceFiles, requireFile, type UnreadFile } from './source-files.js';
import {
  DOMAIN_CONFIG_SCHEMA,
  STAGE_NAMES,
  type ResolvedCycle,
  type RunContext,
  type StageName,
  type StageOutcome,
} from './stage-contracts.js';
import { runStage, type StageScope, type StageWork } from './stage-frame.js';
import { withHeartbeat } from './heartbeat.js';

/** Content of an `input-catalogue/1` artifact: every file that a run reads, by the hash it had when the run began. */
export interface InputCatalogue {
  readonly sources: readonly ArtifactRef[];
  /** Files beside them that are not read, with the reason. */
  readonly unread: readonly UnreadFile[];
  readonly elevation?: ArtifactRef;
  /** Polygons whose means are published. */
  readonly areas?: ArtifactRef;
  readonly truth?: ArtifactRef;
}

const NETCDF_KIND = { mediaType: 'application/x-netcdf', schema: 'cams-netcdf' } as const;
const GRID_KIND = { mediaType: 'application/octet-stream', schema: 'elevation-grid' } as const;
const AREAS_KIND = { mediaType: 'application/geo+json', schema: 'geojson' } as const;
const TRUTH_KIND = { mediaType: 'application/x-netcdf', schema: 'truth-netcdf' } as const;
const KIND_OF = { elevation: GRID_KIND, areas: AREAS_KIND, truth: TRUTH_KIND } as const;

/** The path behind a `file:` address or a plain path. */
function pathOfUri(uri: string): string {
  if (!uri.startsWith('file:')) {
    if (/^[a-z][a-z0-9+.-]*:/iu.test(uri)) {
      throw new TramontanaError('Input.Invalid', `input.configUri: expected a path or a file: address, got "${uri}"`, {
        facts: { configUri: uri },
      });
    }
    return resolve(uri);
  }
  return pathOfFileUri(uri, 'input.configUri');
}

/**
 * The configuration that an input names, with its overrides.
 *
 * @throws {TramontanaError} `Input.Invalid`, `Input.OutsideRoots`, `Config.*`
 */
export async function configOf(
  deps: Pick<ActivityDependencies, 'roots'>,
  input: Pick<ParsedForecastInput, 'domain' | 'configUri' | 'overrides'>,
): Promise<DomainConfig> {
  if (input.configUri !== undefined) {
    const path = pathOfUri(input.configUri);
    await deps.roots.require('configuration', path, 'input.configUri');
    return loadDomainConfig(path, input.overrides, judgeOf(deps.roots, 'configuration', path, 'input.configUri'));
  }
  requireShallow({ domain: input.domain, overrides: input.overrides }, 'input');
  const config = parseDomainConfig(overlayConfig(input.domain, input.overrides), 'input.domain');
  if (!isAbsolute(config.source.path)) {
    throw new TramontanaError(
      'Config.Invalid',
      `input.domain: source.path must be absolute, for there is no file that it could be relative to, got "${config.source.path}"`,
      { facts: { path: config.source.path } },
    );
  }
  return resolveConfigPaths(config, '/');
}

/** The stages that the input asks to compute again. */
export function recomputeOf(reuse: ParsedForecastInput['reuse']): StageName[] {
  if (reuse === true) return [];
  if (reuse === false) return [...STAGE_NAMES];
  return STAGE_NAMES.slice(STAGE_NAMES.indexOf(reuse.from));
}

/**
 * Lists and hashes every file that a configuration names.
 *
 * @throws {TramontanaError} `Input.OutsideRoots`, `Input.Missing`, `Input.NoFiles`
 */
export async function catalogueOf(
  deps: Pick<ActivityDependencies, 'roots'>,
  config: DomainConfig,
  signal?: AbortSignal,
): Promise<InputCatalogue> {
  await deps.roots.require('source', config.source.path, 'source.path');
  // a link in an allowed folder may lead out of it
  const { files, unread } = await listSourceFiles(config.source.path, (file) =>
    deps.roots.require('source', file, 'source.path'),
  );
  const refer = (path: string, kind: Parameters<typeof referToFile>[1], name: string): Promise<ArtifactRef> =>
    referToFile(path, kind, signal, judgeOf(deps.roots, 'source', path, name));
  const sources = await Promise.all(files.map((path) => refer(path, NETCDF_KIND, 'source.path')));
  const named = namedFiles(config);
  for (const { name, path } of named) await deps.roots.require('source', path, name);
  for (const { name, path } of named) await requireFile(path, name);
  const others = await Promise.all(
    named.map(async ({ key, name, path }) => [key, await refer(path, KIND_OF[key], name)] as const),
  );
  return { sources, unread, ...Object.fromEntries(others) };
}

/** Files that a configuration names one by one, besides its sources: their key in the catalogue and in the configuration. */
export function namedFiles({ covariates, products, evaluation }: DomainConfig): {
  readonly key: keyof typeof KIND_OF;
  readonly name: string;
  readonly path: string;
}[] {
  const files = [
    { key: 'elevation', name: 'covariates.elevation.path', path: covariates.elevation?.path },
    { key: 'areas', name: 'products.areas.path', path: products.areas?.path },
    { key: 'truth', name: 'evaluation.truth.path', path: evaluation?.truth.path },
  ] as const;
  return files.flatMap(({ path, ...file }) => (path === undefined ? [] : [{ ...file, path }]));
}

/** The input files as inputs of a stage key. */
export function sourceInputs(catalogue: Pick<InputCatalogue, 'sources'>): Record<string, ArtifactRef> {
  return Object.fromEntries(catalogue.sources.map((ref, index) => [`source${index}`, ref]));
}

/** A run before its cycle is known. */
export interface PreparedRun {
  readonly scope: StageScope;
  readonly work: StageWork;
  /**
   * What later stages need; stores the configuration and the catalogue.
   *
   * @throws {TramontanaError} `Config.TooCostly` when the days of the input do not fit the memory; `Products.NotOurs` when
   *   something else lies where the products shall be
   */
  context(facts: StageOutcome['facts']): Promise<RunContext>;
}

/**
 * Validates the input, reads the configuration, lists and hashes the input files. A run that cannot fit the memory is refused by
 * its configuration before any file is looked at, and by the days of the files before any is read as a whole.
 *
 * @throws {TramontanaError} `Input.*`, `Config.*`
 */
export async function prepareRun(
  deps: ActivityDependencies,
  args: ResolveCycleArgs,
  signal?: AbortSignal,
): Promise<PreparedRun> {
  const input = parseForecastInput(args.input);
  const config = await configOf(deps, input);
  requireAffordable(config, deps.memoryLimitBytes);
  const outputFolder = resolve(input.outputFolder ?? deps.runsFolder);
  await deps.roots.require('output', outputFolder, 'input.outputFolder');
  const catalogue = await catalogueOf(deps, config, signal);
  const { sources } = catalogue;
  const requested = input.cycle ?? args.scheduledStartTime?.slice(0, 10);
  const scope = { domain: config.name, recompute: recomputeOf(input.reuse) };
  const work: StageWork = {
    name: 'resolve-cycle',
    version: 4,
    parameters: {
      requestedCycle: requested ?? null,
      boundingBox: config.boundingBox,
      origin: config.source.origin ?? null,
      minimumDailyCoverage: config.window.minimumDailyCoverage,
    },
    inputs: sourceInputs(catalogue),
    compute: async ({ signal, report }) => {
      const { fields } = await readSources(sources, config, readCamsTimes, {
        signal,
        onFile: (index) => report({ fraction: index / sources.length, phase: 'looking at times' }),
      });
      const scan = scanInput(fields, config.window.minimumDailyCoverage);
      const cycle = cycleDayOf(scan, requested);
      const files = sources.length === 1 ? 'one file' : `${sources.length} files`;
      return {
        outputs: {},
        facts: { summary: `${cycle}; ${files}, ${scan.firstDay} to ${scan.lastDay}`, cycle, ...scan },
      };
    },
  };
  return {
    scope,
    work,
    context: async (facts) => {
      const [firstDay, lastDay, cycle] = [facts['firstDay'], facts['lastDay'], facts['cycle']].map(String) as [
        string,
        string,
        string,
      ];
      requireAffordable(config, deps.memoryLimitBytes, {
        ...{ firstDay, lastDay, cycle },
        numTimes: Number(facts['numTimes']),
      });
      await requireRoom({ runsFolder: outputFolder, domain: config.name, cycle });
      return {
        domain: config.name,
        title: config.title ?? config.name,
        cycle,
        config: await deps.store.putJson(config, DOMAIN_CONFIG_SCHEMA),
        catalogue: await deps.store.putJson(catalogue, 'input-catalogue/1'),
        outputFolder,
        recompute: scope.recompute,
      };
    },
  };
}

/**
 * First stage: {@link prepareRun}, then finds the day of the cycle.
 *
 * @throws ApplicationFailure `Input.*`, `Config.*`, `Ingest.*`; none is retried
 */
export async function resolveCycle(deps: ActivityDependencies, args: ResolveCycleArgs): Promise<ResolvedCycle> {
  const prepared = await withHeartbeat(
    () => ({ stage: 'resolve-cycle' }),
    () => prepareRun(deps, args, Context.current().cancellationSignal),
  );
  const outcome = await runStage(deps, prepared.scope, prepared.work);
  const run = await prepared.context(outcome.facts);
  return {
    run,
    outcome: { ...outcome, outputs: { ...outcome.outputs, config: run.config, catalogue: run.catalogue } },
  };
}
