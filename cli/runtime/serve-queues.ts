// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';

import { DefaultLogger, NativeConnection, Runtime, Worker, type LogLevel } from '@temporalio/worker';

import { registerSearchAttributes, TramontanaPlugin } from '../../client/index.js';
import type { Logger } from '../../common/log.js';
import { makeFolder } from '../../common/paths.js';
import { engineTaskQueue } from '../../workflows/activity-options.js';
import { cachedWorkflowBundle } from './workflow-bundle.js';
import type { WorkerProcessOptions } from './worker-options.js';

/** Time for running activities to notice a shutdown: the engine writes its checkpoint between two evaluations. */
const SHUTDOWN_GRACE_MS = 15_000;
/** After that the process ends anyway: whatever was running is retried elsewhere. */
const SHUTDOWN_FORCE_MS = 25_000;
/** A workflow here is small; a year of daily runs replayed at once must not fill the memory. */
const MAXIMUM_CACHED_WORKFLOWS = 50;
/** Heartbeats are how the server learns of checkpoints: not held back to 80 % of the timeout (24 s). */
const HEARTBEAT_THROTTLE_MS = 5000;

function temporalLogger(log: Logger): DefaultLogger {
  const byLevel: Record<LogLevel, (meta: object, message: string) => void> = {
    TRACE: (meta, message) => log.trace(meta, message),
    DEBUG: (meta, message) => log.debug(meta, message),
    INFO: (meta, message) => log.info(meta, message),
    WARN: (meta, message) => log.warn(meta, message),
    ERROR: (meta, message) => log.error(meta, message),
  };
  return new DefaultLogger('INFO', ({ level, message, meta }) => byLevel[level](plain(meta ?? {}), message));
}

/** Errors under their own key, as the log format wants them. */
function plain(meta: Record<string | symbol, unknown>): object {
  const { error, ...rest } = meta;
  return error === undefined ? rest : { ...rest, err: error };
}

/** Serves both task queues until SIGTERM or the end of stdin. */
export async function serve(options: WorkerProcessOptions, log: Logger, onReady: () => void): Promise<void> {
  await makeFolder(options.stateFolder);
  // the runtime turns SIGINT and SIGTERM into a graceful shutdown of all workers
  Runtime.install({ logger: temporalLogger(log) });
  const connection = await NativeConnection.connect({ address: options.address });
  try {
    const attributes = await registerSearchAttributes(connection, options.namespace);
    if (!attributes.complete) log.warn({ trouble: attributes.trouble }, 'runs go without search attributes');
    const { stateFolder, runsFolder } = options;
    const storage = { stateFolder, runsFolder, searchAttributes: attributes.complete };
    const common = {
      connection,
      namespace: options.namespace,
      // the workflows come as a bundle, so the plugin adds activities only
      plugins: [new TramontanaPlugin({ ...storage, workflows: false })],
      shutdownGraceTime: SHUTDOWN_GRACE_MS,
      shutdownForceTime: SHUTDOWN_FORCE_MS,
      maxHeartbeatThrottleInterval: HEARTBEAT_THROTTLE_MS,
    };
    const pipeline = await Worker.create({
      ...common,
      taskQueue: options.taskQueue,
      workflowBundle: { codePath: await cachedWorkflowBundle(join(options.stateFolder, 'cache')) },
      maxCachedWorkflows: MAXIMUM_CACHED_WORKFLOWS,
      // stages read, mesh and draw in this process: two at a time keep both processors of a small machine busy
      maxConcurrentActivityTaskExecutions: 2,
    });
    const engine = await Worker.create({
      ...common,
      taskQueue: engineTaskQueue(options.taskQueue),
      // one engine process takes all processors and most of the memory
      maxConcurrentActivityTaskExecutions: 1,
    });
    shutdownWhenParentEnds([pipeline, engine], log);
    log.info({ taskQueue: options.taskQueue, address: options.address }, 'serving');
    onReady();
    await Promise.all([pipeline.run(), engine.run()]);
  } finally {
    await connection.close();
  }
}

/** The parent holds the other end of stdin and never writes: its end means that the parent is gone, however it died. */
function shutdownWhenParentEnds(workers: readonly Worker[], log: Logger): void {
  process.stdin.resume();
  process.stdin.once('end', () => {
    log.info('the parent process has ended: shutting down');
    for (const worker of workers) {
      if (worker.getState() === 'RUNNING') worker.shutdown();
    }
  });
  process.stdin.on('error', () => undefined);
}
