// SPDX-License-Identifier: Apache-2.0
import { resolve } from 'node:path';

import { connectionSettings } from '../../client/connection-settings.js';
import { DEFAULT_TASK_QUEUE } from '../../client/tramontana-client.js';
import { isTramontanaError, TramontanaError } from '../../common/errors.js';
import { createLogger } from '../../common/log.js';
import { packageVersion } from '../../common/version.js';
import { JSON_OPTION, type Command, type ParsedArguments } from '../command.js';
import { CONNECTION_OPTIONS, serverOf } from '../connection.js';
import { EXIT_CODES, exitCodeOf } from '../exit-codes.js';
import { Interruption } from '../interruption.js';
import { freePort } from '../runtime/free-port.js';
import { HealthEndpoint, type ListenAddress } from '../runtime/health-endpoint.js';
import { QUEUE_KINDS, serve, type ServeOptions } from '../runtime/serve-queues.js';
import type { ServedQueues } from '../runtime/served-queues.js';
import { locateStateFolder } from '../runtime/state-folder.js';
import { printJson } from '../terminal/output.js';
import { DEFAULT_RUNS_FOLDER } from './run.js';

/** Whoever may read figures of runs is decided by who reaches the interface: by default this machine alone. */
const DEFAULT_HEALTH_HOST = '127.0.0.1';

/** When nothing is served any more, what a stage left behind may hold the process for so long. */
const LEFTOVER_MS = 2000;

function usage(message: string, facts: Readonly<Record<string, unknown>>): TramontanaError {
  return new TramontanaError('Cli.Usage', message, { facts });
}

/** `PORT`, `HOST:PORT` or `[IPV6]:PORT`; undefined without the option. */
export function healthAddressOf(given: string | undefined): ListenAddress | undefined {
  if (given === undefined) return undefined;
  const [, bracketed, plain, digits = ''] = /^(?:(?:\[([0-9a-fA-F:.]+)\]|([^\s:[\]]+)):)?(\d{1,5})$/u.exec(given) ?? [];
  const port = Number(digits);
  if (digits === '' || port > 65_535) {
    throw usage(`--health: expected PORT or HOST:PORT, got "${given}"`, { health: given });
  }
  return { host: bracketed ?? plain ?? DEFAULT_HEALTH_HOST, port };
}

function versionOf(args: ParsedArguments): ServeOptions['version'] {
  const [buildId, deployment] = [args.value('build-id'), args.value('deployment')];
  if (buildId === undefined && deployment !== undefined) {
    throw usage('--deployment: expected --build-id beside it, got none', { deployment });
  }
  if (buildId === '' || deployment === '') throw usage('--build-id, --deployment: expected a name, got none', {});
  return buildId === undefined ? undefined : { deploymentName: deployment ?? DEFAULT_TASK_QUEUE, buildId };
}

async function serveOptionsOf(args: ParsedArguments): Promise<ServeOptions> {
  const version = versionOf(args);
  const only = args.value('only');
  const queues = QUEUE_KINDS.filter((kind) => only === undefined || kind === only);
  const server = await serverOf(args);
  const { address } = server;
  return {
    connection: connectionSettings(server) ?? { address, namespace: 'default', security: {} },
    taskQueue: server.taskQueue,
    stateFolder: locateStateFolder(args.value('state')).root,
    runsFolder: resolve(args.value('out') ?? DEFAULT_RUNS_FOLDER),
    queues,
    ...(version === undefined ? {} : { version }),
  };
}

/** Serves in the foreground; resolves to the exit code. What happens is told by the log alone. */
async function serveUntilStopped(options: ServeOptions, health: ListenAddress | undefined): Promise<number> {
  const log = createLogger('worker');
  const interruption = new Interruption();
  const stop = new AbortController();
  void interruption.asked().then(() => {
    log.info('asked to stop: running stages are given back');
    stop.abort();
  });
  void interruption.insisted().then(() => {
    log.warn('asked again: ended at once');
    // the pipes that an engine and the readers of files live on end with this process
    process.exit(EXIT_CODES.cancelled);
  });
  let served: ServedQueues | undefined;
  let metricsAddress: string | undefined;
  let endpoint: HealthEndpoint | undefined;
  try {
    if (health !== undefined) {
      // before any work is taken: a worker that nobody can watch must not begin
      const metricsUrl = (): string | undefined => metricsAddress && `http://${metricsAddress}/metrics`;
      endpoint = await HealthEndpoint.open({ ...health, queues: () => served, metricsUrl });
      log.info({ address: endpoint.address }, 'health endpoint');
      metricsAddress = `127.0.0.1:${await freePort()}`;
    }
    await serve({ ...options, ...(metricsAddress === undefined ? {} : { metricsAddress }) }, log, {
      stop: stop.signal,
      onServing: (queues) => (served = queues),
    });
    log.info('stopped');
    return EXIT_CODES.done;
  } catch (error) {
    log.fatal({ err: error, ...(isTramontanaError(error) ? { tag: error.tag } : {}) }, 'the worker ended');
    return exitCodeOf(error);
  } finally {
    await endpoint?.close();
    setTimeout(() => process.exit(), LEFTOVER_MS).unref();
  }
}

export const workerCommand: Command = {
  spec: {
    name: 'worker',
    summary: 'Serve the task queues of a Temporal server in the foreground, until SIGTERM or Ctrl-C.',
    options: [
      ...CONNECTION_OPTIONS,
      { name: 'out', value: 'DIR', description: `Folder of the products. Default: ${DEFAULT_RUNS_FOLDER}.` },
      {
        name: 'health',
        value: '[HOST:]PORT',
        description: `Answer GET /health and GET /metrics there. HOST is ${DEFAULT_HEALTH_HOST} by default.`,
      },
      { name: 'only', value: 'QUEUE', description: 'Serve one queue. Default: both.', choices: QUEUE_KINDS },
      {
        name: 'build-id',
        value: 'ID',
        description: 'Worker Versioning: this build of the worker; runs stay with theirs.',
      },
      { name: 'deployment', value: 'NAME', description: `Of the build. Default: ${DEFAULT_TASK_QUEUE}.` },
      JSON_OPTION,
    ],
  },
  async run(args) {
    const health = healthAddressOf(args.value('health'));
    const options = await serveOptionsOf(args);
    createLogger('worker').info({ version: packageVersion(), queues: options.queues }, 'starting');
    const code = await serveUntilStopped(options, health);
    if (args.flag('json'))
      printJson({ state: code === EXIT_CODES.done ? 'stopped' : 'failed', queues: options.queues });
    return code;
  },
};
