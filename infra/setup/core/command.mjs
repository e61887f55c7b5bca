// SPDX-License-Identifier: Apache-2.0
/** Running other programs: their output goes to a log file, its last lines to whoever must explain a failure. */
import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, createWriteStream, mkdirSync, statSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { SetupError } from './errors.mjs';
import { ROOT } from './paths.mjs';

const TAIL_LINES = 40;
const running = new Set();

/**
 * Runs a program to its end.
 *
 * @param {string} program name or path
 * @param {string[]} args its arguments, no shell in between
 * @param {{logFile: string, append?: boolean, onLine?: (line: string) => void, env?: Record<string, string>, cwd?: string, timeoutMs?: number}} options
 * @returns {Promise<{code: number | null, signal: string | null, tail: string}>} how it ended; never rejects for a non-zero exit code
 * @throws {SetupError} the program cannot be started at all
 */
export async function run(program, args, options) {
  mkdirSync(dirname(options.logFile), { recursive: true });
  const log = createWriteStream(options.logFile, { flags: options.append === true ? 'a' : 'w' });
  log.write(`$ ${[program, ...args].join(' ')}\n`);
  const child = spawn(program, args, {
    cwd: options.cwd ?? ROOT,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: options.timeoutMs,
  });
  running.add(child);
  const tail = [];
  const readLines = (stream) => {
    const lines = createInterface({ input: stream, crlfDelay: Infinity });
    lines.on('line', (line) => {
      log.write(`${line}\n`);
      tail.push(line);
      if (tail.length > TAIL_LINES) tail.shift();
      options.onLine?.(line);
    });
    return new Promise((resolve) => lines.once('close', resolve));
  };
  const drained = Promise.all([readLines(child.stdout), readLines(child.stderr)]);
  try {
    const ending = await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => resolve({ code, signal }));
    });
    await drained;
    return { ...ending, tail: tail.join('\n') };
  } catch (cause) {
    throw new SetupError(`cannot start "${program}": ${cause.message}`, { cause });
  } finally {
    running.delete(child);
    await new Promise((resolve) => log.end(resolve));
  }
}

/**
 * Runs a program that must succeed.
 *
 * @throws {SetupError} non-zero exit code or a signal; carries the last lines of the output
 */
export async function runOrThrow(what, program, args, options) {
  const { code, signal, tail } = await run(program, args, options);
  if (code !== 0) {
    const how = signal === null ? `exit code ${code}` : `signal ${signal}`;
    throw new SetupError(`${what}: "${program}" ended with ${how}`, { logTail: tail, logFile: options.logFile });
  }
  return tail;
}

/** Runs a quick program and returns its trimmed standard output, or null when it is missing or fails. */
export function capture(program, args, options = {}) {
  const result = spawnSync(program, args, {
    encoding: 'utf8',
    timeout: 30_000,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options,
  });
  return result.status === 0 ? result.stdout.trim() : null;
}

/** Full path of a program on the PATH, or null. */
export function findOnPath(program) {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    if (folder === '') continue;
    const candidate = join(folder, program);
    try {
      accessSync(candidate, constants.X_OK);
      if (statSync(candidate).isFile()) return candidate;
    } catch {
      // Not here: the next folder of the PATH decides.
    }
  }
  return null;
}

/** Ends what is still running, for the moment at which set-up itself is told to stop. */
export function stopRunning(signal) {
  for (const child of running) child.kill(signal);
}
