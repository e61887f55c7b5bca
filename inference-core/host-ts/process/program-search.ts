// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

import { TramontanaError } from '../../../common/errors.js';

const execFileAsync = promisify(execFile);

/** A program that only says its version answers at once, unless a file system hangs. */
const ANSWER_TIMEOUT_MS = 10_000;

/**
 * Full path of a program that starts ranks.
 *
 * @param remedy - what to install
 * @throws TramontanaError `Engine.LauncherUnavailable` when it is not on the PATH
 */
export function launcherProgram(name: string, remedy: string): string {
  const folder = (process.env['PATH'] ?? '').split(delimiter).find((entry) => existsSync(join(entry, name)));
  if (folder !== undefined) return join(folder, name);
  throw new TramontanaError('Engine.LauncherUnavailable', `expected \`${name}\` on the PATH, found none: ${remedy}`, {
    facts: { program: name },
  });
}

/** What a program prints. @throws TramontanaError `Engine.LauncherUnavailable` when it fails */
export async function outputOf(file: string, args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await execFileAsync(file, [...args], { timeout: ANSWER_TIMEOUT_MS });
    return stdout;
  } catch (cause) {
    const said = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim() : '';
    throw new TramontanaError(
      'Engine.LauncherUnavailable',
      `\`${[file, ...args].join(' ')}\` failed${said === '' ? '' : `: ${said}`}`,
      { facts: { program: file }, cause },
    );
  }
}
