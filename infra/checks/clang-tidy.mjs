// SPDX-License-Identifier: Apache-2.0
/** clang-tidy over the sources of the engine, with the checks of .clang-tidy; any finding is a failure. */
import { join, relative } from 'node:path';
import { sourceFiles } from '../dev/source-files.mjs';
import { inRoot, ROOT } from '../setup/core/paths.mjs';
import { endWith } from './nightly-check.mjs';
import { runShown } from './run-shown.mjs';
import { CLANG_BUILD_FOLDER, configureWithClang } from './second-compiler.mjs';

const ENGINE = inRoot('inference-core');
const OTHER_FOLDERS = ['tests', 'examples'].map((name) => join(ENGINE, name));

async function main() {
  await configureWithClang();
  const files = sourceFiles(/\.cpp$/)
    .filter((file) => file.startsWith(ENGINE) && !OTHER_FOLDERS.some((folder) => file.startsWith(folder)))
    .map((file) => relative(ROOT, file));
  const { code } = await runShown('clang-tidy', ['-p', CLANG_BUILD_FOLDER, '--quiet', ...files]);
  if (code === 0) console.log(`clang-tidy finds nothing in ${files.length} files`);
  return code === 0 ? 0 : 1;
}

await endWith(main);
