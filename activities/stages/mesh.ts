// SPDX-License-Identifier: Apache-2.0
import { ARROW_MEDIA_TYPE, type ArtifactRef } from '../../artifacts/index.js';
import { ESTIMATION_ROUTE_SCHEMA } from '../../artifacts/schemas/estimation-route.js';
import {
  encodeMesh,
  encodeSpectralBasis,
  MESH_SCHEMA,
  SPECTRAL_BASIS_SCHEMA,
} from '../../artifacts/schemas/mesh-arrow.js';
import type { DomainConfig } from '../../config/index.js';
import { buildMesh } from '../../mesh/index.js';
import type { ActivityDependencies } from '../dependencies.js';
import { meshOptionsOf } from '../model/mesh-options.js';
import { modelParameters } from '../model/model-inputs.js';
import { requireInput } from '../inputs/require-input.js';
import type { InputCatalogue } from '../inputs/input-catalogue.js';
import { routeOf } from '../model/route.js';
import type { StageArgs } from '../stage-contracts.js';
import type { StageTools, StageWork } from '../frame/stage-frame.js';
import { storeTiles, wantedTiles } from '../tiles/cut-tiles.js';

/** What decides on the route. */
export interface RouteInputs {
  readonly daily: ArtifactRef;
  readonly elevation?: ArtifactRef;
}

/** The references that decide on the route. */
export async function routeInputs(deps: ActivityDependencies, args: StageArgs): Promise<RouteInputs> {
  const { elevation } = await deps.store.getJson<InputCatalogue>(args.run.catalogue);
  return { daily: requireInput(args, 'daily'), ...(elevation === undefined ? {} : { elevation }) };
}

/** The areas that tiles would tell of; undefined where there are no tiles, or no areas. */
async function tileAreasOf(
  deps: ActivityDependencies,
  args: StageArgs,
  config: DomainConfig,
): Promise<ArtifactRef | undefined> {
  if (wantedTiles(config) === undefined || config.products.areas === undefined) return undefined;
  return (await deps.store.getJson<InputCatalogue>(args.run.catalogue)).areas;
}

/**
 * Chooses between the grid of the cells and a mesh; of a mesh it triangulates the domain and decomposes its Laplacian.
 *
 * @throws ApplicationFailure `Modelling.*`, `Mesh.*`, `Config.TooCostly`; not retried
 */
export async function workOf(deps: ActivityDependencies, args: StageArgs<'mesh'>): Promise<StageWork> {
  const config = await deps.store.getJson<DomainConfig>(args.run.config);
  const options = meshOptionsOf(config);
  const { route, allowCoarseMesh, tiles } = config.model;
  const inputs = await routeInputs(deps, args);
  const areas = await tileAreasOf(deps, args, config);
  return {
    name: 'mesh',
    version: 5,
    parameters: {
      ...modelParameters(config),
      ...{ route, allowCoarseMesh, boundingBox: config.boundingBox, options: { ...options } },
      ...(areas === undefined ? {} : { nameProperty: config.products.areas?.nameProperty }),
      // the fine grid decides where tiles end, and nothing where there are none
      ...(wantedTiles(config) === undefined
        ? { tiles }
        : { tiles, resolutionDegrees: config.products.resolutionDegrees }),
      memoryLimitBytes: deps.memoryLimitBytes,
    },
    inputs: { ...inputs, ...(areas === undefined ? {} : { areas }) },
    compute: async (tools) => {
      tools.report({ fraction: 0, phase: 'choosing between grid and mesh' });
      const chosen = await routeOf(deps, config, inputs);
      const { name, maps, reason, interiorEdgeKm } = chosen.route;
      const facts = { route: { name, maps, reason } };
      const outputs = { route: await deps.store.putJson(chosen.route, ESTIMATION_ROUTE_SCHEMA) };
      if (chosen.tiles !== undefined) {
        tools.report({ fraction: 0.5, phase: 'cutting tiles' });
        const tiles = chosen.tiles.plan.tiles.map(({ id }) => id);
        return {
          outputs: { ...outputs, ...(await storeTiles(deps, config, chosen.tiles, areas)) },
          facts: {
            summary: `${tiles.length} tiles: ${reason}`,
            ...{ ...facts, tiles, tilesWithData: tiles.length + chosen.tiles.numUnusable },
          },
        };
      }
      if (name === 'grid') return { outputs, facts: { summary: `grid: ${reason}`, ...facts } };
      tools.signal.throwIfAborted();
      const built = await meshArtifacts(
        deps,
        config,
        { ...options, ...(interiorEdgeKm === undefined ? {} : { interiorEdgeKm }) },
        tools,
      );
      const { numNodes, numInterior } = built;
      return {
        outputs: { ...outputs, ...built.artifacts },
        facts: {
          summary: `mesh of ${numNodes} nodes, ${numInterior} inside the domain: ${reason}`,
          ...{ ...facts, numNodes, numInterior },
        },
      };
    },
  };
}

async function meshArtifacts(
  deps: ActivityDependencies,
  config: DomainConfig,
  options: Parameters<typeof buildMesh>[1],
  { signal, report }: StageTools,
): Promise<{ artifacts: Record<'mesh' | 'spectralBasis', ArtifactRef>; numNodes: number; numInterior: number }> {
  report({ fraction: 0.2, phase: 'triangulating' });
  const built = buildMesh(config.boundingBox, options);
  signal.throwIfAborted();
  report({ fraction: 0.4, phase: 'spectral basis' });
  const basis = await deps.spectralBasis(built.c0, built.g1);
  return {
    artifacts: {
      mesh: await deps.store.put(encodeMesh(built), { mediaType: ARROW_MEDIA_TYPE, schema: MESH_SCHEMA }),
      spectralBasis: await deps.store.put(encodeSpectralBasis(basis), {
        mediaType: ARROW_MEDIA_TYPE,
        schema: SPECTRAL_BASIS_SCHEMA,
      }),
    },
    numNodes: built.c0.length,
    numInterior: built.interior.reduce((sum, flag) => sum + flag, 0),
  };
}
