// SPDX-License-Identifier: Apache-2.0
import { ARROW_MEDIA_TYPE } from '../../artifacts/index.js';
import {
  encodeFineGridPosterior,
  FINE_GRID_POSTERIOR_SCHEMA,
} from '../../artifacts/schemas/fine-grid-posterior-arrow.js';
import type { FitResult } from '../../artifacts/schemas/fit-result.js';
import { decodeMoments } from '../../inference-core/host-ts/index.js';
import { fineGrid, subMeshVariance, toConcentrations, withoutCells, type FineGrid } from '../../modelling/index.js';
import type { ActivityDependencies } from '../dependencies.js';
import { loadEstimator, modelSources, type Estimator } from '../model/estimator.js';
import { elevationOf, modelParameters } from '../model/model-inputs.js';
import { requireInput } from '../inputs/require-input.js';
import type { StageArgs } from '../stage-contracts.js';
import type { StageWork } from '../frame/stage-frame.js';
import { configOf } from '../tiles/tile-config.js';

/** Posterior on the fine grid: the moments of the predictors back to concentrations, those of a mesh with the variance between its nodes. */
export async function workOf(deps: ActivityDependencies, args: StageArgs<'downscale'>): Promise<StageWork> {
  const config = await configOf(deps, args);
  const sources = await modelSources(deps, args);
  const fitRef = requireInput(args, 'fit');
  const momentsRef = requireInput(args, 'moments');
  const { resolutionDegrees } = config.products;
  return {
    name: 'downscale',
    version: 8,
    parameters: {
      ...modelParameters(config),
      route: sources.route,
      boundingBox: config.boundingBox,
      resolutionDegrees,
    },
    inputs: { ...sources.inputs, fit: fitRef, moments: momentsRef },
    compute: async (tools) => {
      tools.report({ fraction: 0, phase: 'preparing the fine grid' });
      const estimator = await loadEstimator(deps, config, sources);
      const { theta } = await deps.store.getJson<FitResult>(fitRef);
      const grid = fineGrid(config.boundingBox, resolutionDegrees);
      const fine = await elevationOf(sources.inputs.elevation, config, grid);
      const moments = decodeMoments(await deps.store.get(momentsRef), momentsRef.uri);
      tools.signal.throwIfAborted();
      tools.report({ fraction: 0.5, phase: 'back to concentrations' });
      const whole = toConcentrations({
        moments,
        frame: estimator.forecast,
        grid,
        fineElevationM: fine?.elevationM,
        subMeshVariance: varianceBetweenNodes(estimator, grid, theta),
      });
      const posterior = {
        ...whole,
        variables: withoutCells(whole.variables, fine?.isExcluded, ['mean', 'sd']),
      };
      const shape = [posterior.timesMs.length, grid.latitudesDegrees.length, grid.longitudesDegrees.length];
      return {
        outputs: {
          posterior: await deps.store.put(
            encodeFineGridPosterior(posterior),
            { mediaType: ARROW_MEDIA_TYPE, schema: FINE_GRID_POSTERIOR_SCHEMA },
            tools.signal,
          ),
        },
        facts: {
          summary: `${shape[0]} days on ${shape[1]} x ${shape[2]} cells of ${resolutionDegrees} degrees`,
          shape,
          resolutionDegrees,
        },
      };
    },
  };
}

/** Of the maps of a mesh; the grid's posterior is the field's own. */
function varianceBetweenNodes(
  { forecast, grid: mapping, mesh, daily, coarseElevationM }: Estimator,
  grid: FineGrid,
  theta: readonly number[],
): Float64Array[] | undefined {
  if (mapping !== undefined || mesh === undefined) return undefined;
  return subMeshVariance({ field: daily, mesh, grid, frame: forecast, theta, coarseElevationM });
}
