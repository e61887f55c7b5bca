// SPDX-License-Identifier: Apache-2.0
import { SimplePlugin } from '@temporalio/plugin';
import type { Worker } from '@temporalio/worker';

import {
  createActivities,
  defaultDependencies,
  logAttributesOf,
  type ActivityDependencies,
  type StorageOptions,
} from '../activities/index.js';
import { recoverRuns } from '../products/index.js';
import { payloadEncryption } from './encryption/index.js';
import { workflowsPath } from './workflows-path.js';

/** Where the plugin keeps its state, and what it may be given instead of the real rooms. */
export interface TramontanaPluginOptions extends StorageOptions {
  /** Replaces parts of the activities' surroundings, e.g. with fakes in a test. */
  readonly dependencies?: Partial<ActivityDependencies>;
  /** False for a worker of the engine's queue, which runs activities only. Default true. */
  readonly workflows?: boolean;
}

/**
 * Teaches a worker the forecasts: their workflows and activities. A worker with a `workflowsPath` of its own keeps it and
 * re-exports ours: `export * from 'tramontana/workflows'`.
 *
 * Two workers make a deployment: one on the task queue, and one on `engineTaskQueue(taskQueue)` for the stages that take all
 * processors, with `maxConcurrentActivityTaskExecutions: 1`; both with this plugin.
 *
 * Payloads are encrypted where the environment names keys, as those of the client are.
 *
 * @example
 * const plugin = new TramontanaPlugin({ stateFolder: '/var/lib/tramontana' });
 * await Worker.create({ connection, taskQueue: 'tramontana', plugins: [plugin] });
 */
export class TramontanaPlugin extends SimplePlugin {
  private readonly runsFolder: string;

  constructor(options: TramontanaPluginOptions = {}) {
    const { dependencies, workflows = true, ...storage } = options;
    const deps = { ...defaultDependencies(storage), ...dependencies };
    const encryption = payloadEncryption();
    super({
      name: 'tramontana.forecast',
      activities: createActivities(deps),
      ...(encryption === undefined ? {} : { dataConverter: encryption }),
      workerInterceptors: { activity: [logAttributesOf] },
      ...(workflows ? { workflowsPath: (existing?: string) => existing ?? workflowsPath() } : {}),
    });
    this.runsFolder = deps.runsFolder;
  }

  /** Before a worker serves, what killed publications left is restored or removed. */
  override async runWorker(worker: Worker, next: (worker: Worker) => Promise<void>): Promise<void> {
    await recoverRuns(this.runsFolder);
    return super.runWorker(worker, next);
  }
}
