// SPDX-License-Identifier: Apache-2.0
/** Lets the Temporal SDK download its dev server into the folder given as argument: it does so when a local test environment starts. */
import { createRequire } from 'node:module';
import { messageOf } from '../core/errors.mjs';
import { inRoot } from '../core/paths.mjs';

const [downloadDir] = process.argv.slice(2);
try {
  const { TestWorkflowEnvironment } = createRequire(inRoot('package.json'))('@temporalio/testing');
  const environment = await TestWorkflowEnvironment.createLocal({
    server: { executable: { type: 'cached-download', downloadDir } },
  });
  await environment.teardown();
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}
