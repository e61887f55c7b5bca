// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folder of the package: the nearest one above this file that holds package.json. */
export function packageFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}

/**
 * The command that builds the engine and fetches the Temporal CLI: npm never packs a lock file, so its presence tells a checkout, with
 * its npm scripts, from an installed package, of which only the program can be called.
 */
export function setupCommandLine(): string {
  return existsSync(join(packageFolder(), 'package-lock.json')) ? 'npm run setup' : 'npx tramontana setup';
}

/** Version of the package. */
export function packageVersion(): string {
  const manifest = JSON.parse(readFileSync(join(packageFolder(), 'package.json'), 'utf8')) as { version: string };
  return manifest.version;
}
