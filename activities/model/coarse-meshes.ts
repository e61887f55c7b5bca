// SPDX-License-Identifier: Apache-2.0
import { buildMesh } from '../../mesh/index.js';
import { isTramontanaError } from '../../common/errors.js';
import type { DomainConfig } from '../../config/index.js';
import type { CoarseMeshes } from '../../inference-core/host-ts/index.js';
import { buildForecastModel, meshResolutionKm, type ForecastModel } from '../../modelling/index.js';
import type { Estimator } from './estimator.js';
import { meshOptionsOf } from './mesh-options.js';

/**
 * Edges of the coarse meshes in those of the fine one. On the sample of the Po valley they have 97 and 137 nodes of 459, and an
 * evaluation there takes a twentieth.
 */
const EDGE_FACTORS = [2.8, 2.2] as const;

/** Unknowns a time step below which a search is over before coarser meshes have told where to begin. */
const FEWEST_UNKNOWNS = 800;

/** Nodes inside the domain below which a mesh tells nothing of the field. */
const FEWEST_INTERIOR_NODES = 40;

/**
 * The model of a fit on two coarser meshes; undefined where they would be of no use, or cannot be made.
 *
 * @param estimator - on a mesh
 */
export function coarseMeshesOf(config: DomainConfig, estimator: Estimator): CoarseMeshes | undefined {
  const { mesh, forecast } = estimator;
  if (mesh === undefined || mesh.c0.length * forecast.pollutants.length < FEWEST_UNKNOWNS) return undefined;
  const edgeKm = meshResolutionKm(mesh);
  const meshes: CoarseMeshes['meshes'][number][] = [];
  for (const factor of EDGE_FACTORS) {
    const interiorEdgeKm = factor * edgeKm;
    const model = modelOn(config, estimator, interiorEdgeKm);
    if (model === undefined) return undefined;
    meshes.push({ edgeKm: interiorEdgeKm, model });
  }
  return { edgeKm, meshes };
}

function modelOn(
  config: DomainConfig,
  { daily, coarseElevationM }: Estimator,
  interiorEdgeKm: number,
): ForecastModel['model'] | undefined {
  // edges of the extension follow from those inside
  const { extensionKm } = meshOptionsOf(config);
  try {
    const mesh = buildMesh(config.boundingBox, {
      interiorEdgeKm,
      ...(extensionKm === undefined ? {} : { extensionKm: Math.max(extensionKm, 4 * interiorEdgeKm) }),
    });
    if (mesh.interior.reduce((sum, flag) => sum + flag, 0) < FEWEST_INTERIOR_NODES) return undefined;
    const sources = { field: daily, coarseElevationM, config, horizonDaysWithoutForecast: 1 };
    return buildForecastModel({ ...sources, mesh }).model;
  } catch (error) {
    // a domain that has a fine mesh may have no good coarse one
    if (isTramontanaError(error)) return undefined;
    throw error;
  }
}
