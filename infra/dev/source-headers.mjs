// SPDX-License-Identifier: Apache-2.0
/**
 * Checks what no other tool does: the SPDX line at the top of each source file, kebab-case names in TypeScript and JavaScript, and the
 * length of the engine's files, which ESLint does not read.
 */
import { readFileSync } from 'node:fs';
import { basename, relative, sep } from 'node:path';
import { inRoot, ROOT } from '../setup/core/paths.mjs';
import { sourceFiles } from './source-files.mjs';

const SOURCES = /\.(ts|mts|js|mjs|cpp|hpp|cc|h|cu|cuh|cmake|py|sh)$|^CMakeLists\.txt$/;
const SPDX = /^(\/\/|#|\/\*) SPDX-License-Identifier: Apache-2\.0( \*\/)?$/;
const SCRIPT = /\.(ts|mts|js|mjs)$/;
const ENGINE_SOURCE = /\.[ch]pp$/;
/** Tests in C++ hold whole references, written out densely. */
const MAXIMUM_LINES = 300;
const ENGINE_TESTS = inRoot('inference-core', 'tests') + sep;
const KEBAB_CASE = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)+$/;

/** What is wrong with one file; empty when nothing is. `isTest`: of the tests in C++. */
export function problemsOf(name, content, isTest = false) {
  const lines = content.split('\n', 2);
  const first = lines[0].startsWith('#!') ? (lines[1] ?? '') : lines[0];
  const problems = [];
  if (!SPDX.test(first)) problems.push(`expected an SPDX line first, found "${first.slice(0, 60)}"`);
  if (SCRIPT.test(name) && !KEBAB_CASE.test(name)) problems.push('expected a kebab-case file name');
  const numLines = content.split('\n').length - 1;
  if (ENGINE_SOURCE.test(name) && !isTest && numLines > MAXIMUM_LINES)
    problems.push(`expected at most ${MAXIMUM_LINES} lines, found ${numLines}`);
  return problems;
}

function main() {
  const files = sourceFiles(SOURCES);
  let count = 0;
  for (const file of files) {
    for (const problem of problemsOf(basename(file), readFileSync(file, 'utf8'), file.startsWith(ENGINE_TESTS))) {
      console.error(`${relative(ROOT, file)}: ${problem}`);
      count += 1;
    }
  }
  console.log(`${files.length} source files, ${count} problems`);
  process.exitCode = count === 0 ? 0 : 1;
}

if (process.argv[1] === import.meta.filename) main();
