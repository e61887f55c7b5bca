// SPDX-License-Identifier: Apache-2.0
import { proxyActivities } from '@temporalio/workflow';

import type { TramontanaActivities } from '../activities/activity-interface.js';
import type { ForecastInput } from '../activities/inputs/forecast-input.js';
import type { ForecastPlan } from '../activities/plan.js';
import { QUICK_STAGE } from './activity-options.js';

/**
 * Which stages the workflow `forecast` would compute for an input, and why, as the worker that would run it sees it. Computes none.
 *
 * @param input - of the workflow `forecast`
 * @throws ApplicationFailure with the dotted type and the facts of what failed
 */
export async function plan(input: ForecastInput): Promise<ForecastPlan> {
  const { planForecast } = proxyActivities<Pick<TramontanaActivities, 'planForecast'>>(QUICK_STAGE);
  return planForecast(input);
}
