// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { TramontanaError } from '../../../common/errors.js';

/** A command line, started without a shell. */
export interface EngineCommand {
  readonly file: string;
  readonly args: readonly string[];
  /** Added to the environment of the parent. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Knows how to start the engine process for a job file. */
export interface EngineLauncher {
  readonly name: string;
  command(jobFile: string): EngineCommand;
}

/** `node rank.js` from dist; `node --import tsx rank.ts` when this module itself runs from source. */
function rankArguments(): string[] {
  if (!import.meta.url.endsWith('.ts')) return [fileURLToPath(new URL('./rank.js', import.meta.url))];
  // an absolute address: `--import tsx` alone would be looked up from the working directory
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  return ['--import', tsx, fileURLToPath(new URL('./rank.ts', import.meta.url))];
}

/** Starts the engine as a child of this process. */
export const localLauncher: EngineLauncher = {
  name: 'local',
  command: (jobFile) => ({ file: process.execPath, args: [...rankArguments(), '--job', jobFile] }),
};

/**
 * Starts one rank under Open MPI's `mpirun`, for machines where processes must be started that way. The engine computes on one
 * rank; asking for more is an error, not a silent fallback. On SIGTERM mpirun takes its ranks down itself: the rank ends when its
 * stdin closes, and the checkpoint of the last whole iteration stands.
 *
 * @throws TramontanaError `Engine.LauncherUnavailable` when `mpirun` is not on the PATH, `Engine.InvalidInput` for ranks other than 1
 */
export function mpirunLauncher(options: { readonly numRanks?: number } = {}): EngineLauncher {
  const numRanks = options.numRanks ?? 1;
  if (numRanks !== 1) {
    throw new TramontanaError('Engine.InvalidInput', `mpirun launcher: expected 1 rank, got ${numRanks}`, {
      facts: { numRanks },
    });
  }
  const folder = (process.env['PATH'] ?? '').split(delimiter).find((entry) => existsSync(join(entry, 'mpirun')));
  if (folder === undefined) {
    throw new TramontanaError(
      'Engine.LauncherUnavailable',
      'mpirun launcher: expected `mpirun` on the PATH, found none',
    );
  }
  // mpirun refuses root unless told; in containers root is the only user
  const asRoot = process.getuid?.() === 0 ? ['--allow-run-as-root'] : [];
  return {
    name: 'mpirun',
    command: (jobFile) => {
      const { file, args } = localLauncher.command(jobFile);
      // without binding: the rank's BLAS threads may use all cores
      return { file: join(folder, 'mpirun'), args: [...asRoot, '-n', '1', '--bind-to', 'none', file, ...args] };
    },
  };
}
