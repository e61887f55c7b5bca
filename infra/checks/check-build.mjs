// SPDX-License-Identifier: Apache-2.0
/** Builds of the engine for checks, each in a folder of its own: with a sanitizer, by another compiler. */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { findOnPath, runOrThrow } from '../setup/core/command.mjs';
import { inRoot, LOG_FOLDER } from '../setup/core/paths.mjs';

const logOf = (folder) => join(LOG_FOLDER, `${basename(folder)}-build.log`);

/**
 * Configures.
 *
 * @param {string} folder of the build, below build/
 * @param {Record<string, string>} switches options of CMakeLists.txt without their TRAMONTANA_
 * @param {string[]} settings further arguments of CMake
 * @throws {SetupError} with the last lines of CMake
 */
export async function configureForCheck(folder, switches, settings = []) {
  const isConfigured = existsSync(join(folder, 'CMakeCache.txt'));
  const generator = isConfigured || findOnPath('ninja') === null ? [] : ['-G', 'Ninja'];
  const cache = findOnPath('ccache') === null ? [] : ['-DCMAKE_CXX_COMPILER_LAUNCHER=ccache'];
  const definitions = Object.entries(switches).map(([name, value]) => `-DTRAMONTANA_${name}=${value}`);
  const folders = ['-S', inRoot('inference-core'), '-B', folder];
  await runOrThrow(
    `configure ${basename(folder)}`,
    'cmake',
    [...folders, ...generator, ...cache, ...definitions, ...settings],
    { logFile: logOf(folder) },
  );
}

/**
 * Builds what was configured; incremental.
 *
 * @param {string} folder of the build
 * @param {string[]} targets all without any
 * @throws {SetupError} with the last lines of the compiler
 */
export async function buildForCheck(folder, targets = []) {
  const jobs = ['--parallel', String(availableParallelism())];
  const wanted = targets.length === 0 ? [] : ['--target', ...targets];
  await runOrThrow(`build ${basename(folder)}`, 'cmake', ['--build', folder, ...jobs, ...wanted], {
    logFile: logOf(folder),
    append: true,
  });
}
