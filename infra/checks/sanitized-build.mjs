// SPDX-License-Identifier: Apache-2.0
/** The engine and its tests with address and undefined-behaviour sanitizers, in a build folder of their own. */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { findOnPath, runOrThrow } from '../setup/core/command.mjs';
import { inRoot, LOG_FOLDER, SANITIZED_BUILD_FOLDER } from '../setup/core/paths.mjs';

/**
 * Tests that are left out, by a pattern of their names. They average over many simulated data sets; sanitizers slow them
 * most and see nothing new in the hundredth, for other tests run the same code on fewer.
 */
export const SLOW_UNDER_SANITIZERS = [
  {
    pattern: '^Curvature.FisherInformationIsTheMeanHessianOverDataFromTheModel$',
    sameCode: 'Curvature.SimulatedFisherInformationIsTheExpectedHessianOfTheData',
  },
  {
    pattern: '^CurvatureEstimate.IsTheHessianFarFromTheOptimum$',
    sameCode: 'the other tests of CurvatureEstimate and of Fit',
  },
];

/** One thread of linear algebra a test, for the tests run side by side. */
export const SANITIZER_ENVIRONMENT = {
  ASAN_OPTIONS: 'detect_leaks=1',
  UBSAN_OPTIONS: 'print_stacktrace=1',
  OPENBLAS_NUM_THREADS: '1',
};

/**
 * Configures and builds; incremental.
 *
 * @throws {SetupError} with the last lines of the compiler
 */
export async function buildSanitized() {
  const logFile = join(LOG_FOLDER, 'sanitized-build.log');
  const isConfigured = existsSync(join(SANITIZED_BUILD_FOLDER, 'CMakeCache.txt'));
  const generator = isConfigured || findOnPath('ninja') === null ? [] : ['-G', 'Ninja'];
  const cache = findOnPath('ccache') === null ? [] : ['-DCMAKE_CXX_COMPILER_LAUNCHER=ccache'];
  const switches = { SANITIZE: 'ON', HEADERS: 'ON', TESTS: 'ON', ADDON: 'OFF' };
  const definitions = Object.entries(switches).map(([name, value]) => `-DTRAMONTANA_${name}=${value}`);
  const folders = ['-S', inRoot('inference-core'), '-B', SANITIZED_BUILD_FOLDER];
  await runOrThrow(
    'configure the engine with sanitizers',
    'cmake',
    [...folders, ...generator, ...cache, '-DCMAKE_BUILD_TYPE=Debug', ...definitions],
    { logFile },
  );
  await runOrThrow(
    'build the engine with sanitizers',
    'cmake',
    ['--build', SANITIZED_BUILD_FOLDER, '--parallel', String(availableParallelism())],
    { logFile, append: true },
  );
}
