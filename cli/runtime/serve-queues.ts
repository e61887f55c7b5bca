// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';

import {
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
  type LogLevel,
  type RuntimeOptions,
  type WorkerOptions,
} from '@temporalio/worker';

import { HISTOGRAM_BUCKETS } from '../../activities/index.js';
import { openStorage, probeStorage } from '../../artifacts/index.js';
import { unreachable, type ConnectionSettings } from '../../client/connection-settings.js';
import { payloadEncryption, registerSearchAttributes, TramontanaPlugin } from '../../client/index.js';
import { messageOf } from '../../common/errors.js';
import type { Logger } from '../../common/log.js';
import { makeFolder } from '../../common/paths.js';
import { engineTaskQueue } from '../../workflows/activity-options.js';
import { recordProcessMetrics } from './process-metrics.js';
import { ServedQueues } from './served-queues.js';
import { tracesOf, type Traces } from './traces.js';
import { cachedWorkflowBundle } from './workflow-bundle.js';

/** Time for running activities to notice a shutdown: the engine writes its checkpoint between two evaluations. */
const SHUTDOWN_GRACE_MS = 15_000;
/** After that the process ends anyway: whatever was running is retried elsewhere. */
export const SHUTDOWN_FORCE_MS = 25_000;
/** A workflow here is small; a year of daily runs replayed at once must not fill the memory. */
const MAXIMUM_CACHED_WORKFLOWS = 50;
/** Heartbeats are how the server learns of checkpoints: not held back to 80 % of the timeout (24 s). */
const HEARTBEAT_THROTTLE_MS = 5000;

/** The queue of the workflows and their quick stages, and the one of the stages that take all processors. */
export const QUEUE_KINDS = ['pipeline', 'engine'] as const;

export type QueueKind = (typeof QUEUE_KINDS)[number];

/** What a worker process serves, and with what. */
export interface ServeOptions {
  readonly connection: ConnectionSettings;
  readonly taskQueue: string;
  readonly stateFolder: string;
  readonly runsFolder: string;
  readonly queues: readonly QueueKind[];
  /** Worker Versioning: runs stay with the version that began them. Absent: any worker takes any task. */
  readonly version?: { readonly deploymentName: string; readonly buildId: string };
  /** Loopback host:port where the Temporal runtime serves its metrics and ours; absent: none are kept. */
  readonly metricsAddress?: string;
}

/** How those who serve are told, and tell, what happens. */
export interface ServeHooks {
  /** Aborted to end: running activities are given back. */
  readonly stop: AbortSignal;
  /** Called once the workers are there. */
  readonly onServing: (queues: ServedQueues) => void;
}

function temporalLogger(log: Logger, least: LogLevel): DefaultLogger {
  const byLevel: Record<LogLevel, (meta: object, message: string) => void> = {
    TRACE: (meta, message) => log.trace(meta, message),
    DEBUG: (meta, message) => log.debug(meta, message),
    INFO: (meta, message) => log.info(meta, message),
    WARN: (meta, message) => log.warn(meta, message),
    ERROR: (meta, message) => log.error(meta, message),
  };
  return new DefaultLogger(least, ({ level, message, meta }) => byLevel[level](plain(meta ?? {}), message));
}

/** Errors under their own key, as the log format wants them. */
function plain(meta: Record<string | symbol, unknown>): object {
  const { error, ...rest } = meta;
  return error === undefined ? rest : { ...rest, err: error };
}

function runtimeOptions(log: Logger, metricsAddress: string | undefined): RuntimeOptions {
  const prometheus =
    metricsAddress === undefined
      ? undefined
      : {
          bindAddress: metricsAddress,
          useSecondsForDurations: true,
          histogramBucketOverrides: { ...HISTOGRAM_BUCKETS },
        };
  return {
    logger: temporalLogger(log, 'INFO'),
    telemetryOptions: {
      // lines of the native side too are lines of our log
      logging: { forward: {}, filter: { core: 'WARN', other: 'ERROR' } },
      ...(prometheus === undefined ? {} : { metrics: { prometheus } }),
    },
    // the caller decides what a signal means
    shutdownSignals: [],
  };
}

async function connect(settings: ConnectionSettings): Promise<NativeConnection> {
  try {
    return await NativeConnection.connect({ address: settings.address, ...settings.security });
  } catch (error) {
    throw unreachable(settings, error);
  }
}

