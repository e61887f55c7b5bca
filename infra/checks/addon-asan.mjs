// SPDX-License-Identifier: Apache-2.0
/**
 * The addon with address and undefined-behaviour sanitizers, under its TypeScript tests: what crosses from JavaScript to C++ and
 * back, and threads that are ended with their Workers.
 *
 * Exit codes: 0 passed, 1 failed, 3 it cannot run here.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../setup/core/errors.mjs';
import { runShown } from './run-shown.mjs';
import { buildWithSanitizer } from './sanitizer-build.mjs';

const EXIT_NOT_HERE = 3;
const TEST_TIMEOUT_MS = 20 * 60_000;
const TESTS = [
  join('inference-core', 'host-ts', 'native.test.ts'),
  join('tests', 'engine', 'side-by-side.test.ts'),
  join('tests', 'engine', 'ends.test.ts'),
];

/** The runtime of the sanitizer has to be loaded before Node itself. */
function runtimePath() {
  const { status, stdout } = spawnSync('g++', ['-print-file-name=libasan.so'], { encoding: 'utf8' });
  const path = status === 0 ? stdout.trim() : '';
  return existsSync(path) ? path : undefined;
}

async function main() {
  const runtime = runtimePath();
  if (process.platform !== 'linux' || runtime === undefined) {
    console.log('the addon cannot be run under AddressSanitizer here: expected Linux and the libasan of g++');
    return EXIT_NOT_HERE;
  }
  try {
    const folder = await buildWithSanitizer('addon-asan', { SANITIZE: 'ON', TESTS: 'OFF' }, ['tramontana_engine']);
    const { code } = await runShown(
      process.execPath,
      ['--import', 'tsx', '--test', '--test-concurrency=1', `--test-timeout=${TEST_TIMEOUT_MS}`, ...TESTS],
      {
        LD_PRELOAD: runtime,
        // Node itself frees little when it ends; leaks of the engine are looked for by the C++ tests.
        ASAN_OPTIONS: 'detect_leaks=0',
        UBSAN_OPTIONS: 'print_stacktrace=1',
        TRAMONTANA_ADDON: join(folder, 'tramontana_engine.node'),
      },
    );
    return code === 0 ? 0 : 1;
  } catch (error) {
    console.error(`${error.logTail ?? ''}\n${messageOf(error)}`);
    return 1;
  }
}

if (process.argv[1] === import.meta.filename) process.exitCode = await main();
