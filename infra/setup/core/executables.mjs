// SPDX-License-Identifier: Apache-2.0
/**
 * The programs of the package, `bin` of package.json. tsc writes files that nobody may execute; npm mends that only the first time
 * that it links a folder, and `npx tramontana` is refused when the folder has been built anew since.
 */
import { accessSync, chmodSync, constants, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { inRoot } from './paths.mjs';

/** Paths of the programs. */
export const ownPrograms = () =>
  Object.values(JSON.parse(readFileSync(inRoot('package.json'), 'utf8')).bin).map((path) => inRoot(path));

export function markExecutables(programs = ownPrograms()) {
  for (const program of programs) chmodSync(program, 0o755);
}

/** The first program that is absent or may not be executed. */
export function findInexecutable(programs = ownPrograms()) {
  return programs.find((program) => {
    try {
      accessSync(program, constants.X_OK);
      return false;
    } catch {
      return true;
    }
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) markExecutables();
