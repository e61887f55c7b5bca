// SPDX-License-Identifier: Apache-2.0
import { ARROW_MEDIA_TYPE } from '../../artifacts/index.js';
import type { FitResult } from '../../artifacts/schemas/fit-result.js';
import {
  encodeMoments,
  PREDICTION_MOMENTS_SCHEMA,
  type IntegrateJob,
  type IntegrationResult,
  type PredictionMoments,
} from '../../inference-core/host-ts/index.js';
import { fineGrid, gridMapSeconds, summariseInference, summariseIntegratedParameters } from '../../modelling/index.js';
import type { ActivityDependencies } from '../dependencies.js';
import { driveEngine, EngineJobFiles, engineOptionsOf, engineStartOf } from '../frame/engine-stage.js';
import { fineDesigns, loadEstimator, modelSources, type StageRoute } from '../model/estimator.js';
import { describeIntegration, requestIntegration, type IntegrationSetting } from '../model/integration-choice.js';
import { jointKey, jointProductsOf } from '../model/joint-products.js';
import { elevationOf, modelParameters } from '../model/model-inputs.js';
import { requireInput } from '../inputs/require-input.js';
import type { InputCatalogue } from '../inputs/input-catalogue.js';
import type { StageArgs } from '../stage-contracts.js';
import type { StageWork } from '../frame/stage-frame.js';
import { configOf } from '../tiles/tile-config.js';

const STRATEGY_WORDS = {
  lattice: 'theta integrated out over a lattice',
  'central-composite': 'theta integrated out',
  cubature: 'theta integrated out',
  'empirical-bayes': 'theta at its mode',
} as const;

/**
 * The posterior after the fit, by the engine process: theta integrated out or at its mode, criteria, marginals of the
 * parameters, and in the same pass the moments of the predictors on the fine grid. Another resolution does not refit.
 */
export async function workOf(deps: ActivityDependencies, args: StageArgs<'integrate'>): Promise<StageWork> {
  const config = await configOf(deps, args);
  const sources = await modelSources(deps, args);
  const fitRef = requireInput(args, 'fit');
  const { resolutionDegrees } = config.products;
  const { gradientTolerance } = config.engine;
  const areas = args.inputs['areas'] ?? (await deps.store.getJson<InputCatalogue>(args.run.catalogue)).areas;
  const joint = jointKey(config, sources.route, areas);
  return {
    name: 'integrate',
    version: 8,
    parameters: {
      ...modelParameters(config),
      route: sources.route,
      ...{ boundingBox: config.boundingBox, resolutionDegrees, gradientTolerance, inference: config.inference },
      ...joint.parameters,
    },
    inputs: { ...sources.inputs, fit: fitRef, ...joint.inputs },
    exclusive: true,
    compute: async (tools) => {
      tools.report({ fraction: 0, phase: 'preparing the fine grid' });
      const estimator = await loadEstimator(deps, config, sources);
      const { forecast } = estimator;
      const fit = await deps.store.getJson<FitResult>(fitRef);
      const grid = fineGrid(config.boundingBox, resolutionDegrees);
      const fine = await elevationOf(sources.inputs.elevation, config, grid);
      const predictors = fineDesigns(estimator, grid, fine?.elevationM);
      const products =
        predictors.maps === undefined
          ? undefined
          : await jointProductsOf(deps, config, areas, { frame: forecast, grid, isExcluded: fine?.isExcluded });
      const setting = settingOf(sources.route, fit, predictors);
      tools.signal.throwIfAborted();
      const files = new EngineJobFiles(deps, 'integrate', tools.key);
      const engineStart = await engineStartOf(config);
      const integration = await driveEngine(files, tools, (options) =>
        deps.runEngine(
          {
            kind: 'integrate',
            folder: deps.jobsFolder,
            jobKey: tools.key,
            model: forecast.model,
            theta: fit.theta,
            thetaCovariance: fit.thetaCovariance,
            ...requestIntegration(config.inference, setting),
            ...predictors,
            ...(products === undefined ? {} : { draws: products.draws }),
            options: engineOptionsOf(config),
          },
          { ...options, ...engineStart },
        ),
      );
      const choice = describeIntegration(config.inference, setting, integration);
      const inference = summariseInference({ integration, fit, forecast, choice, gradientTolerance });
      const { logMarginalLikelihood, dic, waic } = inference.criteria;
      return {
        outputs: {
          inference: await deps.store.putJson(inference, 'inference-summary/1'),
          parameters: await deps.store.putJson(
            summariseIntegratedParameters(integration, forecast),
            'parameter-summaries/1',
          ),
          moments: await deps.store.put(
            encodeMoments(momentsOf(integration)),
            { mediaType: ARROW_MEDIA_TYPE, schema: PREDICTION_MOMENTS_SCHEMA },
            tools.signal,
          ),
          ...(await products?.store(integration)),
        },
        facts: {
          summary:
            `${STRATEGY_WORDS[choice.strategy]}, log marginal likelihood ${logMarginalLikelihood.toFixed(1)}, ` +
            `DIC ${dic.toFixed(1)}, WAIC ${waic.toFixed(1)}`,
          ...{ strategy: choice.strategy, reason: choice.reason, logMarginalLikelihood, dic, waic },
        },
        settled: () => files.remove(),
      };
    },
  };
}

function settingOf({ name }: StageRoute, fit: FitResult, { maps }: Pick<IntegrateJob, 'maps'>): IntegrationSetting {
  if (name === 'grid' || maps === undefined) return { route: name, fit };
  return { route: name, fit, mapSeconds: gridMapSeconds(maps.model, maps.designs) };
}

function momentsOf({ predictions }: IntegrationResult): PredictionMoments[] {
  return predictions.map(({ mean, sd }) => ({ mean, variance: sd.map((value) => value * value) }));
}
