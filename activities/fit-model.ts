// SPDX-License-Identifier: Apache-2.0
/**
 * The fit of a model that a program gives, whatever it is of: hyperparameters and posterior, in one activity of the engine's queue.
 *
 * @module
 */
import { ARROW_MEDIA_TYPE, placeOf, type ArtifactRef } from '../artifacts/index.js';
import { TramontanaError } from '../common/errors.js';
import {
  decodeModel,
  encodeIntegration,
  ENGINE_MODEL_SCHEMA,
  INTEGRATION_RESULT_SCHEMA,
  type EngineModel,
} from '../inference-core/host-ts/index.js';
import type { ActivityDependencies } from './dependencies.js';
import { driveEngine, EngineJobFiles } from './frame/engine-stage.js';
import { withFiniteTrace } from './frame/finite-trace.js';
import { runStage, type StageTools, type StageWork } from './frame/stage-frame.js';
import { requireArtifacts } from './inputs/allowed-roots.js';
import { parseModelFitInput, type ModelFitInput, type ModelFitOptions } from './inputs/model-fit-input.js';
import type { StageOutcome } from './stage-contracts.js';

/** Whose latest computation explains a new one; no domain, and its records lie beside those of none. */
const SCOPE = 'fit-model';

/**
 * Fits a model that lies in the store. The search goes on from the last checkpoint of the same model and options; a second
 * identical fit computes nothing.
 *
 * @returns outputs `fit` (`fit-result/1`) and `posterior` (`integration-result/4`)
 * @throws {TramontanaError} `Input.Invalid`, `Input.OutsideRoots`, `Artifact.Missing`, `Artifact.Corrupt`, `Engine.*`
 */
export async function fitModel(deps: ActivityDependencies, given: ModelFitInput): Promise<StageOutcome> {
  const input = parseModelFitInput(given);
  await requireArtifacts(deps, { model: input.model });
  requireModelSchema(input.model);
  const scope = { domain: SCOPE, recompute: input.reuse === false ? (['fit-model'] as const) : [] };
  return runStage(deps, scope, workOf(deps, input));
}

function requireModelSchema({ schema }: ArtifactRef): void {
  if (schema === ENGINE_MODEL_SCHEMA) return;
  throw new TramontanaError('Input.Invalid', `input.model.schema: expected ${ENGINE_MODEL_SCHEMA}, got ${schema}`, {
    facts: { schema },
  });
}

/** What the result depends on, and how it is computed. */
function workOf(deps: ActivityDependencies, { model: ref, options }: ModelFitInput): StageWork<'fit-model'> {
  // the number of threads changes how fast it is, not what it is
  const { threads: _threads, ...parameters } = options;
  return {
    name: 'fit-model',
    version: 1,
    parameters,
    inputs: { model: ref },
    exclusive: true,
    compute: async (tools) => {
      tools.report({ fraction: 0, phase: 'reading the model' });
      const model = decodeModel(await deps.store.get(ref, tools.signal), placeOf(ref));
      requireTheta(deps, model, options);
      const { fit, integration, remove } = await computePosterior(deps, model, options, tools);
      const { iterations, evaluations, objective, gradientNorm, resumedFromIteration } = fit;
      const { strategy, logMarginalLikelihood } = integration;
      return {
        outputs: {
          fit: await deps.store.putJson(fit, 'fit-result/1'),
          posterior: await deps.store.put(
            encodeIntegration(integration),
            { mediaType: ARROW_MEDIA_TYPE, schema: INTEGRATION_RESULT_SCHEMA },
            tools.signal,
          ),
        },
        facts: {
          summary: `${iterations} iterations, objective ${objective.toFixed(3)}, log marginal likelihood ${logMarginalLikelihood.toFixed(3)}`,
          ...{ iterations, evaluations, objective, gradientNorm, resumedFromIteration, strategy },
        },
        settled: remove,
      };
    },
  };
}

/** A start of the wrong length would be told by the engine in its own words, after a process was started for it. */
function requireTheta(
  deps: ActivityDependencies,
  model: EngineModel,
  { initialTheta, thetaBounds }: ModelFitOptions,
): void {
  const names = deps.thetaNames(model);
  const { lower, upper } = thetaBounds ?? {};
  for (const [name, values] of Object.entries({ initialTheta, lower, upper })) {
    if (values === undefined || values.length === names.length) continue;
    const path = `input.options.${name === 'initialTheta' ? name : `thetaBounds.${name}`}`;
    throw new TramontanaError(
      'Input.Invalid',
      `${path}: expected ${names.length} numbers (${names.join(', ')}), got ${values.length}`,
      { facts: { path, thetaNames: names, found: values.length } },
    );
  }
}

/** The search and the integration, by one engine process each. Nobody knows their cost beforehand: each counts half. */
async function computePosterior(
  deps: ActivityDependencies,
  model: EngineModel,
  options: ModelFitOptions,
  tools: StageTools,
) {
  const { initialTheta, thetaBounds, gradientTolerance, maximumIterations, threads } = options;
  const job = {
    folder: deps.jobsFolder,
    jobKey: tools.key,
    model,
    options: withoutAbsent({ gradientTolerance, maximumIterations, threads }),
  };
  const ofFit = new EngineJobFiles(deps, 'fit', tools.key);
  const ofIntegration = new EngineJobFiles(deps, 'integrate', tools.key);
  const found = await driveEngine(ofFit, half(tools, 0), (engine) =>
    deps.runEngine(
      { ...job, kind: 'fit', initialTheta, ...(thetaBounds === undefined ? {} : { thetaBounds }) },
      engine,
    ),
  );
  const fit = withFiniteTrace(found);
  const { integration: strategy = 'automatic', mostEvaluations, latent = true } = options;
  const integration = await driveEngine(ofIntegration, half(tools, 1), (engine) =>
    deps.runEngine(
      {
        ...job,
        kind: 'integrate',
        theta: fit.theta,
        thetaCovariance: fit.thetaCovariance,
        strategy,
        latent,
        ...(mostEvaluations === undefined ? {} : { mostEvaluations }),
        designs: [],
      },
      engine,
    ),
  );
  const remove = async (): Promise<void> => {
    await ofFit.remove();
    await ofIntegration.remove();
  };
  return { fit, integration, remove };
}

/** Tools that tell the progress of the first or the second half. */
function half(tools: StageTools, index: 0 | 1): StageTools {
  return { ...tools, report: (news) => tools.report({ ...news, fraction: (index + news.fraction) / 2 }) };
}

/** Without the options that were not given, so that the engine's own defaults hold. */
function withoutAbsent<Options extends object>(options: Options): Partial<Options> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<Options>;
}
