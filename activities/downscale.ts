// SPDX-License-Identifier: Apache-2.0
import { ARROW_MEDIA_TYPE } from '../artifacts/index.js';
import { encodeFineGridPosterior, FINE_GRID_POSTERIOR_SCHEMA } from '../artifacts/schemas/fine-grid-posterior-arrow.js';
import type { FitResult } from '../artifacts/schemas/fit-result.js';
import type { DomainConfig } from '../config/index.js';
import { decodeMoments } from '../inference-core/host-ts/index.js';
import { fineGrid, subMeshVariance, toConcentrations, withoutCells } from '../modelling/index.js';
import type { ActivityDependencies } from './dependencies.js';
import { elevationOf, loadModel, modelParameters, modelSources, requireInput } from './model-inputs.js';
import type { StageArgs } from './stage-contracts.js';
import type { StageWork } from './stage-frame.js';

/** Posterior on the fine grid: the moments of the predictors back to concentrations, with the variance between the nodes. */
export async function downscaleWork(deps: ActivityDependencies, args: StageArgs): Promise<StageWork> {
  const config = await deps.store.getJson<DomainConfig>(args.run.config);
  const sources = await modelSources(deps, args);
  const fitRef = requireInput(args, 'fit');
  const momentsRef = requireInput(args, 'moments');
  const { resolutionDegrees } = config.products;
  return {
    name: 'downscale',
    version: 6,
    parameters: { ...modelParameters(config), boundingBox: config.boundingBox, resolutionDegrees },
    inputs: { ...sources, fit: fitRef, moments: momentsRef },
    compute: async (tools) => {
      tools.report({ fraction: 0, phase: 'preparing the fine grid' });
      const { model, mesh, daily, coarseElevationM } = await loadModel(deps, config, sources);
      const { theta } = await deps.store.getJson<FitResult>(fitRef);
      const grid = fineGrid(config.boundingBox, resolutionDegrees);
      const fine = await elevationOf(sources.elevation, config, grid);
      const moments = decodeMoments(await deps.store.get(momentsRef), momentsRef.uri);
      tools.signal.throwIfAborted();
      tools.report({ fraction: 0.5, phase: 'back to concentrations' });
      const whole = toConcentrations({
        moments,
        frame: model,
        grid,
        fineElevationM: fine?.elevationM,
        subMeshVariance: subMeshVariance({ field: daily, mesh, grid, frame: model, theta, coarseElevationM }),
      });
      const posterior = {
        ...whole,
        variables: withoutCells(whole.variables, fine?.isExcluded, ['mean', 'sd']),
      };
      const shape = [posterior.timesMs.length, grid.latitudesDegrees.length, grid.longitudesDegrees.length];
      return {
        outputs: {
          posterior: await deps.store.put(encodeFineGridPosterior(posterior), {
            mediaType: ARROW_MEDIA_TYPE,
            schema: FINE_GRID_POSTERIOR_SCHEMA,
          }),
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
