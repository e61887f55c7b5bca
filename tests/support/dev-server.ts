// SPDX-License-Identifier: Apache-2.0
/**
 * `tramontana dev` of one suite: server, worker and Web UI in a folder of its own.
 *
 * @module
 */
import { join } from 'node:path';

import { readServerRecord } from '../../cli/runtime/dev-server.js';
import { locateStateFolder } from '../../cli/runtime/state-folder.js';
import { waitUntil } from '../../common/processes.js';
import { startCommand } from './command-line.js';

const LIMIT_MS = 4 * 60_000;

export interface DevServer {
  readonly address: string;
  readonly uiUrl: string;
  /** As Ctrl-C does; resolves when all is down. */
  end(): Promise<void>;
}

/** Starts it in a folder, whose `.tramontana` is its state, and waits until the server answers. */
export async function startDevServer(
  folder: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<DevServer> {
  const command = startCommand(['dev'], { cwd: folder, environment });
  const state = locateStateFolder(join(folder, '.tramontana'));
  await waitUntil(async () => (await readServerRecord(state)) !== undefined, LIMIT_MS);
  const { address = '', uiUrl = '' } = (await readServerRecord(state)) ?? {};
  return {
    ...{ address, uiUrl },
    end: async () => {
      process.kill(command.pid, 'SIGINT');
      await command.finished;
    },
  };
}
