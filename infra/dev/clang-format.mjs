// SPDX-License-Identifier: Apache-2.0
/**
 * Formats C++ (`--write`) or says what is not formatted (`--check`). The tool's version is pinned, because its output differs between versions: one of that
 * version on the PATH (Debian 12 has it as clang-format), the project's cache, or its wheel, pinned by hash.
 *
 * Exit codes: 0 well formatted, 1 not formatted, 2 wrong usage, 3 the tool cannot be had.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { capture, findOnPath } from '../setup/core/command.mjs';
import { messageOf, SetupError } from '../setup/core/errors.mjs';
import { CACHE_BIN_FOLDER, ROOT } from '../setup/core/paths.mjs';
import { programFromWheel } from '../setup/core/python-wheel.mjs';
import { sourceFiles } from './source-files.mjs';

const VERSION = '14.0.6';
const CPP = /\.(cpp|hpp|cc|h|cu|cuh)$/;
const WHEEL = {
  name: 'clang-format',
  version: VERSION,
  member: 'clang_format/data/bin/clang-format',
  sha256: {
    'linux-x64': 'd7c1c5e404c58e55f0170f01b3c5611dce6c119e62b5d1020347e0ad97d5a047',
    'linux-arm64': 'dbfd60528eb3bb7d7cfe8576faa70845fbf93601f815ef75163d36606e87f388',
  },
};
const CACHED = join(CACHE_BIN_FOLDER, `clang-format-${VERSION}`);
export const EXIT_TOOL_MISSING = 3;

const hasVersion = (program) => capture(program, ['--version'])?.includes(`version ${VERSION}`) === true;

async function findTool() {
  const onPath = findOnPath('clang-format');
  if (onPath !== null && hasVersion(onPath)) return onPath;
  if (existsSync(CACHED) && hasVersion(CACHED)) return CACHED;
  console.log(`fetching clang-format ${VERSION} (wheel, pinned by hash)`);
  await programFromWheel(WHEEL, CACHED, { output() {} });
  if (!hasVersion(CACHED)) throw new SetupError(`${CACHED} does not say that it is version ${VERSION}`);
  return CACHED;
}

async function main() {
  const mode = process.argv[2];
  if (process.argv.length !== 3 || (mode !== '--check' && mode !== '--write')) {
    console.error('usage: node infra/dev/clang-format.mjs --check | --write');
    return 2;
  }
  const files = sourceFiles(CPP).map((file) => relative(ROOT, file));
  if (files.length === 0) return 0;
  let tool;
  try {
    tool = await findTool();
  } catch (error) {
    console.error(`clang-format ${VERSION} is not on the PATH and cannot be had: ${messageOf(error)}`);
    return EXIT_TOOL_MISSING;
  }
  const args = mode === '--write' ? ['-i'] : ['--dry-run', '--Werror'];
  const result = spawnSync(tool, ['--style=file', ...args, ...files], { cwd: ROOT, stdio: 'inherit' });
  if (result.status === 0)
    console.log(`${files.length} C++ files ${mode === '--write' ? 'written' : 'are well formatted'}`);
  return result.status === 0 ? 0 : 1;
}

if (process.argv[1] === import.meta.filename) process.exitCode = await main();
