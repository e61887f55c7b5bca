// SPDX-License-Identifier: Apache-2.0
import type { ModelFitInput } from '../activities/inputs/model-fit-input.js';
import type { StageOutcome } from '../activities/stage-contracts.js';
import { stageActivities } from './stage-activities.js';
import { StageRunner } from './stage-runner.js';

/**
 * The posterior of a model that a program gives as an artifact; nothing of it need be about air.
 *
 * @param input - validated by the activity
 * @returns the outcome; its outputs are `fit` (`fit-result/1`) and `posterior` (`integration-result/4`)
 * @throws ApplicationFailure with the dotted type and the facts of what failed
 */
export async function fitModel(input: ModelFitInput): Promise<StageOutcome> {
  const activities = stageActivities();
  const runner = new StageRunner(['fit-model']);
  const outcome = await runner.stage(
    'fit-model',
    () => activities.fitModel(input),
    (result) => result,
  );
  runner.finish();
  return outcome;
}
