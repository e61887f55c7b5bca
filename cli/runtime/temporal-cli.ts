// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

import { TramontanaError } from '../../common/errors.js';
import { packageFolder, setupCommandLine } from '../../common/version.js';

const run = promisify(execFile);

/** Override of the search, for people with their own binary. */
export const TEMPORAL_CLI_VARIABLE = 'TRAMONTANA_TEMPORAL_CLI';

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** True for version 1.5 and later: against those servers this worker was tried. */
async function isNewEnough(path: string): Promise<boolean> {
  const match = /version v?(\d+)\.(\d+)/u.exec(await temporalCliVersion(path).catch(() => ''));
  const [major, minor] = [Number(match?.[1] ?? 0), Number(match?.[2] ?? 0)];
  return major > 1 || (major === 1 && minor >= 5);
}

/**
 * Finds the Temporal CLI: `$TRAMONTANA_TEMPORAL_CLI`, the PATH, the project's cache (where set-up puts it).
 *
 * @throws {TramontanaError} `Runtime.NoTemporalCli` with what to do
 */
export async function findTemporalCli(): Promise<string> {
  const explicit = process.env[TEMPORAL_CLI_VARIABLE];
  if (explicit !== undefined && explicit !== '') {
    if (await isExecutable(explicit)) return explicit;
    throw new TramontanaError(
      'Runtime.NoTemporalCli',
      `$${TEMPORAL_CLI_VARIABLE}: expected the path of the Temporal CLI, got "${explicit}", which is not an executable file`,
      { facts: { variable: TEMPORAL_CLI_VARIABLE, path: explicit } },
    );
  }
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const candidates = [
    ...folders.map((folder) => join(folder, 'temporal')),
    join(packageFolder(), '.tramontana', 'bin', 'temporal'),
  ];
  for (const candidate of candidates) {
    if ((await isExecutable(candidate)) && (await isNewEnough(candidate))) return candidate;
  }
  throw new TramontanaError(
    'Runtime.NoTemporalCli',
    `Temporal CLI: expected "temporal", version 1.5 or later, on the PATH or in the project's cache, found none. Run \`${setupCommandLine()}\`, set $${TEMPORAL_CLI_VARIABLE}, or give a server by $TEMPORAL_ADDRESS.`,
    { facts: { candidates: candidates.length } },
  );
}

/** The CLI's version line. */
export async function temporalCliVersion(path: string): Promise<string> {
  return (await run(path, ['--version'], { timeout: 15_000 })).stdout.trim();
}
