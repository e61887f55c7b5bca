// SPDX-License-Identifier: Apache-2.0
/**
 * How a worker tells an operator: a command or a web address of the worker's own, by its environment. Never by a workflow's input,
 * which would let whoever may start a workflow run commands on the worker.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { isAbsolute } from 'node:path';

import { messageOf, TramontanaError } from '../../common/errors.js';
import { signalQuietly, within } from '../../common/processes.js';
import type { OperatorEvent } from './schedule-contracts.js';

/** Where events go; at most one of both. */
export interface Hook {
  /** Absolute path of a program that is given the event as JSON on its standard input. */
  readonly command?: string;
  /** Given the event as the body of a POST. May hold a secret: it is told to nobody. */
  readonly url?: string;
}

/** A hook that takes longer hangs. */
const TIMEOUT_MS = 30_000;
/** Of what a command says when it fails. */
const MAXIMUM_OUTPUT = 500;
/** What a command said before it failed is there by then. */
const LAST_WORDS_MS = 1000;

/**
 * The hook that the environment names: `TRAMONTANA_HOOK_COMMAND` or `TRAMONTANA_HOOK_URL`.
 *
 * @throws {TramontanaError} `Config.InvalidHook`
 */
export function hookOf(environment: Readonly<Record<string, string | undefined>>): Hook | undefined {
  const { TRAMONTANA_HOOK_COMMAND: command = '', TRAMONTANA_HOOK_URL: url = '' } = environment;
  const refuse = (message: string): never => {
    throw new TramontanaError('Config.InvalidHook', message);
  };
  if (command !== '' && url !== '') refuse('TRAMONTANA_HOOK_COMMAND and TRAMONTANA_HOOK_URL: expected one, got both');
  if (command !== '') {
    if (!isAbsolute(command)) refuse(`TRAMONTANA_HOOK_COMMAND: expected an absolute path, got "${command}"`);
    return { command };
  }
  if (url === '') return undefined;
  if (!URL.canParse(url) || !/^https?:$/u.test(new URL(url).protocol)) {
    refuse('TRAMONTANA_HOOK_URL: expected an address that starts with http: or https:, got another one');
  }
  return { url };
}

/**
 * Gives an event to a hook.
 *
 * @throws {TramontanaError} `Hook.Failed` (retryable) when the command fails or the address refuses
 */
export async function callHook({ command, url }: Hook, event: OperatorEvent, signal?: AbortSignal): Promise<void> {
  const limit = AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), ...(signal === undefined ? [] : [signal])]);
  if (command !== undefined) await runCommand(command, event, limit);
  else if (url !== undefined) await post(url, event, limit);
}

function failed(what: string, happened: string, facts: Readonly<Record<string, unknown>>): TramontanaError {
  return new TramontanaError('Hook.Failed', `${what}: expected it to take the event, got ${happened}`, {
    facts,
    retryable: true,
  });
}

async function post(url: string, event: OperatorEvent, signal: AbortSignal): Promise<void> {
  const { host } = new URL(url);
  let status: number;
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(event),
      signal,
    });
    ({ status } = answer);
    await answer.body?.cancel();
  } catch (error) {
    // the error itself may hold the address
    const cause = error instanceof Error && error.cause instanceof Error ? `: ${messageOf(error.cause)}` : '';
    throw failed(`hook at ${host}`, `no answer${cause}`, { host });
  }
  if (status >= 300) throw failed(`hook at ${host}`, `status ${status}`, { host, status });
}

/**
 * Runs a command to its end. What a command that succeeds leaves in the background goes on, e.g. one that sends a mail; one that fails or
 * hangs is ended with everything that it started.
 */
async function runCommand(command: string, event: OperatorEvent, signal: AbortSignal): Promise<void> {
  const child = spawn(command, [], { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  let output = '';
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString('utf8')).slice(-MAXIMUM_OUTPUT);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  // a command that does not read its input is none the worse
  child.stdin.on('error', () => undefined);
  // with what it started: they are one group of processes, that of the command
  const end = (): void => {
    if (child.pid !== undefined) signalQuietly(-child.pid, 'SIGKILL');
  };
  signal.addEventListener('abort', end, { once: true });
  try {
    const ended = new Promise<[code: number | null, killedBy: NodeJS.Signals | null]>((resolve, reject) => {
      child.once('error', reject);
      // what is left in the background keeps the output open: the end of the command itself counts
      child.once('exit', (code, killedBy) => resolve([code, killedBy]));
    });
    const said = new Promise<void>((resolve) => child.once('close', () => resolve()));
    child.stdin.end(JSON.stringify(event));
    if (signal.aborted) end();
    const [code, killedBy] = await ended.catch((error: unknown) => {
      throw failed(`hook ${command}`, messageOf(error), { command });
    });
    if (code === 0) return;
    await within(said, LAST_WORDS_MS);
    end();
    const happened = signal.aborted ? messageOf(signal.reason) : (killedBy ?? `exit code ${code}`);
    throw failed(`hook ${command}`, `${happened}: ${output.trim()}`, { command, code });
  } finally {
    signal.removeEventListener('abort', end);
    // somebody in the background who still holds them does not keep the worker
    for (const stream of [child.stdout, child.stderr]) if (stream instanceof Socket) stream.unref();
  }
}
