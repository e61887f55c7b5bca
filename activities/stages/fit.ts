// SPDX-License-Identifier: Apache-2.0
import type { FitResult } from '../../artifacts/schemas/fit-result.js';
import { startWords } from '../../artifacts/schemas/fit-start-words.js';
import { fitSizeOf, frameOf, summariseParameters } from '../../modelling/index.js';
import type { ActivityDependencies } from '../dependencies.js';
import { driveEngine, EngineJobFiles, engineOptionsOf, engineStartOf } from '../frame/engine-stage.js';
import { withFiniteTrace } from '../frame/finite-trace.js';
import { coarseMeshesOf } from '../model/coarse-meshes.js';
import { loadEstimator, modelSources } from '../model/estimator.js';
import { planInWords, planOf, requireRoomFor } from '../model/fit-plan.js';
import { chooseStart } from '../model/fit-start.js';
import { modelParameters } from '../model/model-inputs.js';
import type { StageArgs } from '../stage-contracts.js';
import { cacheScope, identityOf, type StageWork } from '../frame/stage-frame.js';
import { configOf } from '../tiles/tile-config.js';

/**
 * Finds the hyperparameters, in the engine process. A retry, on this worker or another one with the same state folder, goes on
 * from the last checkpoint.
 */
export async function workOf(deps: ActivityDependencies, args: StageArgs<'fit'>): Promise<StageWork> {
  const config = await configOf(deps, args);
  const sources = await modelSources(deps, args);
  const { gradientTolerance, maximumIterations, start } = config.engine;
  const described = {
    name: 'fit',
    version: 9,
    parameters: {
      ...modelParameters(config),
      ...{ route: sources.route.name, gradientTolerance, maximumIterations },
      // who asks for the defaults does not want what began elsewhere; who does not may have either
      ...(start === 'defaults' ? { start } : {}),
    },
    inputs: sources.inputs,
  } as const;
  return {
    ...described,
    exclusive: true,
    compute: async (tools) => {
      tools.report({ fraction: 0, phase: 'preparing the model' });
      const estimator = await loadEstimator(deps, config, sources);
      const { forecast } = estimator;
      const place = { key: tools.key, identity: identityOf(described), scope: cacheScope(args.run) };
      const chosen = await chooseStart(deps, place, start, forecast);
      const coarse =
        chosen.from === 'defaults' && start === 'automatic' ? coarseMeshesOf(config, estimator) : undefined;
      const size = fitSizeOf(forecast.model);
      const plan = await planOf(deps, config.engine, size, chosen.from === 'earlier-run');
      requireRoomFor(config, size, plan, deps.memoryLimitBytes);
      tools.log.info(`fit: ${planInWords(plan)}`);
      tools.log.info(`fit: start ${chosen.from}: ${chosen.reason}`);
      const files = new EngineJobFiles(deps, 'fit', tools.key);
      const engineStart = await engineStartOf(config);
      const result = await driveEngine(files, tools, (options) =>
        deps.runEngine(
          {
            kind: 'fit',
            folder: deps.jobsFolder,
            jobKey: tools.key,
            model: forecast.model,
            initialTheta: forecast.initialTheta,
            thetaBounds: forecast.thetaBounds,
            start: chosen,
            ...(coarse === undefined ? {} : { coarse }),
            options: engineOptionsOf(config),
          },
          { ...options, ...engineStart },
        ),
      );
      const stored = { ...withFiniteTrace(result), plan };
      const { iterations, evaluations, objective, gradientNorm, resumedFromIteration } = stored;
      const resumed = resumedFromIteration > 0 ? `, resumed from iteration ${resumedFromIteration}` : '';
      return {
        outputs: {
          fit: await deps.store.putJson(stored, 'fit-result/1'),
          frame: await deps.store.putJson(frameOf(forecast), 'model-frame/1'),
          parameters: await deps.store.putJson(summariseParameters(stored, forecast), 'parameter-summaries/1'),
        },
        facts: {
          summary: `${iterations} iterations${began(stored)}, objective ${objective.toFixed(3)}, gradient ${gradientNorm.toExponential(1)}${resumed}`,
          ...{ iterations, evaluations, objective, gradientNorm, resumedFromIteration },
          ...(stored.start === undefined ? {} : { start: stored.start }),
        },
        settled: () => files.remove(),
      };
    },
  };
}

function began({ start }: Pick<FitResult, 'start'>): string {
  return start === undefined || start.from === 'defaults' ? '' : ` from ${startWords(start.from)}`;
}
