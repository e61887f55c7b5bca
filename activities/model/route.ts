// SPDX-License-Identifier: Apache-2.0
import type { ArtifactRef } from '../../artifacts/index.js';
import type { EstimationRoute } from '../../artifacts/schemas/estimation-route.js';
import { isTramontanaError } from '../../common/errors.js';
import type { DomainConfig } from '../../config/index.js';
import { estimateInteriorNodes, estimateMeshNodes, resolveMeshOptions } from '../../mesh/index.js';
import {
  cellKm,
  chooseRoute,
  gridFacts,
  tiledRoute,
  type MeshOffer,
  type PlannedTiles,
  type RouteOptions,
} from '../../modelling/index.js';
import { meshBytes } from './cost.js';
import type { ActivityDependencies } from '../dependencies.js';
import { meshOptionsOf } from './mesh-options.js';
import { loadCoarse } from './model-inputs.js';
import { tilesOf } from '../tiles/cut-tiles.js';

/** The route of a domain, and its tiles where there are several. */
export interface ChosenRoute {
  readonly route: EstimationRoute;
  readonly tiles?: PlannedTiles;
}

/**
 * The route of a domain, from its daily field and what a mesh would cost.
 *
 * @throws {TramontanaError} what `planTiles`, `chooseRoute` and `gridFacts` throw; those of readElevation
 */
export async function routeOf(
  deps: Pick<ActivityDependencies, 'store' | 'memoryLimitBytes'>,
  config: DomainConfig,
  refs: { readonly daily: ArtifactRef; readonly elevation?: ArtifactRef },
): Promise<ChosenRoute> {
  const { daily, coarseElevationM } = await loadCoarse(deps, config, refs);
  const sources = { field: daily, coarseElevationM, config, horizonDaysWithoutForecast: 1 };
  const tiles = tilesOf(config, sources);
  if (tiles !== undefined) return { route: tiledRoute(tiles.plan, config.model.tiles), tiles };
  const facts = gridFacts(sources);
  const { route: requested, allowCoarseMesh } = config.model;
  const { memoryLimitBytes } = deps;
  const options = { requested, allowCoarseMesh, memoryLimitBytes, ...meshOffers(config, cellKm(facts)) };
  return { route: chooseRoute(facts, options) };
}

/** The mesh of the configuration, and where it leaves the edge open the one that is as fine as the cells. */
function meshOffers(
  config: DomainConfig,
  cellSideKm: number,
): Pick<RouteOptions, 'isEdgeConfigured' | 'fine' | 'usual'> {
  const usual = offerOf(config);
  const isEdgeConfigured = config.mesh.interiorEdgeKm !== undefined;
  if (isEdgeConfigured || isTramontanaError(usual)) return { isEdgeConfigured, fine: usual, usual };
  // to the metre, downwards: an edge must not exceed the cell by its rounding
  const asTheCellsKm = Math.floor(1000 * cellSideKm) / 1000;
  const fine = usual.interiorEdgeKm <= asTheCellsKm ? usual : offerOf(config, asTheCellsKm);
  return { isEdgeConfigured, fine, usual };
}

function offerOf(config: DomainConfig, interiorEdgeKm?: number): MeshOffer {
  const options = { ...meshOptionsOf(config), ...(interiorEdgeKm === undefined ? {} : { interiorEdgeKm }) };
  try {
    const nodes = estimateMeshNodes(config.boundingBox, options);
    return {
      interiorEdgeKm: resolveMeshOptions(config.boundingBox, options).interiorEdgeKm,
      interiorNodes: estimateInteriorNodes(config.boundingBox, options),
      nodes,
      bytes: meshBytes(nodes, config.pollutants.length),
    };
  } catch (error) {
    if (isTramontanaError(error)) return error;
    throw error;
  }
}
