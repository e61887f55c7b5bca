// SPDX-License-Identifier: Apache-2.0
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { WorkflowHandle } from '@temporalio/client';
import { historyToJSON, type History } from '@temporalio/common/lib/proto-utils.js';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import {
  bundleWorkflowCode,
  DefaultLogger,
  Runtime,
  Worker,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';

import type { TramontanaActivities } from '../../activities/index.js';
import { workflowsPath } from '../../client/workflows-path.js';
import { engineTaskQueue } from '../../workflows/activity-options.js';
import { startTemporalEnvironment, type TemporalEnvironment } from './temporal-environment.js';

/** A cancellation travels in the answer to a heartbeat; by default those wait for 80 % of the timeout. */
const QUICK_BEATS = { maxHeartbeatThrottleInterval: '200ms' } as const;

/** A real server with workers of forecasts, one suite long. */
export class ForecastServer {
  private counter = 0;

  private constructor(
    private readonly temporal: TemporalEnvironment,
    readonly bundle: WorkflowBundleWithSourceMap,
  ) {}

  static async start(): Promise<ForecastServer> {
    Runtime.install({ logger: new DefaultLogger('ERROR') });
    const temporal = await startTemporalEnvironment();
    return new ForecastServer(temporal, await bundleWorkflowCode({ workflowsPath: workflowsPath() }));
  }

  get environment(): TestWorkflowEnvironment {
    return this.temporal.environment;
  }

  stop(): Promise<void> {
    return this.temporal.stop();
  }

  /**
   * Holds a history against the workflows of today: the same code on it must take the same decisions.
   *
   * @param recordAs - with `TRAMONTANA_RECORD_HISTORIES=FOLDER` in the environment, it is kept there under this name
   * @throws {DeterminismViolationError}
   */
  async replay(history: History, recordAs?: string): Promise<void> {
    const folder = process.env['TRAMONTANA_RECORD_HISTORIES'];
    if (folder !== undefined && recordAs !== undefined) {
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, `${recordAs}.json`), `${historyToJSON(history)}\n`);
    }
    // the ids of children hold that of the workflow
    const id = history.events?.[0]?.workflowExecutionStartedEventAttributes?.workflowId ?? undefined;
    await Worker.runReplayHistory({ workflowBundle: this.bundle }, history, id);
  }

  /**
   * Serves both queues of a fresh task queue while `body` runs.
   *
   * @param maxCachedWorkflows - by default none, so that every task replays what came before; the cost grows with the square of the history
   */
  async withWorkers<T>(
    activities: TramontanaActivities,
    body: (start: (input: unknown, type?: string) => Promise<WorkflowHandle>) => Promise<T>,
    maxCachedWorkflows = 0,
  ): Promise<T> {
    this.counter += 1;
    const taskQueue = `test-${this.counter}`;
    const common = { connection: this.environment.nativeConnection, activities };
    const pipeline = await Worker.create({ ...common, taskQueue, workflowBundle: this.bundle, maxCachedWorkflows });
    const engine = await Worker.create({ ...common, taskQueue: engineTaskQueue(taskQueue), ...QUICK_BEATS });
    const workflowId = `forecast-${this.counter}`;
    const start = (input: unknown, type = 'forecast') =>
      this.environment.client.workflow.start(type, { taskQueue, workflowId, args: [input] });
    return engine.runUntil(() => pipeline.runUntil(() => body(start)));
  }
}