/** The options in which the two kinds differ. */
async function kindOptions(
  kind: QueueKind,
  options: ServeOptions,
  log: Logger,
  traces: Traces | undefined,
): Promise<WorkerOptions> {
  if (kind === 'engine') {
    // one engine process takes all processors and most of the memory
    return { taskQueue: engineTaskQueue(options.taskQueue), maxConcurrentActivityTaskExecutions: 1 };
  }
  const { failureConverterPath } = payloadEncryption() ?? {};
  const { workflowInterceptorModules } = traces ?? {};
  const extras = {
    ...(failureConverterPath === undefined ? {} : { failureConverterPath }),
    ...(workflowInterceptorModules === undefined ? {} : { workflowInterceptorModules }),
  };
  // at INFO the bundler lists its modules
  const bundle = await cachedWorkflowBundle(join(options.stateFolder, 'cache'), temporalLogger(log, 'WARN'), extras);
  return {
    taskQueue: options.taskQueue,
    workflowBundle: { codePath: bundle },
    maxCachedWorkflows: MAXIMUM_CACHED_WORKFLOWS,
    // stages read, mesh and draw in this process: two at a time keep both processors of a small machine busy
    maxConcurrentActivityTaskExecutions: 2,
  };
}

async function createWorkers(
  options: ServeOptions,
  connection: NativeConnection,
  log: Logger,
  traces: Traces | undefined,
): Promise<Worker[]> {
  const { address, namespace } = options.connection;
  const attributes = await registerSearchAttributes(connection, namespace, address);
  if (!attributes.complete) log.warn({ trouble: attributes.trouble }, 'runs go without search attributes');
  const { version, stateFolder, runsFolder } = options;
  const storage = { stateFolder, runsFolder, searchAttributes: attributes.complete };
  const common = {
    connection,
    namespace,
    // the workflows come as a bundle, so the plugin adds activities only
    plugins: [new TramontanaPlugin({ ...storage, workflows: false }), ...(traces === undefined ? [] : [traces.plugin])],
    shutdownGraceTime: SHUTDOWN_GRACE_MS,
    shutdownForceTime: SHUTDOWN_FORCE_MS,
    maxHeartbeatThrottleInterval: HEARTBEAT_THROTTLE_MS,
    ...(version === undefined
      ? {}
      : {
          workerDeploymentOptions: {
            version,
            useWorkerVersioning: true as const,
            // a cycle ends with the code that began it
            defaultVersioningBehavior: 'PINNED' as const,
          },
        }),
  };
  const workers: Worker[] = [];
  for (const kind of options.queues)
    workers.push(await Worker.create({ ...common, ...(await kindOptions(kind, options, log, traces)) }));
  return workers;
}

/**
 * Serves task queues until it is asked to stop. Installs the process's Temporal runtime, so it is called once.
 *
 * @throws {TramontanaError} `Temporal.Unreachable`, `Runtime.NoTraces`, `Config.InvalidPayloadKey`; those of {@link probeStorage}; what a worker
 *   threw that failed
 */
export async function serve(options: ServeOptions, log: Logger, hooks: ServeHooks): Promise<void> {
  await makeFolder(options.stateFolder);
  const storage = openStorage(options);
  // a folder is proved by the first stage; of a bucket the operator is to hear before any run does
  if (storage.isShared) log.info({ store: await probeStorage(storage) }, 'shared store');
  Runtime.install(runtimeOptions(log, options.metricsAddress));
  const traces = await tracesOf();
  const connection = await connect(options.connection);
  try {
    const queues = new ServedQueues(await createWorkers(options, connection, log, traces), connection);
    hooks.onServing(queues);
    const { metricsAddress, stateFolder, runsFolder } = options;
    if (metricsAddress !== undefined) {
      const endMetrics = recordProcessMetrics(queues, { state: stateFolder, products: runsFolder }, log);
      hooks.stop.addEventListener('abort', endMetrics, { once: true });
    }
    log.info({ taskQueue: options.taskQueue, queues: options.queues, address: options.connection.address }, 'serving');
    await queues.runUntil(hooks.stop);
  } finally {
    await traces?.end();
    // refused while activities run on that did not end in time; then the process ends with them
    await connection.close().catch((error: unknown) => log.warn(`the connection stays open: ${messageOf(error)}`));
  }
}
