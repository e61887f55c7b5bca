// SPDX-License-Identifier: Apache-2.0
import { hostname } from 'node:os';

import { sha256Hex } from '../../common/hash.js';
import { DEFAULT_TASK_QUEUE, TramontanaClient } from '../../client/tramontana-client.js';
import { acquireDevServer, useGivenServer, type TemporalServer } from './dev-server.js';
import type { StateFolder } from './state-folder.js';
import { WorkerSupervisor } from './worker-supervisor.js';

export interface RuntimeOptions {
  readonly state: StateFolder;
  readonly runsFolder: string;
  /** host:port of a server that somebody else keeps up; default `$TEMPORAL_ADDRESS`, else our own server. */
  readonly address?: string;
  /** Default `$TEMPORAL_NAMESPACE`, else `default`. */
  readonly namespace?: string;
  /** Default `$TRAMONTANA_TASK_QUEUE`, else one of this state folder. */
  readonly taskQueue?: string;
  /** Words for people, as things come up. */
  readonly onNote: (message: string) => void;
}

/** Server, worker and client of one command. */
export interface LocalRuntime {
  readonly server: TemporalServer;
  readonly client: TramontanaClient;
  readonly worker: WorkerSupervisor;
  /** True when the server is ours, hence all runs on it belong to this state folder. */
  readonly isOwnServer: boolean;
  /** Ends everything that this process started and that nobody else uses. */
  stop(): Promise<void>;
  /** The same without waiting for work in progress. */
  kill(): Promise<void>;
}

/**
 * Name of the task queue. The store lies on this machine, so on a server that others use too only workers of the same state
 * folder may take our tasks.
 */
function taskQueueOf(state: StateFolder, isOwnServer: boolean): string {
  const given = process.env['TRAMONTANA_TASK_QUEUE'];
  if (given !== undefined && given !== '') return given;
  if (isOwnServer) return DEFAULT_TASK_QUEUE;
  return `${DEFAULT_TASK_QUEUE}-${sha256Hex(`${hostname()}:${state.root}`).slice(0, 10)}`;
}

/**
 * Brings up what a run needs: the server of the address or `$TEMPORAL_ADDRESS`, else our own one; a supervised worker; a client.
 *
 * @throws {TramontanaError} `Runtime.*`, `Temporal.Unreachable`
 */
export async function startLocalRuntime(options: RuntimeOptions): Promise<LocalRuntime> {
  const { state, runsFolder, onNote } = options;
  const given = options.address ?? process.env['TEMPORAL_ADDRESS'];
  const isOwnServer = given === undefined || given === '';
  const server = isOwnServer ? await acquireDevServer(state) : useGivenServer(given);
  let client: TramontanaClient | undefined;
  let worker: WorkerSupervisor | undefined;
  const stop = async (): Promise<void> => {
    // the worker answers the last questions
    await client?.close();
    await worker?.stop();
    await server.release();
  };
  try {
    onNote(server.description);
    const taskQueue = options.taskQueue ?? taskQueueOf(state, isOwnServer);
    const namespace = options.namespace ?? process.env['TEMPORAL_NAMESPACE'] ?? 'default';
    client = await TramontanaClient.connect({ address: server.address, namespace, taskQueue });
    const started = await WorkerSupervisor.start({
      ...{ address: server.address, namespace, taskQueue, runsFolder },
      stateFolder: state.root,
      logsFolder: state.logsFolder,
      onTrouble: onNote,
    });
    worker = started;
    const kill = async (): Promise<void> => {
      started.kill();
      await stop();
    };
    return { server, client, worker: started, isOwnServer, stop, kill };
  } catch (error) {
    await stop();
    throw error;
  }
}
