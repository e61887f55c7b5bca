// SPDX-License-Identifier: Apache-2.0
/**
 * What a production worker answers to whoever supervises it: `GET /health`, whether it takes work; `GET /live`, whether it has to be started
 * again; `GET /metrics`.
 *
 * @module
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { messageOf, TramontanaError } from '../../common/errors.js';
import { packageVersion } from '../../common/version.js';
import type { QueueState, ServedQueues } from './served-queues.js';

/** Longer than the runtime takes to write some hundred series. */
const METRICS_TIMEOUT_MS = 5000;

/** Where to listen. */
export interface ListenAddress {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
}

/** `disconnected`: the workers run, and the server does not answer them. */
export type HealthStatus = 'ok' | 'starting' | 'draining' | 'failed' | 'disconnected';

/** The body of `/health`. */
export interface Health {
  readonly status: HealthStatus;
  readonly version: string;
  readonly taskQueues: readonly QueueState[];
  readonly uptimeSeconds: number;
}

export interface HealthOptions extends ListenAddress {
  /** Absent while the worker starts. */
  readonly queues: () => ServedQueues | undefined;
  /** Of the runtime, `http://host:port/metrics`; absent while there is none. */
  readonly metricsUrl: () => string | undefined;
}

/** One word for all queues: the worst of them. */
function statusOf(states: readonly QueueState[]): HealthStatus {
  const has = (state: QueueState['state']): boolean => states.some((queue) => queue.state === state);
  if (has('FAILED')) return 'failed';
  if (states.every(({ state }) => state === 'RUNNING')) return 'ok';
  return has('STOPPING') || has('DRAINING') || has('DRAINED') || has('STOPPED') ? 'draining' : 'starting';
}

/** How a process is that may not have queues yet. */
export async function healthOf(queues: ServedQueues | undefined): Promise<Health> {
  const taskQueues = queues?.states() ?? [];
  const own = queues === undefined ? 'starting' : statusOf(taskQueues);
  const status = own === 'ok' && (await queues?.serverAnswers()) !== true ? 'disconnected' : own;
  return { status, version: packageVersion(), taskQueues, uptimeSeconds: Math.round(process.uptime()) };
}

/** Answers `GET /health`, `GET /live` and `GET /metrics` until it is closed. */
export class HealthEndpoint {
  private constructor(
    /** `host:port` as bound. */
    readonly address: string,
    readonly close: () => Promise<void>,
  ) {}

  /** @throws {TramontanaError} `Runtime.CannotListen` when the address is taken or none of this machine */
  static async open(options: HealthOptions): Promise<HealthEndpoint> {
    const server = createServer((request, response) => {
      answer(options, request, response).catch((error: unknown) => {
        send(response, 503, 'text/plain; charset=utf-8', `${messageOf(error)}\n`);
      });
    });
    const { host, port } = options;
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) => {
        const why = error.code === 'EADDRINUSE' ? 'one that is taken' : messageOf(error);
        const message = `--health ${host}:${port}: expected a free address of this machine, got ${why}`;
        reject(
          new TramontanaError('Runtime.CannotListen', message, {
            facts: { host, port, code: error.code ?? null },
            cause: error,
          }),
        );
      });
      server.listen({ host, port, exclusive: true }, resolve);
    });
    // bound: what fails later fails a connection, not the worker
    server.removeAllListeners('error').on('error', () => undefined);
    // a probe that keeps its connection must not keep the process
    server.unref();
    const close = (): Promise<void> =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    const bound = server.address() as AddressInfo;
    return new HealthEndpoint(`${bound.family === 'IPv6' ? `[${bound.address}]` : bound.address}:${bound.port}`, close);
  }
}

async function answer(options: HealthOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = (request.url ?? '').split('?')[0];
  if (path !== '/health' && path !== '/live' && path !== '/metrics') {
    send(response, 404, 'text/plain; charset=utf-8', 'GET /health, GET /live or GET /metrics\n');
  } else if (request.method !== 'GET') {
    response.setHeader('Allow', 'GET');
    send(response, 405, 'text/plain; charset=utf-8', 'only GET\n');
  } else if (path === '/health') {
    const health = await healthOf(options.queues());
    send(response, health.status === 'ok' ? 200 : 503, 'application/json', `${JSON.stringify(health)}\n`);
  } else if (path === '/live') {
    // a worker that drains, or waits for its server, is not helped by an end
    const queues = options.queues();
    const isFailed = queues !== undefined && statusOf(queues.states()) === 'failed';
    send(response, isFailed ? 503 : 200, 'text/plain; charset=utf-8', isFailed ? 'failed\n' : 'alive\n');
  } else {
    const url = options.metricsUrl();
    if (url === undefined) throw new Error('starting');
    const metrics = await fetch(url, { signal: AbortSignal.timeout(METRICS_TIMEOUT_MS) });
    const type = metrics.headers.get('content-type') ?? 'text/plain; version=0.0.4';
    send(response, metrics.ok ? 200 : 503, type, await metrics.text());
  }
}

function send(response: ServerResponse, code: number, type: string, body: string): void {
  response.writeHead(code, { 'Content-Type': type, 'Cache-Control': 'no-store' });
  response.end(body);
}
