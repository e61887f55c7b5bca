// SPDX-License-Identifier: Apache-2.0
import { Client, Connection } from '@temporalio/client';

import type { forecastWithBulletin } from './workflows.js';

const { TEMPORAL_ADDRESS: address = '127.0.0.1:7233' } = process.env;
const [, , configUri = 'config.yaml'] = process.argv;

const connection = await Connection.connect({ address });
const bulletin = await new Client({ connection }).workflow.execute<typeof forecastWithBulletin>(
  'forecastWithBulletin',
  {
    taskQueue: 'air',
    workflowId: `bulletin-${Date.now()}`,
    args: [{ schemaVersion: 1, configUri }],
  },
);
console.log(bulletin);
await connection.close();
