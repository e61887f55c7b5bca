// SPDX-License-Identifier: Apache-2.0
/** Runs a check with its output shown as it comes. */
import { spawn } from 'node:child_process';
import { ROOT } from '../setup/core/paths.mjs';

const running = new Set();

/**
 * Runs a program in the repository's root; never rejects.
 *
 * @param {string} program name or path
 * @param {string[]} args its arguments, no shell in between
 * @param {Record<string, string>} env added to the environment of this process
 * @returns {Promise<{code: number | null, signal: string | null}>} a program that cannot be started ends with code 127
 */
export function runShown(program, args, env = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: ROOT,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    running.add(child);
    child.once('error', (error) => {
      running.delete(child);
      console.error(`cannot start "${program}": ${error.message}`);
      resolve({ code: 127, signal: null });
    });
    child.once('close', (code, signal) => {
      running.delete(child);
      if (signal !== null) console.error(`"${program}" was ended by ${signal}`);
      resolve({ code, signal });
    });
  });
}

/** Hands a signal to the checks that run now. */
export function signalCurrent(signal) {
  for (const child of running) child.kill(signal);
}
