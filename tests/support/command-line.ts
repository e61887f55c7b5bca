// SPDX-License-Identifier: Apache-2.0
/**
 * The command line as a user has it: the built program in its own process.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { packageFolder } from '../../common/version.js';

/** A finished command. */
export interface FinishedCommand {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly seconds: number;
}

/** A command under way. */
export interface RunningCommand {
  readonly pid: number;
  /** What it said on standard error so far. */
  readonly stderrSoFar: () => string;
  readonly finished: Promise<FinishedCommand>;
}

export interface CommandOptions {
  readonly cwd: string;
  /** Besides that of the tests. */
  readonly environment?: Readonly<Record<string, string>>;
}

const ENTRY = join(packageFolder(), 'dist', 'cli', 'main.js');

/** Reason to skip a suite, or false. */
export const NOT_BUILT = existsSync(ENTRY) ? false : 'dist/ is absent: run `npm run build` first';

/** Root of the reference data beside the repository; undefined where it is absent. */
export const SHARED_FOLDER: string | undefined = [resolve(packageFolder(), '..', 'shared')].find(existsSync);

/** Starts `tramontana ARGS`. */
export function startCommand(args: readonly string[], options: CommandOptions): RunningCommand {
  const startedMs = Date.now();
  // a server given by the environment of whoever runs the tests is not for them
  const { TEMPORAL_ADDRESS: _address, TRAMONTANA_STATE: _state, ...environment } = process.env;
  const child = spawn(process.execPath, [ENTRY, ...args], {
    cwd: options.cwd,
    env: { ...environment, NO_COLOR: '1', ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const finished = new Promise<FinishedCommand>((settle, fail) => {
    child.once('error', fail);
    child.once('close', (code) => settle({ code, stdout, stderr, seconds: (Date.now() - startedMs) / 1000 }));
  });
  // where it did not start there is no number: -1 would be every process to who signals it
  return { pid: child.pid ?? NaN, stderrSoFar: () => stderr, finished };
}

/** Runs `tramontana ARGS` to its end. */
export function runCommand(args: readonly string[], options: CommandOptions): Promise<FinishedCommand> {
  return startCommand(args, options).finished;
}

/** A folder for one suite, removed after it. */
export async function scratchFolder(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'tramontana-e2e-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** One line of a process's log. */
export interface LogEntry {
  readonly pid: number;
  readonly msg: string;
  readonly enginePid?: number;
  readonly attempt?: number;
}

/** The lines of a log; what is no line of ours is left out. */
export function logEntries(text: string): LogEntry[] {
  return text.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as LogEntry];
    } catch {
      return [];
    }
  });
}

/** The worker's log so far. */
export async function workerLog(stateFolder: string): Promise<LogEntry[]> {
  return logEntries(await readFile(join(stateFolder, 'logs', 'worker.log'), 'utf8').catch(() => ''));
}

/** Number of the newest checkpoint of the fits under way; 0 while there is none. */
export async function newestCheckpoint(stateFolder: string): Promise<number> {
  const jobs = join(stateFolder, 'jobs');
  const names = await readdir(jobs, { recursive: true }).catch(() => []);
  return Math.max(0, ...names.map((name) => Number(/-(\d{8})\.checkpoint\.json$/u.exec(name)?.[1] ?? 0)));
}
