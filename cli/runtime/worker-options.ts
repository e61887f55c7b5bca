// SPDX-License-Identifier: Apache-2.0
import { parseArgs } from 'node:util';
import { entry } from '../../common/entry.js';

/** What a worker process is told by its parent. */
export interface WorkerProcessOptions {
  readonly address: string;
  readonly namespace: string;
  readonly taskQueue: string;
  readonly stateFolder: string;
  readonly runsFolder: string;
}

const NAMES = ['address', 'namespace', 'task-queue', 'state', 'runs'] as const;

/** Command line of a worker process. */
export function workerArguments(options: WorkerProcessOptions): string[] {
  const values = [options.address, options.namespace, options.taskQueue, options.stateFolder, options.runsFolder];
  return NAMES.flatMap((name, index) => [`--${name}`, entry(values, index)]);
}

/** Reads {@link workerArguments}; every option is required. */
export function parseWorkerArguments(args: readonly string[]): WorkerProcessOptions {
  const { values } = parseArgs({
    args: [...args],
    options: Object.fromEntries(NAMES.map((name) => [name, { type: 'string' as const }])),
  });
  const [address, namespace, taskQueue, stateFolder, runsFolder] = NAMES.map((name) => {
    const value = values[name];
    if (typeof value !== 'string' || value === '') throw new TypeError(`worker: expected --${name} VALUE, got none`);
    return value;
  }) as [string, string, string, string, string];
  return { address, namespace, taskQueue, stateFolder, runsFolder };
}
