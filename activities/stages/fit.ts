// SPDX-License-Identifier: Apache-2.0
import { engineLauncher } from '../../inference-core/host-ts/index.js';
import { frameOf, summariseParameters } from '../../modelling/index.js';
import type { ActivityDependencies } from '../dependencies.js';
import { driveEngine, EngineJobFiles, engineOptionsOf } from '../frame/engine-stage.js';
import { withFiniteTrace } from '../frame/finite-trace.js';
import { loadEstimator, modelSources } from '../model/estimator.js';
import { modelParameters } from '../model/model-inputs.js';
import type { StageArgs } from '../stage-contracts.js';
import type { StageWork } from '../frame/stage-frame.js';
import { configOf } from '../tiles/tile-config.js';

/**
 * Finds the hyperparameters, in the engine process. A retry, on this worker or another one with the same state folder, goes on
 * from the last checkpoint.
 */
export async function workOf(deps: ActivityDependencies, args: StageArgs<'fit'>): Promise<StageWork> {
  const config = await configOf(deps, args);
  const sources = await modelSources(deps, args);
  const { gradientTolerance, maximumIterations } = config.engine;
  return {
    name: 'fit',
    version: 8,
    parameters: { ...modelParameters(config), route: sources.route.name, gradientTolerance, maximumIterations },
    inputs: sources.inputs,
    exclusive: true,
    compute: async (tools) => {
      tools.report({ fraction: 0, phase: 'preparing the model' });
      const { forecast } = await loadEstimator(deps, config, sources);
      const files = new EngineJobFiles(deps, 'fit', tools.key);
      const launcher = await engineLauncher(config.engine);
      const result = await driveEngine(files, tools, (options) =>
        deps.runEngine(
          {
            kind: 'fit',
            folder: deps.jobsFolder,
            jobKey: tools.key,
            model: forecast.model,
            initialTheta: forecast.initialTheta,
            thetaBounds: forecast.thetaBounds,
            options: engineOptionsOf(config),
          },
          { ...options, launcher },
        ),
      );
      const stored = withFiniteTrace(result);
      const { iterations, evaluations, objective, gradientNorm, resumedFromIteration } = stored;
      const resumed = resumedFromIteration > 0 ? `, resumed from iteration ${resumedFromIteration}` : '';
      return {
        outputs: {
          fit: await deps.store.putJson(stored, 'fit-result/1'),
          frame: await deps.store.putJson(frameOf(forecast), 'model-frame/1'),
          parameters: await deps.store.putJson(summariseParameters(stored, forecast), 'parameter-summaries/1'),
        },
        facts: {
          summary: `${iterations} iterations, objective ${objective.toFixed(3)}, gradient ${gradientNorm.toExponential(1)}${resumed}`,
          ...{ iterations, evaluations, objective, gradientNorm, resumedFromIteration },
        },
        settled: () => files.remove(),
      };
    },
  };
}
