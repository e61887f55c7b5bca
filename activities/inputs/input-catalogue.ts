// SPDX-License-Identifier: Apache-2.0
import { referToFile, type ArtifactRef } from '../../artifacts/index.js';
import type { DomainConfig } from '../../config/index.js';
import type { ActivityDependencies } from '../dependencies.js';
import { judgeOf } from './allowed-roots.js';
import { listSourceFiles, requireFile, type UnreadFile } from './source-files.js';

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
