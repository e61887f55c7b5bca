// SPDX-License-Identifier: Apache-2.0
/**
 * Temporal's development server, shared by all processes that work in one state folder.
 *
 * The first user starts it, in its own process group, on the folder's SQLite file; later ones find it through `server.json`;
 * the last one ends it. A user that was killed does not count, and a server that it left behind is taken over by the next one.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import { open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { Connection } from '@temporalio/client';
import { z } from 'zod';

import { writeFileAtomic } from '../../common/atomic-file.js';
import { messageOf, TramontanaError } from '../../common/errors.js';
import { SEARCH_ATTRIBUTES, searchAttributeType } from '../../common/search-attributes.js';
import { withFileLock } from '../../common/file-lock.js';
import { makeFolder } from '../../common/paths.js';
import { freePort, freePortNear } from './free-port.js';
import { lastLines } from './log-files.js';
import {
  delay,
  endProcess,
  identifyProcess,
  isSameProcess,
  processIdentitySchema,
  readProcessIdentity,
} from '../../common/processes.js';
import type { StateFolder } from './state-folder.js';
import { findTemporalCli } from './temporal-cli.js';

/** A server in use. */
export interface TemporalServer {
  /** host:port of the front end. */
  readonly address: string;
  /** Absent for a server that is not ours. */
  readonly uiUrl?: string;
  readonly description: string;
  /** Declares that this process needs it no more. */
  release(): Promise<void>;
}

const serverRecordSchema = processIdentitySchema.extend({
  address: z.string(),
  uiUrl: z.string(),
  logFile: z.string(),
});

type ServerRecord = Readonly<z.infer<typeof serverRecordSchema>>;

const PREFERRED_UI_PORT = 8233;
const READY_TIMEOUT_MS = 60_000;
const START_ATTEMPTS = 3;
/** Long enough for another process to start or end the server. */
const LOCK_TIMEOUT_MS = 90_000;
const STOP_GRACE_MS = 10_000;

/** Uses the server of this state folder; starts it when none runs. */
export async function acquireDevServer(state: StateFolder): Promise<TemporalServer> {
  await makeFolder(state.usersFolder);
  const userFile = join(state.usersFolder, `${process.pid}.json`);
  const record = await withFileLock(state.serverLock, { timeoutMs: LOCK_TIMEOUT_MS }, async () => {
    await writeFileAtomic(userFile, JSON.stringify(await identifyProcess(process.pid)));
    const running = await readServerRecord(state);
    return running ?? (await startWithRetries(state));
  });
  return {
    address: record.address,
    uiUrl: record.uiUrl,
    description: `Temporal server at ${record.address}, Web UI ${record.uiUrl}`,
    release: () => releaseDevServer(state, userFile),
  };
}

/** A server that somebody else keeps up; nothing is started or ended. */
export function useGivenServer(address: string): TemporalServer {
  return { address, description: `Temporal server at ${address}`, release: () => Promise.resolve() };
}

/** The server that runs in this state folder, if any. */
export async function readServerRecord(state: StateFolder): Promise<ServerRecord | undefined> {
  let record: ServerRecord;
  try {
    record = serverRecordSchema.parse(JSON.parse(await readFile(state.serverFile, 'utf8')));
  } catch (error) {
    if (
      error instanceof SyntaxError ||
      error instanceof z.ZodError ||
      (error as NodeJS.ErrnoException).code === 'ENOENT'
    )
      return undefined;
    throw error;
  }
  return (await isSameProcess(record)) ? record : undefined;
}

async function releaseDevServer(state: StateFolder, userFile: string): Promise<void> {
  await withFileLock(state.serverLock, { timeoutMs: LOCK_TIMEOUT_MS }, async () => {
    await rm(userFile, { force: true });
    if (await hasLiveUsers(state)) return;
    const record = await readServerRecord(state);
    if (record !== undefined) await endProcess(record, STOP_GRACE_MS);
    await rm(state.serverFile, { force: true });
  });
}

async function hasLiveUsers(state: StateFolder): Promise<boolean> {
  let live = false;
  for (const name of await readdir(state.usersFolder)) {
    const path = join(state.usersFolder, name);
    const user = await readProcessIdentity(path);
    if (user !== undefined && (await isSameProcess(user))) live = true;
    else await rm(path, { force: true });
  }
  return live;
}

/** Another program may take a port between our look and the server's: then others are tried. */
async function startWithRetries(state: StateFolder): Promise<ServerRecord> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startServer(state);
    } catch (error) {
      if (attempt === START_ATTEMPTS) throw error;
    }
  }
}

async function startServer(state: StateFolder): Promise<ServerRecord> {
  const cli = await findTemporalCli();
  const port = await freePort();
  const uiPort = await freePortNear(PREFERRED_UI_PORT);
  await makeFolder(state.logsFolder);
  const logFile = join(state.logsFolder, 'temporal-server.log');
  const log = await open(logFile, 'a');
  const address = `127.0.0.1:${port}`;
  const ui = ['--ui-ip', '127.0.0.1', '--ui-port', `${uiPort}`, '--log-level', 'warn'];
  const child = spawn(
    cli,
    [...serverArguments(port, state.database), ...ui],
    // its own group: Ctrl-C in the terminal is for us, we end the server after the work is cancelled
    { detached: true, stdio: ['ignore', log.fd, log.fd] },
  );
  let ended: string | undefined;
  child.once('error', (error) => (ended = messageOf(error)));
  child.once('exit', (code, signal) => (ended = signal ?? `exit code ${code}`));
  await log.close();
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (!(await serverAnswers(address))) {
    if (ended !== undefined || Date.now() > deadline) {
      if (child.pid !== undefined && ended === undefined) await endProcess({ pid: child.pid }, STOP_GRACE_MS);
      const happened = ended === undefined ? `no answer within ${READY_TIMEOUT_MS / 1000} s` : `it ended (${ended})`;
      throw new TramontanaError(
        'Runtime.ServerDidNotStart',
        `Temporal server ${cli}: expected an answer at ${address}, got: ${happened}\n${await lastLines(logFile, 5)}`,
        { facts: { cli, address, logFile }, retryable: true },
      );
    }
    await delay(150);
  }
  child.unref();
  const record: ServerRecord = {
    ...(await identifyProcess(child.pid ?? -1)),
    address,
    uiUrl: `http://127.0.0.1:${uiPort}`,
    logFile,
  };
  await writeFileAtomic(state.serverFile, `${JSON.stringify(record, null, 2)}\n`);
  return record;
}

/** Of the Temporal CLI, for a development server on a database that outlives it. */
export function serverArguments(port: number, database: string): string[] {
  // registered from the start: those that are added to a running server are known to it only after a while
  const attributes = Object.values(SEARCH_ATTRIBUTES).flatMap(({ name, type }) => [
    '--search-attribute',
    `${name}=${searchAttributeType(type)}`,
  ]);
  // loopback only: the development server checks no credentials
  return ['server', 'start-dev', '--ip', '127.0.0.1', '--port', `${port}`, ...attributes, '--db-filename', database];
}

/** True when the front end serves the default namespace. */
export async function serverAnswers(address: string): Promise<boolean> {
  try {
    const connection = await Connection.connect({ address, connectTimeout: 1000 });
    try {
      await connection.workflowService.describeNamespace({ namespace: 'default' });
      return true;
    } finally {
      await connection.close();
    }
  } catch {
    return false;
  }
}
