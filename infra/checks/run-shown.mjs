// SPDX-License-Identifier: Apache-2.0
/** Runs a check with its output shown as it comes. */
import { spawn } from 'node:child_process';
import { ROOT } from '../setup/core/paths.mjs';

let current = null;

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
    current = child;
    child.once('error', (error) => {
      console.error(`cannot start "${program}": ${error.message}`);
      resolve({ code: 127, signal: null });
    });
    child.once('close', (code, signal) => {
      current = null;
      if (signal !== null) console.error(`"${program}" was ended by ${signal}`);
      resolve({ code, signal });
    });
  });
}

/** Hands a signal to the check that runs now. */
export function signalCurrent(signal) {
  current?.kill(signal);
}
