// SPDX-License-Identifier: Apache-2.0
import type { FitInput } from '../activities/inputs/fit-input.js';
import type { StageOutcome } from '../activities/stage-contracts.js';
import { stageActivities } from './stage-activities.js';
import { StageRunner } from './stage-runner.js';

/**
 * The fit alone, on artifacts that a program gives.
 *
 * @returns the outcome of the stage; its outputs are `fit` (`fit-result/1`) and `parameters`
 * @throws ApplicationFailure with the dotted type and the facts of what failed
 */
export async function fit(input: FitInput): Promise<StageOutcome> {
  const activities = stageActivities();
  const runner = new StageRunner(['fit']);
  const outcome = await runner.stage(
    'fit',
    async () => activities.fit({ run: await activities.resolveFit(input), inputs: input.inputs }),
    (result) => result,
  );
  runner.finish();
  return outcome;
}
