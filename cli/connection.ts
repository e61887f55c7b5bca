// SPDX-License-Identifier: Apache-2.0
/**
 * The server of a command that talks to one and starts none.
 *
 * @module
 */
import { connectionSettings, type ConnectOptions } from '../client/connection-settings.js';
import { DEFAULT_TASK_QUEUE, TramontanaClient } from '../client/tramontana-client.js';
import { TramontanaError } from '../common/errors.js';
import { STATE_OPTION, type OptionSpec, type ParsedArguments } from './command.js';
import { readServerRecord } from './runtime/dev-server.js';
import { locateStateFolder } from './runtime/state-folder.js';

/** Taken by every command that talks to a server. */
export const CONNECTION_OPTIONS: readonly OptionSpec[] = [
  {
    name: 'address',
    value: 'HOST:PORT',
    description:
      'Temporal server. Default: $TEMPORAL_ADDRESS or the profile, else the one that runs in the state folder.',
  },
  { name: 'namespace', value: 'NAME', description: 'Default: $TEMPORAL_NAMESPACE or the profile, else "default".' },
  {
    name: 'task-queue',
    value: 'NAME',
    description: `Queue of the workers. Default: $TRAMONTANA_TASK_QUEUE, else "${DEFAULT_TASK_QUEUE}".`,
  },
  STATE_OPTION,
];

/** Where a command's server is. */
export type ServerChoice = ConnectOptions & { readonly address: string; readonly taskQueue: string };

/**
 * The server that the options name, else the environment or profile, else the one of the state folder.
 *
 * @throws {TramontanaError} `Temporal.NoServer`, `Temporal.InvalidProfile`
 */
export async function serverOf(args: ParsedArguments): Promise<ServerChoice> {
  const namespace = args.value('namespace');
  const queue = args.value('task-queue') ?? process.env['TRAMONTANA_TASK_QUEUE'];
  const taskQueue = queue === undefined || queue === '' ? DEFAULT_TASK_QUEUE : queue;
  const common = { taskQueue, ...(namespace === undefined ? {} : { namespace }) };
  const given = args.value('address');
  const named = connectionSettings(given === undefined ? common : { ...common, address: given });
  if (named !== undefined) return { ...common, address: named.address };
  const state = locateStateFolder(args.value('state'));
  const running = await readServerRecord(state);
  if (running !== undefined) return { ...common, address: running.address };
  throw new TramontanaError(
    'Temporal.NoServer',
    `Temporal server: expected one by --address, $TEMPORAL_ADDRESS, a profile, or running in ${state.root}; got none. \`tramontana dev\` starts one`,
    { facts: { stateFolder: state.root } },
  );
}

/** Connects, does something, and closes. */
export async function withClient<Result>(
  args: ParsedArguments,
  use: (client: TramontanaClient) => Promise<Result>,
): Promise<Result> {
  const client = await TramontanaClient.connect(await serverOf(args));
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}
