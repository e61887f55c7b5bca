// SPDX-License-Identifier: Apache-2.0
/** Where set-up reads and writes. Everything it makes lies inside the repository, in folders that git ignores. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

/**
 * Whether this is a checkout. npm never packs a lock file: without one this is the package as npm installed it, whose JavaScript is
 * built and whose dependencies are where npm put them; the engine is still to be compiled.
 */
export const IS_CHECKOUT = existsSync(join(ROOT, 'package-lock.json'));

/** A path inside the repository. */
export const inRoot = (...parts) => join(ROOT, ...parts);

export const STATE_FOLDER = inRoot('.tramontana');
export const STAMP_FOLDER = join(STATE_FOLDER, 'setup');
export const LOG_FOLDER = join(STATE_FOLDER, 'logs');
export const CACHE_BIN_FOLDER = join(STATE_FOLDER, 'bin');
export const NATIVE_BUILD_FOLDER = inRoot('build', 'native');
export const SANITIZED_BUILD_FOLDER = inRoot('build', 'sanitized');
export const NATIVE_ADDON = join(NATIVE_BUILD_FOLDER, 'tramontana_engine.node');
/** The same linked with MPI, where MPI is found. */
export const NATIVE_RANK_ADDON = join(NATIVE_BUILD_FOLDER, 'tramontana_engine_mpi.node');
export const CLI_ENTRY = inRoot('dist', 'cli', 'main.js');
