// SPDX-License-Identifier: Apache-2.0
/** Starts a forecast, follows it, and lists its products. The server is that of TEMPORAL_ADDRESS. */
import { TramontanaClient } from 'tramontana';

const [, , configUri = 'config.yaml'] = process.argv;

const client = await TramontanaClient.connect({ taskQueue: process.env['TRAMONTANA_TASK_QUEUE'] });
try {
  const run = await client.forecast({ schemaVersion: 1, configUri });
  for await (const { stages } of client.progress(run)) {
    console.log(stages.map(({ name, state }) => `${name} ${state}`).join(', '));
  }
  const { folder, files } = await client.products(run);
  console.log(`${folder}:\n  ${files.join('\n  ')}`);
} finally {
  await client.close();
}
