// SPDX-License-Identifier: Apache-2.0
/** The engine and its addon by clang++, every warning an error: what one compiler lets pass, the other may not. */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { findOnPath, runOrThrow } from '../setup/core/command.mjs';
import { messageOf } from '../setup/core/errors.mjs';
import { inRoot, LOG_FOLDER } from '../setup/core/paths.mjs';

export const CLANG_BUILD_FOLDER = inRoot('build', 'clang');
const logFile = join(LOG_FOLDER, 'second-compiler.log');

/** Configures the build folder of clang++, which also writes the compile commands that clang-tidy reads. */
export async function configureWithClang() {
  const generator = findOnPath('ninja') === null ? [] : ['-G', 'Ninja'];
  const settings = ['-DCMAKE_CXX_COMPILER=clang++', '-DCMAKE_BUILD_TYPE=Release', '-DCMAKE_CXX_FLAGS=-Werror'];
  const switches = ['-DTRAMONTANA_TESTS=OFF', '-DCMAKE_EXPORT_COMPILE_COMMANDS=ON'];
  const folders = ['-S', inRoot('inference-core'), '-B', CLANG_BUILD_FOLDER];
  await runOrThrow('configure for clang++', 'cmake', [...folders, ...generator, ...settings, ...switches], { logFile });
}

async function main() {
  try {
    await configureWithClang();
    const jobs = String(availableParallelism());
    await runOrThrow('build by clang++', 'cmake', ['--build', CLANG_BUILD_FOLDER, '--parallel', jobs], {
      logFile,
      append: true,
    });
    console.log('the engine and its addon compile by clang++ without a warning');
    return 0;
  } catch (error) {
    console.error(`${error.logTail ?? ''}\n${messageOf(error)}`);
    return 1;
  }
}

if (process.argv[1] === import.meta.filename) process.exitCode = await main();
