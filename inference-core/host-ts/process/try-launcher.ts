// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { z } from 'zod';

import { TramontanaError } from '../../../common/errors.js';
import type { EngineCommand } from './launcher.js';
import { engineLauncher, type LaunchSettings } from './launchers.js';

const execFileAsync = promisify(execFile);

/** Ranks start in seconds; a queue that has room does too. */
const HELLO_TIMEOUT_MS = 60_000;

/** Launchers frame what they have to say in paragraphs. */
const SAID_LENGTH = 1500;

const helloSchema = z.object({ size: z.int(), library: z.string(), hosts: z.array(z.string()) });

/** What a failed command has said, and that it took too long. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { killed, code, stderr } = error as { killed?: boolean; code?: unknown; stderr?: unknown };
  const end = killed === true ? `no answer in ${HELLO_TIMEOUT_MS / 1000} s` : `it ended with ${String(code)}`;
  const said = typeof stderr === 'string' ? stderr.trim().slice(-SAID_LENGTH) : '';
  return said === '' ? end : `${end} and said:\n${said}`;
}

async function sayHello({ file, args, environment }: EngineCommand): Promise<z.infer<typeof helloSchema>> {
  try {
    const { stdout } = await execFileAsync(file, [...args], {
      timeout: HELLO_TIMEOUT_MS,
      env: { ...process.env, ...environment },
    });
    return helloSchema.parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''));
  } catch (error) {
    throw new TramontanaError('Engine.LauncherUnavailable', `\`${file}\` starts no ranks: ${causeOf(error)}`, {
      facts: { file, args },
      cause: error,
    });
  }
}

/**
 * Starts ranks that only greet each other, as the settings say.
 *
 * @param threads - of each rank
 * @returns in words, who has answered
 * @throws TramontanaError `Engine.LauncherUnavailable` with what the launcher said
 */
export async function tryLauncher(settings: LaunchSettings, threads: number): Promise<string> {
  const launcher = await engineLauncher(settings);
  if (launcher.hello === undefined) return 'one process on this machine';
  const { size, library, hosts } = await sayHello(launcher.hello(threads));
  const where = hosts.length === 1 ? `on ${hosts[0]}` : `on ${hosts.length} hosts: ${hosts.join(', ')}`;
  return `${launcher.name}: ${size} ${size === 1 ? 'rank' : 'ranks'} of ${library} ${where}`;
}
