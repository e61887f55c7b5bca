// SPDX-License-Identifier: Apache-2.0
/**
 * How a worker tells an operator: a command or a web address of the worker's own, by its environment. Never by a workflow's input,
 * which would let whoever may start a workflow run commands on the worker.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import { isAbsolute } from 'node:path';

import { messageOf, TramontanaError } from '../../common/errors.js';
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

function runCommand(command: string, event: OperatorEvent, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, [], { stdio: ['pipe', 'pipe', 'pipe'], signal, killSignal: 'SIGKILL' });
    let output = '';
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString('utf8')).slice(-MAXIMUM_OUTPUT);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    // a command that does not read its input is none the worse
    child.stdin.on('error', () => undefined);
    child.once('error', (error) => reject(failed(`hook ${command}`, messageOf(error), { command })));
    child.once('close', (code, killedBy) => {
      if (code === 0) resolve();
      else reject(failed(`hook ${command}`, `${killedBy ?? `exit code ${code}`}: ${output.trim()}`, { command, code }));
    });
    child.stdin.end(JSON.stringify(event));
  });
}
