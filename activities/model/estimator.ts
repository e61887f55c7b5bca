// SPDX-License-Identifier: Apache-2.0
/**
 * The estimator of a run, by the route that the stage `mesh` chose: fit, integration and downscaling build the same one from the
 * same artifacts.
 *
 * @module
 */
import type { ArtifactRef } from '../../artifacts/index.js';
import type { EstimationRoute } from '../../artifacts/schemas/estimation-route.js';
import type { Mesh } from '../../artifacts/schemas/mesh.js';
import { decodeMesh, decodeSpectralBasis } from '../../artifacts/schemas/mesh-arrow.js';
import type { DomainConfig } from '../../config/index.js';
import type { IntegrateJob } from '../../inference-core/host-ts/index.js';
import {
  buildForecastGrid,
  buildForecastModel,
  buildGridDesigns,
  buildPredictionDesigns,
  type FineGrid,
  type ForecastGrid,
  type ForecastModel,
} from '../../modelling/index.js';
import type { ActivityDependencies } from '../dependencies.js';
import { loadCoarse, type CoarseInputs } from './model-inputs.js';
import { requireInput } from '../inputs/require-input.js';
import type { InputCatalogue } from '../inputs/input-catalogue.js';
import type { StageArgs } from '../stage-contracts.js';

/** What a stage has to know of the route. */
export type StageRoute = Pick<EstimationRoute, 'name' | 'maps'>;

/** Of a fit on a given mesh, and of runs from before there was a choice. */
const GIVEN_MESH: StageRoute = { name: 'mesh', maps: 'mesh' };

/** What a model is made from; the same references and the same route, the same model. */
export interface ModelSources {
  readonly route: StageRoute;
  /** Inputs of a stage key. */
  readonly inputs: {
    readonly daily: ArtifactRef;
    readonly elevation?: ArtifactRef;
    /** Of the route `mesh`. */
    readonly mesh?: ArtifactRef;
    readonly spectralBasis?: ArtifactRef;
  };
}

/** The route of a run and the references behind its model. */
export async function modelSources(deps: ActivityDependencies, args: StageArgs): Promise<ModelSources> {
  const { elevation } = await deps.store.getJson<InputCatalogue>(args.run.catalogue);
  const chosen = args.inputs['route'];
  const { name, maps } = chosen === undefined ? GIVEN_MESH : await deps.store.getJson<EstimationRoute>(chosen);
  return {
    route: { name, maps },
    inputs: {
      daily: requireInput(args, 'daily'),
      ...(elevation === undefined ? {} : { elevation }),
      ...(name === 'grid'
        ? {}
        : { mesh: requireInput(args, 'mesh'), spectralBasis: requireInput(args, 'spectralBasis') }),
    },
  };
}

/** A model with what it was made from. */
export interface Estimator extends CoarseInputs {
  /** Estimates the hyperparameters. */
  readonly forecast: ForecastModel | ForecastGrid;
  /** Makes the maps; absent where they are the mesh's. */
  readonly grid?: ForecastGrid;
  /** Absent on the route `grid`. */
  readonly mesh?: Mesh;
}

/** Reads the artifacts and builds the model; deterministic, so that all stages have the same one. */
export async function loadEstimator(
  deps: ActivityDependencies,
  config: DomainConfig,
  { route, inputs }: ModelSources,
): Promise<Estimator> {
  const coarse = await loadCoarse(deps, config, inputs);
  const sources = {
    field: coarse.daily,
    coarseElevationM: coarse.coarseElevationM,
    config,
    horizonDaysWithoutForecast: 1,
  };
  const grid = route.maps === 'grid' ? buildForecastGrid(sources) : undefined;
  const { mesh: meshRef, spectralBasis } = inputs;
  if (meshRef === undefined || spectralBasis === undefined) {
    const own = grid ?? buildForecastGrid(sources);
    return { ...coarse, forecast: own, grid: own };
  }
  const [meshBytes, basisBytes] = await Promise.all([deps.store.get(meshRef), deps.store.get(spectralBasis)]);
  const mesh = decodeMesh(meshBytes);
  const forecast = buildForecastModel({ ...sources, mesh, spectralBasis: decodeSpectralBasis(basisBytes) });
  return { ...coarse, forecast, mesh, ...(grid === undefined ? {} : { grid }) };
}

/** The predictors of the fine cells as the engine is asked for them: by the grid where it makes the maps, else by the mesh. */
export function fineDesigns(
  { forecast, grid, mesh, daily }: Estimator,
  fine: FineGrid,
  fineElevationM: Float64Array | undefined,
): Pick<IntegrateJob, 'designs' | 'maps'> {
  if (grid !== undefined) {
    const designs = buildGridDesigns({ grid: fine, field: daily, frame: grid, fineElevationM });
    return { designs: [], maps: { model: grid.model, designs } };
  }
  if (mesh === undefined) return { designs: [] };
  return { designs: buildPredictionDesigns({ grid: fine, mesh, frame: forecast, fineElevationM }) };
}
