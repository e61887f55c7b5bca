// SPDX-License-Identifier: Apache-2.0
/** Fits a model in memory on a worker that shares the state folder TRAMONTANA_STATE. */
import { TramontanaClient } from 'tramontana';

import { smallModel } from './model.js';

const { TRAMONTANA_STATE: stateFolder, TRAMONTANA_TASK_QUEUE: taskQueue } = process.env;

const client = await TramontanaClient.connect({ taskQueue });
const run = await client.fit(smallModel(), { initialTheta: [Math.log(50), 1, 0], stateFolder });
const { integration } = await run.result();

for (const { naturalName, natural } of integration.theta) {
  console.log(`${naturalName}: ${natural.mean.toPrecision(3)} ± ${natural.sd.toPrecision(3)}`);
}
await client.close();
