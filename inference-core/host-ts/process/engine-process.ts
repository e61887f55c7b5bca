// SPDX-License-Identifier: Apache-2.0
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

import { isTramontanaError, TramontanaError } from '../../../common/errors.js';
import { errorOfFailedProcess, type ProcessEnd } from './engine-failure.js';
import { HeardRanks, SILENCE_LIMIT_MS, type SilentRank } from './heard-ranks.js';
import type { EngineCommand } from './launcher.js';
import { EventStreamParser, EXIT_CODE, INTERRUPT_LINE, type EngineEvent, type EngineEventOf } from './protocol.js';

const KEPT_LOG_LINES = 20;
const KEPT_LOG_LINE_LENGTH = 500;
/** After the process has ended: time for what it wrote to arrive, in case a child of it holds the pipes open. */
const DRAIN_MS = 2000;
/** Share of the grace time after which what runs elsewhere is killed: what is left is for the way there. */
const KILL_ELSEWHERE_AT = 0.7;

export interface SuperviseOptions {
  /**
   * Aborting it asks the process to stop (EngineCommand.stopsBy), kills its group after the grace time, and sends SIGTERM in the middle
   * of it where that has not been sent yet.
   */
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: ((event: EngineEvent) => void) | undefined;
  /** Lines of the engine's log (stderr, JSON by pino). */
  readonly onLogLine?: ((line: string) => void) | undefined;
  readonly graceTimeMs: number;
  /** Processes that compute together. Default 1. */
  readonly ranks?: number;
  /** A job of which one rank says nothing for longer is ended with `Engine.Unresponsive`. Default two minutes. */
  readonly silenceLimitMs?: number | undefined;
}

/** How often it is looked whether all ranks are heard. */
const LISTEN_INTERVAL_MS = 500;

/** Sends a signal to a process group; a group that is gone already is what was wanted. */
function signalGroup(child: ChildProcess, name: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, name);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/** A command that fails finds nothing to cancel. */
function cancelElsewhere({ cancel }: EngineCommand, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (cancel === undefined) return;
  const { file, args, environment } = cancel(signal);
  execFile(file, [...args], { env: { ...process.env, ...environment } }, () => undefined);
}

function endOf(child: ChildProcess): Promise<ProcessEnd> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (exitCode, signal) => {
      const end = { exitCode, signal };
      const late = setTimeout(() => resolve(end), DRAIN_MS);
      child.once('close', () => {
        clearTimeout(late);
        resolve(end);
      });
    });
  });
}

function unresponsive({ rank, silentMs }: SilentRank, ranks: number, lastLogLines: readonly string[]): TramontanaError {
  const seconds = Math.round(silentMs / 1000);
  return new TramontanaError(
    'Engine.Unresponsive',
    `rank ${rank} of ${ranks}: nothing was heard of it for ${seconds} s; the engine was ended, its last checkpoint stands`,
    { facts: { rank, ranks, silentSeconds: seconds, lastLogLines }, retryable: true },
  );
}

/**
 * Starts an engine process in its own process group, follows its protocol to the end, and ends it when asked.
 *
 * @returns the `result` event of a process that ended with code 0
 * @throws TramontanaError as errorOfFailedProcess tells; `Engine.ProtocolViolation` when stdout is not the protocol (the process is
 *   killed); `Engine.Unresponsive` (retryable) when a rank is silent for too long; `Engine.LaunchFailed` when the command cannot be started
 */
