// SPDX-License-Identifier: Apache-2.0
import { join, resolve } from 'node:path';

/** Where a working folder keeps what outlives a run: database, store, checkpoints, logs. */
export interface StateFolder {
  readonly root: string;
  /** Temporal's database (SQLite). */
  readonly database: string;
  /** Who serves, and where; present while a server runs. */
  readonly serverFile: string;
  readonly serverLock: string;
  /** One file for each process that uses the server. */
  readonly usersFolder: string;
  readonly logsFolder: string;
}

/** `$TRAMONTANA_STATE`, else `.tramontana` in the current folder. */
export function locateStateFolder(override: string | undefined = process.env['TRAMONTANA_STATE']): StateFolder {
  const root = resolve(override === undefined || override === '' ? '.tramontana' : override);
  return {
    root,
    database: join(root, 'temporal.db'),
    serverFile: join(root, 'server.json'),
    serverLock: join(root, 'server.lock'),
    usersFolder: join(root, 'server-users'),
    logsFolder: join(root, 'logs'),
  };
}
