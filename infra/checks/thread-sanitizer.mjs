// SPDX-License-Identifier: Apache-2.0
/**
 * The C++ tests that use threads, with the thread sanitizer: a data race anywhere in the engine fails them.
 *
 * Exit codes: 0 passed, 1 failed, 3 it cannot run here.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../setup/core/errors.mjs';
import { inRoot } from '../setup/core/paths.mjs';
import { runShown } from './run-shown.mjs';
import { buildWithSanitizer } from './sanitizer-build.mjs';

const EXIT_NOT_HERE = 3;
/** Computations side by side; tasks and pairs; recursions whose blocks are inverted two at a time; designs and folds in parallel. */
const TESTS = ['concurrency_test', 'backend_test', 'recursion_laws_test', 'integration_test', 'leave_out_test'];

async function main() {
  const { status, stdout } = spawnSync('g++', ['-print-file-name=libtsan.so'], { encoding: 'utf8' });
  if (status !== 0 || !existsSync(stdout.trim())) {
    console.log('the engine cannot be run under ThreadSanitizer here: expected the libtsan of g++');
    return EXIT_NOT_HERE;
  }
  try {
    const switches = { THREAD_SANITIZE: 'ON', TESTS: 'ON', ADDON: 'OFF' };
    const folder = await buildWithSanitizer('thread-sanitizer', switches, TESTS);
    let failed = 0;
    for (const test of TESTS) {
      const { code } = await runShown(join(folder, 'tests', test), [], {
        TSAN_OPTIONS: `halt_on_error=1 suppressions=${inRoot('infra', 'checks', 'thread-sanitizer.supp')}`,
      });
      if (code !== 0) failed += 1;
    }
    console.log(`${TESTS.length - failed} of ${TESTS.length} programs of tests ran without a data race`);
    return failed === 0 ? 0 : 1;
  } catch (error) {
    console.error(`${error.logTail ?? ''}\n${messageOf(error)}`);
    return 1;
  }
}

if (process.argv[1] === import.meta.filename) process.exitCode = await main();