export async function superviseEngineProcess(
  command: EngineCommand,
  options: SuperviseOptions,
): Promise<EngineEventOf<'result'>> {
  const { signal, onEvent, onLogLine, graceTimeMs, ranks = 1, silenceLimitMs = SILENCE_LIMIT_MS } = options;
  const child = spawn(command.file, [...command.args], {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...command.environment },
  });
  // stdin is the life line (rank.ts): closed by the end of this process
  child.stdin.on('error', () => undefined);

  const heard = new HeardRanks(ranks, silenceLimitMs);
  const lastLogLines: string[] = [];
  const onLine = (line: string): void => {
    lastLogLines.push(line.slice(0, KEPT_LOG_LINE_LENGTH));
    if (lastLogLines.length > KEPT_LOG_LINES) lastLogLines.shift();
    onLogLine?.(line);
  };
  createInterface({ input: child.stderr, crlfDelay: Infinity }).on('line', (line) => {
    if (!heard.hearLine(line)) onLine(line);
  });

  const parser = new EventStreamParser(command.hasForeignLines === true ? onLine : undefined);
  let hasStarted = false;
  let result: EngineEventOf<'result'> | undefined;
  let errorEvent: EngineEventOf<'error'> | undefined;
  let listenerFailure: { readonly error: unknown } | undefined;
  const deliver = (chunk: Uint8Array): void => {
    if (listenerFailure !== undefined) return;
    try {
      for (const event of parser.push(chunk)) {
        heard.hearEvent();
        if (event.type === 'hello') hasStarted = true;
        if (event.type === 'result') result = event;
        if (event.type === 'error') errorEvent = event;
        onEvent?.(event);
      }
    } catch (error) {
      listenerFailure = { error };
      signalGroup(child, 'SIGKILL');
    }
  };
  child.stdout.on('data', deliver);

  const timers: NodeJS.Timeout[] = [];
  const press = (): void => {
    signalGroup(child, 'SIGTERM');
    cancelElsewhere(command, 'SIGTERM');
  };
  const end = (waitMs: number): void => {
    if (waitMs > 0) timers.push(setTimeout(press, waitMs));
    else press();
    // before the group, whose end nobody would tell
    timers.push(setTimeout(() => cancelElsewhere(command, 'SIGKILL'), KILL_ELSEWHERE_AT * graceTimeMs));
    timers.push(setTimeout(() => signalGroup(child, 'SIGKILL'), graceTimeMs));
  };
  const requestStop = (): void => {
    if (command.stopsBy === 'stdin') child.stdin.write(INTERRUPT_LINE);
    // one that has not started has nothing to save
    end(command.stopsBy === 'stdin' && hasStarted ? graceTimeMs / 2 : 0);
  };
  signal?.addEventListener('abort', requestStop, { once: true });
  if (signal?.aborted === true) requestStop();

  let silent: SilentRank | undefined;
  const listening = setInterval(() => {
    silent = heard.silent();
    if (silent === undefined) return;
    clearInterval(listening);
    // those that wait for it cannot stop by themselves
    end(0);
  }, LISTEN_INTERVAL_MS);

  let ended: ProcessEnd;
  try {
    ended = await endOf(child);
  } catch (error) {
    throw new TramontanaError('Engine.LaunchFailed', `cannot start the engine process ${command.file}`, {
      facts: { file: command.file, args: command.args },
      cause: error,
    });
  } finally {
    clearInterval(listening);
    for (const timer of timers) clearTimeout(timer);
    signal?.removeEventListener('abort', requestStop);
  }
  // whatever the process has left behind in its group
  signalGroup(child, 'SIGKILL');
  if (ended.exitCode !== EXIT_CODE.done) cancelElsewhere(command, 'SIGTERM');

  if (listenerFailure !== undefined) {
    const { error } = listenerFailure;
    if (!isTramontanaError(error, 'Engine.ProtocolViolation')) throw error;
    const facts = { ...error.facts, lastLogLines };
    throw new TramontanaError(error.tag, error.message, { facts, cause: error });
  }
  if (ended.exitCode === EXIT_CODE.done && result !== undefined) return result;
  if (silent !== undefined && signal?.aborted !== true) throw unresponsive(silent, ranks, lastLogLines);
  throw errorOfFailedProcess({ ...ended, errorEvent, lastLogLines, stopRequested: signal?.aborted === true });
}
