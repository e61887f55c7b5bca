// SPDX-License-Identifier: Apache-2.0
import { ARROW_MEDIA_TYPE } from '../artifacts/index.js';
import { encodeFineGridPosterior, FINE_GRID_POSTERIOR_SCHEMA } from '../artifacts/schemas/fine-grid-posterior-arrow.js';
import type { FitResult } from '../artifacts/schemas/fit-result.js';
import type { DomainConfig } from '../config/index.js';
import type { PredictionMoments } from '../inference-core/host-ts/index.js';
import { buildPredictionDesigns, fineGrid, subMeshVariance, toConcentrations } from '../modelling/index.js';
import type { ActivityDependencies } from './dependencies.js';
import { EngineFollower, EngineJobFiles, engineOptionsOf } from './engine-stage.js';
import { elevationOf, loadModel, modelParameters, modelSources, requireInput } from './model-inputs.js';
import type { StageArgs } from './stage-contracts.js';
import type { StageWork } from './stage-frame.js';

/** Posterior on the fine grid at the fitted hyperparameters, by the engine process. Another resolution does not refit. */
export async function downscaleWork(deps: ActivityDependencies, args: StageArgs): Promise<StageWork> {
  const config = await deps.store.getJson<DomainConfig>(args.run.config);
  const sources = await modelSources(deps, args);
  const fitRef = requireInput(args, 'fit');
  const { resolutionDegrees } = config.products;
  return {
    name: 'downscale',
    version: 2,
    parameters: { ...modelParameters(config), boundingBox: config.boundingBox, resolutionDegrees },
    inputs: { ...sources, fit: fitRef },
    exclusive: true,
    compute: async (tools) => {
      tools.report({ fraction: 0, phase: 'preparing the fine grid' });
      const { model, mesh, daily, coarseElevationM } = await loadModel(deps, config, sources);
      const { theta } = await deps.store.getJson<FitResult>(fitRef);
      const grid = fineGrid(config.boundingBox, resolutionDegrees);
      const fineElevationM = await elevationOf(sources.elevation, grid);
      const designs = buildPredictionDesigns({ grid, mesh, frame: model, fineElevationM });
      tools.signal.throwIfAborted();
      const follower = new EngineFollower(tools);
      const files = new EngineJobFiles(deps, 'predict', tools.key);
      let moments: readonly PredictionMoments[];
      try {
        moments = await deps.runEngine(
          {
            kind: 'predict',
            folder: deps.jobsFolder,
            jobKey: tools.key,
            model: model.model,
            theta,
            designs,
            options: engineOptionsOf(config),
          },
          follower.options(),
        );
      } catch (error) {
        throw await files.judge(error, 0);
      }
      tools.report({ fraction: 0.95, phase: 'back to concentrations' });
      const posterior = toConcentrations({
        moments,
        frame: model,
        grid,
        fineElevationM,
        subMeshVariance: subMeshVariance({ field: daily, mesh, grid, frame: model, theta, coarseElevationM }),
      });
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
        settled: () => files.remove(),
      };
    },
  };
}
