// SPDX-License-Identifier: Apache-2.0
import { fileURLToPath } from 'node:url';

import { NativeConnection, Worker } from '@temporalio/worker';
import { TramontanaPlugin } from 'tramontana';

import { createBulletinActivities } from './activities.js';

const { TEMPORAL_ADDRESS: address = '127.0.0.1:7233', BULLETIN_URL: bulletinUrl } = process.env;
if (bulletinUrl === undefined) throw new Error('BULLETIN_URL: expected an address that takes a POST, got none');

const connection = await NativeConnection.connect({ address });
const storage = { stateFolder: 'state', runsFolder: 'runs' };

// everything but the fits: our workflows (which re-export Tramontana's) and our activities beside Tramontana's
const main = await Worker.create({
  connection,
  taskQueue: 'air',
  workflowsPath: fileURLToPath(new URL('workflows.js', import.meta.url)),
  activities: createBulletinActivities(bulletinUrl),
  plugins: [new TramontanaPlugin(storage)],
  shutdownGraceTime: '20 s',
});
// the fits: one at a time, each takes all processors
const engine = await Worker.create({
  connection,
  taskQueue: 'air-engine',
  maxConcurrentActivityTaskExecutions: 1,
  plugins: [new TramontanaPlugin({ ...storage, workflows: false })],
  shutdownGraceTime: '20 s',
});

try {
  await Promise.all([main.run(), engine.run()]);
} finally {
  await connection.close();
}
