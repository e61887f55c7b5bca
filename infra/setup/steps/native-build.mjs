// SPDX-License-Identifier: Apache-2.0
/** Step 3: the C++ engine, its Node addon and its unit tests, by CMake into build/native. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { capture, findOnPath, runOrThrow } from '../core/command.mjs';
import { SetupError } from '../core/errors.mjs';
import {
  inRoot,
  IS_CHECKOUT,
  LOG_FOLDER,
  NATIVE_ADDON,
  NATIVE_BUILD_FOLDER,
  NATIVE_RANK_ADDON,
} from '../core/paths.mjs';
import { fingerprint, listFiles, readStamp, removeStamp, writeStamp } from '../core/stamps.mjs';

const SOURCE_FOLDER = inRoot('inference-core');
const SOURCE_NAME = /\.(cpp|hpp|cc|h|cmake|in)$|^CMakeLists\.txt$/;
const BYTES_PER_COMPILER = 1.5 * 2 ** 30;
const CACHE_FILE = join(NATIVE_BUILD_FOLDER, 'CMakeCache.txt');
const logFile = join(LOG_FOLDER, 'native-build.log');

/** npm may have placed a package in any folder above. */
function versionOfPackage(name) {
  try {
    return createRequire(inRoot('package.json'))(`${name}/package.json`).version;
  } catch {
    return null;
  }
}

/** Sources and headers, and the versions of the header packages that come with npm. */
function inputs() {
  const files = listFiles(
    SOURCE_FOLDER,
    (name) => SOURCE_NAME.test(name),
    (name) => name !== 'node_modules' && name !== 'host-ts' && name !== 'build',
  );
  return fingerprint(files, {
    node: process.versions.modules,
    headers: ['node-addon-api', 'node-api-headers'].map((name) => versionOfPackage(name)),
    // installed later, it makes the addon of several ranks possible
    mpi: findOnPath('mpicxx'),
  });
}

function cacheEntry(name) {
  if (!existsSync(CACHE_FILE)) return null;
  return new RegExp(`^${name}:[A-Z]+=(.*)$`, 'm').exec(readFileSync(CACHE_FILE, 'utf8'))?.[1] ?? null;
}

/** A build folder that was configured for another place or whose tools are gone cannot be continued. */
function reasonToStartAfresh() {
  if (!existsSync(CACHE_FILE)) return null;
  const home = cacheEntry('CMAKE_HOME_DIRECTORY');
  if (home !== SOURCE_FOLDER) return `build/native was configured for ${home}`;
  for (const name of ['CMAKE_CXX_COMPILER', 'CMAKE_MAKE_PROGRAM', 'MPI_CXX_COMPILER']) {
    const tool = cacheEntry(name);
    if (tool !== null && !tool.endsWith('-NOTFOUND') && !existsSync(tool))
      return `${tool}, with which build/native was configured, is gone`;
  }
  return null;
}

/** As many compilers as cores, as long as each has memory enough. */
const jobs = () => Math.max(1, Math.min(availableParallelism(), Math.floor(totalmem() / BYTES_PER_COMPILER)));

async function configure(progress) {
  const reason = reasonToStartAfresh();
  if (reason !== null) {
    progress.note(`starting afresh: ${reason}`);
    rmSync(NATIVE_BUILD_FOLDER, { recursive: true, force: true });
  }
  const generator = existsSync(CACHE_FILE) || findOnPath('ninja') === null ? [] : ['-G', 'Ninja'];
  // The package carries the engine, not its tests.
  const tests = IS_CHECKOUT ? ['-DTRAMONTANA_PRECOMPILE=ON'] : ['-DTRAMONTANA_TESTS=OFF'];
  progress.note('cmake: configure for Release');
  await runOrThrow(
    'configure the engine',
    'cmake',
    ['-S', SOURCE_FOLDER, '-B', NATIVE_BUILD_FOLDER, ...generator, '-DCMAKE_BUILD_TYPE=Release', ...tests],
    {
      logFile,
      onLine: (line) => progress.output(line),
    },
  );
}

/** Loads an addon in a process of its own: a fault in it must not end the set-up. */
function loadAddon(addon) {
  if (!existsSync(addon)) throw new SetupError(`the build ended well, but ${addon} is not there`, { logFile });
  const names = capture(process.execPath, [
    '-e',
    // as native.ts opens it: MPI libraries look for their own symbols
    'const found = { exports: {} }; process.dlopen(found, process.argv[1], os.constants.dlopen.RTLD_NOW | os.constants.dlopen.RTLD_GLOBAL); console.log(Object.keys(found.exports).length)',
    addon,
  ]);
  if (names === null)
    throw new SetupError(`the addon ${addon} was built but cannot be loaded by Node ${process.versions.node}`, {
      logFile,
    });
}

export const nativeBuild = {
  id: 'native-build',
  title: 'Engine (C++)',

  check() {
    if (!existsSync(NATIVE_ADDON)) return { ready: false, detail: 'not built yet' };
    if (readStamp('native-build')?.inputs !== inputs())
      return { ready: false, detail: 'sources changed since the last build' };
    return { ready: true, detail: 'build/native is up to date' };
  },

  async run(progress) {
    removeStamp('native-build');
    const before = inputs();
    await configure(progress);
    progress.note(`cmake: build with ${jobs()} compilers at a time`);
    await runOrThrow('build the engine', 'cmake', ['--build', NATIVE_BUILD_FOLDER, '--parallel', String(jobs())], {
      logFile,
      append: true,
      onLine: (line) => progress.output(line),
    });
    loadAddon(NATIVE_ADDON);
    // made where CMake has found MPI
    if (existsSync(NATIVE_RANK_ADDON)) loadAddon(NATIVE_RANK_ADDON);
    // The fingerprint from before the build: what was edited meanwhile is built next time.
    writeStamp('native-build', { inputs: before });
    return 'built';
  },
};
