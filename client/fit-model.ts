// SPDX-License-Identifier: Apache-2.0
/**
 * Fits of models in memory, for programs that need none of the forecast: the model goes into the store of the state folder that the
 * worker serves, its posterior comes back from there.
 *
 * @module
 */
import { parseModelFitOptions, type ModelFitInput, type ModelFitOptions } from '../activities/index.js';
import { ARROW_MEDIA_TYPE, openStorage, placeOf, type ArtifactStore } from '../artifacts/index.js';
import type { FitResult } from '../artifacts/schemas/fit-result.js';
import {
  decodeIntegration,
  encodeModel,
  ENGINE_MODEL_SCHEMA,
  type EngineModel,
  type IntegrationResult,
} from '../inference-core/host-ts/index.js';
import type { RunProgress } from '../workflows/progress-state.js';
import { asModelFit, type ModelFitAnswer } from './answers.js';
import { awaitEnd, type RunIds } from './run-end.js';
import { startRun, type StartOptions } from './start-run.js';
import type { TramontanaClient } from './tramontana-client.js';
import { modelFitWorkflowId } from './workflow-id.js';

/** How a model is fitted, and where its worker keeps its state. */
export interface ModelFitStart extends ModelFitOptions, StartOptions {
  /** That of the worker, which reads the model from the store in it. Default `.tramontana`. */
  readonly stateFolder?: string;
  /** That of the worker, where it shares one: `s3://bucket/prefix`. Default: `$TRAMONTANA_STORE`, else the state folder. */
  readonly store?: string;
  /** False computes an earlier result again. Default true. */
  readonly reuse?: boolean;
}

/** The posterior of a model. */
export interface ModelPosterior {
  /** Mode and covariance of theta, and how they were found. */
  readonly fit: FitResult;
  /** theta integrated out: marginals of theta and fixed effects, latent means and standard deviations, criteria. */
  readonly integration: IntegrationResult;
  /** True when an earlier result of the same model and options was taken. */
  readonly reused: boolean;
  /** Why it was computed or reused, in words. */
  readonly reason: string;
  /** Where the results lie. */
  readonly artifacts: ModelFitAnswer['outputs'];
}

/** A started fit of a model. */
export interface ModelFitRun extends RunIds {
  /** Where it stands. A worker must be up to answer. */
  standing(): Promise<RunProgress>;
  /**
   * Waits for the end and reads the posterior.
   *
   * @param signal - stops the waiting, not the run
   * @throws {TramontanaError} tag and facts of what failed; `Run.Cancelled`, `Run.Terminated`, `Run.UnexpectedAnswer`,
   *   `Artifact.Missing`, `Artifact.Corrupt`
   */
  result(signal?: AbortSignal): Promise<ModelPosterior>;
  /** Asks it to stop; the engine writes its checkpoint first, from which the next fit of the same goes on. */
  cancel(): Promise<void>;
}

/**
 * Stores a model and starts its fit; {@link TramontanaClient.fit} is the way to call it.
 *
 * @throws {TramontanaError} `Input.Invalid`
 */
export async function startModelFit(
  client: TramontanaClient,
  model: EngineModel,
  given: ModelFitStart,
): Promise<ModelFitRun> {
  const { stateFolder = '.tramontana', store: address, reuse, ...more } = given;
  const { workflowId: _id, memo: _memo, summary: _summary, ...rest } = more;
  const options = parseModelFitOptions(rest);
  const store = openStorage({ stateFolder, ...(address === undefined ? {} : { store: address }) }).artifacts;
  const ref = await store.put(encodeModel(model), { mediaType: ARROW_MEDIA_TYPE, schema: ENGINE_MODEL_SCHEMA });
  const input: ModelFitInput = { schemaVersion: 1, model: ref, options, ...(reuse === undefined ? {} : { reuse }) };
  const run = await startRun(client, 'fitModel', input, { workflowId: modelFitWorkflowId(input), ...given });
  return {
    ...run,
    standing: () => client.standing(run),
    result: async (signal) => {
      const answer = asModelFit(await awaitEnd(client.temporal, run, signal), run.workflowId);
      return readPosterior(store, answer);
    },
    cancel: () => client.cancel(run),
  };
}

async function readPosterior(
  store: ArtifactStore,
  { outputs, reused, reason }: ModelFitAnswer,
): Promise<ModelPosterior> {
  const { fit, posterior } = outputs;
  return {
    fit: await store.getJson<FitResult>(fit),
    integration: decodeIntegration(await store.get(posterior), placeOf(posterior)),
    ...{ reused, reason, artifacts: outputs },
  };
}
