// SPDX-License-Identifier: Apache-2.0
/**
 * The C++ tests that use threads, with the thread sanitizer: a data race anywhere in the engine fails them.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { inRoot } from '../setup/core/paths.mjs';
import { buildForCheck, configureForCheck } from './check-build.mjs';
import { endWith, EXIT_NOT_HERE } from './nightly-check.mjs';
import { runShown } from './run-shown.mjs';

const BUILD_FOLDER = inRoot('build', 'thread-sanitizer');
/** Two and three ranks, the second and third of the list, meet in all ways; more take hours. */
const FEW_RANKS = ['--gtest_filter=Ranks/EveryNumber.*/1:Ranks/EveryNumber.*/2'];
/** Messages of ranks on threads, and evaluations on them; computations side by side; tasks and pairs; recursions whose blocks are inverted two at a time; designs and folds in parallel. */
const TESTS = {
  communicator_test: [],
  concurrency_test: [],
  backend_test: [],
  recursion_laws_test: [],
  windows_test: [],
  ranks_test: FEW_RANKS,
  integration_test: [],
  leave_out_test: [],
};

async function main() {
  const { status, stdout } = spawnSync('g++', ['-print-file-name=libtsan.so'], { encoding: 'utf8' });
  if (status !== 0 || !existsSync(stdout.trim())) {
    console.log('the engine cannot be run under ThreadSanitizer here: expected the libtsan of g++');
    return EXIT_NOT_HERE;
  }
  const switches = { THREAD_SANITIZE: 'ON', TESTS: 'ON', ADDON: 'OFF' };
  await configureForCheck(BUILD_FOLDER, switches, ['-DCMAKE_BUILD_TYPE=Debug']);
  await buildForCheck(BUILD_FOLDER, Object.keys(TESTS));
  let failed = 0;
  for (const [test, args] of Object.entries(TESTS)) {
    const { code } = await runShown(join(BUILD_FOLDER, 'tests', test), args, {
      TSAN_OPTIONS: `halt_on_error=1 suppressions=${inRoot('infra', 'checks', 'thread-sanitizer.supp')}`,
    });
    if (code !== 0) failed += 1;
  }
  const count = Object.keys(TESTS).length;
  console.log(`${count - failed} of ${count} programs of tests ran without a data race`);
  return failed === 0 ? 0 : 1;
}

await endWith(main);
