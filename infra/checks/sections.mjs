// SPDX-License-Identifier: Apache-2.0
/** The checks of `npm test`, in order. Each returns how many tests passed, failed and were skipped. */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative, sep } from 'node:path';
import { EXIT_TOOL_MISSING } from '../dev/clang-format.mjs';
import { sourceFiles } from '../dev/source-files.mjs';
import { inRoot, NATIVE_BUILD_FOLDER, ROOT, SANITIZED_BUILD_FOLDER, STATE_FOLDER } from '../setup/core/paths.mjs';
import { addCounts, countJUnit, countReporterLines, noCounts, withCrash } from './counts.mjs';
import { runShown } from './run-shown.mjs';
import { buildSanitized, SANITIZER_ENVIRONMENT, SLOW_UNDER_SANITIZERS } from './sanitized-build.mjs';
import { groupTests } from './test-groups.mjs';

const RESULTS_FOLDER = join(STATE_FOLDER, 'test-results');
/** A file; the schedules and their thirty days take five minutes beside three others. */
const UNIT_TEST_TIMEOUT_MS = 15 * 60_000;
const END_TO_END_TEST_TIMEOUT_MS = 25 * 60_000;
const TEST_NAME = /\.test\.(ts|mjs)$/;
/** The first is the longest by far. */
const END_TO_END_FOLDERS = ['chaos', 'e2e'].map((room) => inRoot('tests', room) + sep);
const PACKAGE_FOLDER = inRoot('tests', 'package') + sep;

/** Relative, of suites that wait for most of their time. */
const WAITING_FOLDERS = ['cli', 'workflows'].map((room) => join('tests', room) + sep);

const binary = (...parts) => inRoot('node_modules', ...parts);
const one = (outcome) => ({ ...noCounts(), [outcome]: 1 });

/** A check that is one test: it passes with exit code 0. */
async function single(args) {
  const { code } = await runShown(process.execPath, args);
  return one(code === 0 ? 'passed' : 'failed');
}

function freshResultFile(name) {
  mkdirSync(RESULTS_FOLDER, { recursive: true });
  const file = join(RESULTS_FOLDER, name);
  rmSync(file, { force: true });
  return file;
}

async function format() {
  const text = await single([binary('prettier', 'bin', 'prettier.cjs'), '--check', '--log-level', 'warn', '.']);
  const { code } = await runShown(process.execPath, [inRoot('infra', 'dev', 'clang-format.mjs'), '--check']);
  return addCounts(text, one(code === 0 ? 'passed' : code === EXIT_TOOL_MISSING ? 'skipped' : 'failed'));
}

async function lint() {
  const rules = await single([binary('eslint', 'bin', 'eslint.js'), '.', '--max-warnings', '0']);
  return addCounts(rules, await single([inRoot('infra', 'dev', 'source-headers.mjs')]));
}

const typecheck = () => single([binary('typescript', 'bin', 'tsc'), '-p', 'tsconfig.json', '--noEmit']);

async function ctest(name, folder, extra = [], env = {}) {
  const file = freshResultFile(`${name}.xml`);
  const args = ['--test-dir', folder, '--output-on-failure', '--no-tests=error', '--output-junit', file, ...extra];
  const { code } = await runShown('ctest', [...args, '--parallel', String(availableParallelism())], env);
  const counts = existsSync(file) ? countJUnit(readFileSync(file, 'utf8')) : noCounts();
  return withCrash(counts, code === 0);
}

const native = () => ctest('ctest', NATIVE_BUILD_FOLDER);

/** The C++ tests once more, where every wrong access, undefined operation and leak ends the test; headers compile alone. */
async function sanitizers() {
  await buildSanitized();
  const leftOut = SLOW_UNDER_SANITIZERS.map(({ pattern }) => pattern).join('|');
  const exclusion = leftOut === '' ? [] : ['--exclude-regex', leftOut];
  return ctest('ctest-sanitized', SANITIZED_BUILD_FOLDER, exclusion, SANITIZER_ENVIRONMENT);
}

const isEndToEnd = (file) => END_TO_END_FOLDERS.some((folder) => file.startsWith(folder));

/** Test files, optionally only those whose path contains `pattern`. */
function testFiles(wanted, pattern) {
  return sourceFiles(TEST_NAME)
    .filter((file) => wanted(file) && (pattern === undefined || relative(ROOT, file).includes(pattern)))
    .map((file) => relative(ROOT, file));
}

