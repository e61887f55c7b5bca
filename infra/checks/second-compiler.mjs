// SPDX-License-Identifier: Apache-2.0
/** The engine and its addon by clang++, every warning an error: what one compiler lets pass, the other may not. */
import { inRoot } from '../setup/core/paths.mjs';
import { buildForCheck, configureForCheck } from './check-build.mjs';
import { endWith } from './nightly-check.mjs';

export const CLANG_BUILD_FOLDER = inRoot('build', 'clang');

/** Configures the build folder of clang++, which also writes the compile commands that clang-tidy reads. */
export const configureWithClang = () =>
  configureForCheck(CLANG_BUILD_FOLDER, { TESTS: 'OFF' }, [
    '-DCMAKE_CXX_COMPILER=clang++',
    '-DCMAKE_BUILD_TYPE=Release',
    '-DCMAKE_CXX_FLAGS=-Werror',
    '-DCMAKE_EXPORT_COMPILE_COMMANDS=ON',
  ]);

async function main() {
  await configureWithClang();
  await buildForCheck(CLANG_BUILD_FOLDER);
  console.log('the engine and its addon compile by clang++ without a warning');
  return 0;
}

if (process.argv[1] === import.meta.filename) await endWith(main);
