// SPDX-License-Identifier: Apache-2.0
/** Builds of the engine with a sanitizer for the nightly checks, each in a folder of its own. */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { findOnPath, runOrThrow } from '../setup/core/command.mjs';
import { inRoot, LOG_FOLDER } from '../setup/core/paths.mjs';

/**
 * Configures and builds; incremental.
 *
 * @param {string} name of the build folder below build/ and of the log
 * @param {Record<string, string>} switches options of CMakeLists.txt without their TRAMONTANA_
 * @param {string[]} targets
 * @returns {Promise<string>} the build folder
 * @throws {SetupError} with the last lines of the compiler
 */
export async function buildWithSanitizer(name, switches, targets) {
  const folder = inRoot('build', name);
  const logFile = join(LOG_FOLDER, `${name}-build.log`);
  const generator = findOnPath('ninja') === null ? [] : ['-G', 'Ninja'];
  const cache = findOnPath('ccache') === null ? [] : ['-DCMAKE_CXX_COMPILER_LAUNCHER=ccache'];
  const definitions = Object.entries(switches).map(([key, value]) => `-DTRAMONTANA_${key}=${value}`);
  const source = ['-S', inRoot('inference-core'), '-B', folder];
  await runOrThrow(
    `configure ${name}`,
    'cmake',
    [...source, ...generator, ...cache, '-DCMAKE_BUILD_TYPE=Debug', ...definitions],
    { logFile },
  );
  await runOrThrow(
    `build ${name}`,
    'cmake',
    ['--build', folder, '--parallel', String(availableParallelism()), '--target', ...targets],
    { logFile, append: true },
  );
  return folder;
}
