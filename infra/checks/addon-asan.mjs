// SPDX-License-Identifier: Apache-2.0
/**
 * The addon with address and undefined-behaviour sanitizers, under its TypeScript tests: what crosses from JavaScript to C++ and
 * back, and threads that are ended with their Workers.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { inRoot } from '../setup/core/paths.mjs';
import { buildForCheck, configureForCheck } from './check-build.mjs';
import { endWith, EXIT_NOT_HERE } from './nightly-check.mjs';
import { runShown } from './run-shown.mjs';

const BUILD_FOLDER = inRoot('build', 'addon-asan');
const TEST_TIMEOUT_MS = 20 * 60_000;
const TESTS = [
  ...['native', 'native-refusals', 'native-posterior'].map((name) =>
    join('inference-core', 'host-ts', 'addon', `${name}.test.ts`),
  ),
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
  await configureForCheck(BUILD_FOLDER, { SANITIZE: 'ON', TESTS: 'OFF' }, ['-DCMAKE_BUILD_TYPE=Debug']);
  await buildForCheck(BUILD_FOLDER, ['tramontana_engine']);
  const { code } = await runShown(
    process.execPath,
    ['--import', 'tsx', '--test', '--test-concurrency=1', `--test-timeout=${TEST_TIMEOUT_MS}`, ...TESTS],
    {
      LD_PRELOAD: runtime,
      // Node itself frees little when it ends; leaks of the engine are looked for by the C++ tests.
      ASAN_OPTIONS: 'detect_leaks=0',
      UBSAN_OPTIONS: 'print_stacktrace=1',
      TRAMONTANA_ADDON: join(BUILD_FOLDER, 'tramontana_engine.node'),
    },
  );
  return code === 0 ? 0 : 1;
}

await endWith(main);
