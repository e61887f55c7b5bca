// SPDX-License-Identifier: Apache-2.0
/** Checks what no other tool does: the SPDX line at the top of each source file, and kebab-case names in TypeScript and JavaScript. */
import { readFileSync } from 'node:fs';
import { basename, relative } from 'node:path';
import { ROOT } from '../setup/core/paths.mjs';
import { sourceFiles } from './source-files.mjs';

const SOURCES = /\.(ts|mts|js|mjs|cpp|hpp|cc|h|cu|cuh|cmake|py|sh)$|^CMakeLists\.txt$/;
const SPDX = /^(\/\/|#|\/\*) SPDX-License-Identifier: Apache-2\.0( \*\/)?$/;
const SCRIPT = /\.(ts|mts|js|mjs)$/;
const KEBAB_CASE = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)+$/;

/** What is wrong with one file; empty when nothing is. */
export function problemsOf(name, content) {
  const lines = content.split('\n', 2);
  const first = lines[0].startsWith('#!') ? (lines[1] ?? '') : lines[0];
  const problems = [];
  if (!SPDX.test(first)) problems.push(`expected an SPDX line first, found "${first.slice(0, 60)}"`);
  if (SCRIPT.test(name) && !KEBAB_CASE.test(name)) problems.push('expected a kebab-case file name');
  return problems;
}

function main() {
  const files = sourceFiles(SOURCES);
  let count = 0;
  for (const file of files) {
    for (const problem of problemsOf(basename(file), readFileSync(file, 'utf8'))) {
      console.error(`${relative(ROOT, file)}: ${problem}`);
      count += 1;
    }
  }
  console.log(`${files.length} source files, ${count} problems`);
  process.exitCode = count === 0 ? 0 : 1;
}

if (process.argv[1] === import.meta.filename) main();