/** Suites of minutes: were they begun last, they would run on alone. */
const LONGEST = ['schedule', 'reruns', 'operations'].map((name) => join('tests', 'cli', `${name}.test.ts`));

/**
 * The suites that start servers and wait, in turn with the others, which compute: whatever runs side by side then keeps the
 * processors busy, and the long ones are not left for the end.
 */
function interleaved(groups) {
  const isLong = ([file]) => LONGEST.includes(file);
  const isSuite = (group) => !isLong(group) && WAITING_FOLDERS.some((folder) => group[0].startsWith(folder));
  const suites = groups.filter(isSuite);
  const others = groups.filter((group) => !isLong(group) && !isSuite(group));
  const othersEach = Math.max(1, Math.floor(others.length / Math.max(1, 2 * suites.length)));
  const mixed = suites.flatMap((suite) => [suite, ...others.splice(0, othersEach)]);
  return [...groups.filter(isLong), ...mixed, ...others];
}

async function nodeTests(name, files, { concurrency, timeoutMs }) {
  if (files.length === 0) {
    console.log('no test files');
    return noCounts();
  }
  const counted = freshResultFile(`${name}.jsonl`);
  const reporters = ['--test-reporter', 'spec', '--test-reporter-destination', 'stdout'];
  const counter = [
    '--test-reporter',
    inRoot('infra', 'checks', 'count-reporter.mjs'),
    '--test-reporter-destination',
    counted,
  ];
  const limits = [`--test-concurrency=${concurrency}`, `--test-timeout=${timeoutMs}`];
  const { code } = await runShown(process.execPath, [
    '--import',
    'tsx',
    '--test',
    ...limits,
    ...reporters,
    ...counter,
    ...files,
  ]);
  const counts = existsSync(counted) ? countReporterLines(readFileSync(counted, 'utf8')) : noCounts();
  return withCrash(counts, code === 0);
}

const isUnitTest = (file) => !isEndToEnd(file) && !file.startsWith(PACKAGE_FOLDER);

/** Rooms whose files start servers or computations of minutes, and are processes of their own. */
const LARGE_FOLDERS = ['tests', 'cli'].map((room) => room + sep);

function unit({ pattern }) {
  const files = testFiles(isUnitTest, pattern);
  const grouped =
    pattern !== undefined
      ? files
      : groupTests(files, {
          root: ROOT,
          folder: join(RESULTS_FOLDER, 'groups'),
          isAlone: (file) => LARGE_FOLDERS.some((folder) => file.startsWith(folder)),
          order: interleaved,
        });
  return nodeTests('unit', grouped, {
    // half of their time the files wait: for servers, timers, processes that are to end
    concurrency: 2 * availableParallelism(),
    timeoutMs: UNIT_TEST_TIMEOUT_MS,
  });
}

/** The package as npm installs it; compiles the engine once more, from the package. */
const packaged = ({ pattern }) =>
  nodeTests(
    'package',
    testFiles((file) => file.startsWith(PACKAGE_FOLDER), pattern),
    { concurrency: 1, timeoutMs: END_TO_END_TEST_TIMEOUT_MS },
  );

/** Two at a time: each starts servers and processes, and waits for half of its time. Limits in seconds grow with the load. */
const endToEnd = ({ pattern }) =>
  nodeTests('e2e', testFiles(isEndToEnd, pattern), {
    concurrency: 2,
    timeoutMs: END_TO_END_TEST_TIMEOUT_MS,
  });

/** Neighbours of one group run side by side: readers of the sources have one thread each; what installs and what starts servers waits for much of its time. */
export const SECTIONS = [
  { id: 'format', title: 'Format (prettier, clang-format)', group: 'first', run: format },
  { id: 'lint', title: 'Lint (type-checked rules, rooms, licence lines)', group: 'first', run: lint },
  { id: 'types', title: 'Types (tsc)', group: 'first', run: typecheck },
  { id: 'native', title: 'C++ unit tests (ctest)', group: 'first', run: native },
  { id: 'sanitizers', title: 'C++ unit tests under sanitizers (address, undefined, leaks)', run: sanitizers },
  { id: 'unit', title: 'TypeScript tests', run: unit },
  { id: 'package', title: 'Packed and installed package', group: 'last', run: packaged },
  { id: 'e2e', title: 'End-to-end tests', group: 'last', run: endToEnd },
];
