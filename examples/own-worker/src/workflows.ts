// SPDX-License-Identifier: Apache-2.0
import { executeChild, proxyActivities } from '@temporalio/workflow';
import type { ForecastInput } from 'tramontana';
import { forecast } from 'tramontana/workflows';

import type { BulletinActivities } from './activities.js';

// ours, beside our own
export * from 'tramontana/workflows';

const { postBulletin } = proxyActivities<BulletinActivities>({ startToCloseTimeout: '1 minute' });

/** A forecast, then a bulletin about it. Returns what was posted. */
export async function forecastWithBulletin(input: ForecastInput): Promise<string> {
  const { domain, cycle, folder } = await executeChild(forecast, { args: [input] });
  return postBulletin({ domain, cycle, folder });
}
