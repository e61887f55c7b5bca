// SPDX-License-Identifier: Apache-2.0
import { buildMesh } from '../../mesh/index.js';
import { isTramontanaError } from '../../common/errors.js';
import type { DomainConfig } from '../../config/index.js';
import type { CoarseMeshes } from '../../inference-core/host-ts/index.js';
import { buildForecastModel, meshResolutionKm, type ForecastModel } from '../../modelling/index.js';
import type { Estimator } from './estimator.js';
import { meshOptionsOf } from './mesh-options.js';

/** Edges of the coarse meshes in those of the fine one: an evaluation takes less than a hundredth of its flops there. */
const EDGE_FACTORS = [2.8, 2.2] as const;

/**
 * Unknowns a time step below which coarser meshes do not pay. They save one or two of some twenty evaluations; on the sample of the Po
 * valley, with 1377 unknowns, the dozen evaluations on 97 and 123 nodes took about as long as the one that they saved.
 */
const FEWEST_UNKNOWNS = 3000;

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
