// SPDX-License-Identifier: Apache-2.0
/** Step 4: TypeScript to JavaScript in dist/, incremental; what no longer has a source is removed from dist/. */
import { existsSync, rmSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { runOrThrow } from '../core/command.mjs';
import { findInexecutable, markExecutables } from '../core/executables.mjs';
import { inRoot, LOG_FOLDER, ROOT } from '../core/paths.mjs';
import { fingerprint, listFiles, readStamp, removeStamp, writeStamp } from '../core/stamps.mjs';

const DIST = inRoot('dist');
const BUILD_INFO = inRoot('build', 'tsc.tsbuildinfo');
const NOT_SOURCES = new Set(['node_modules', 'dist', 'build', 'runs', 'tests', 'infra', 'docs']);

/** The sources that tsconfig.build.json compiles. */
function sources() {
  return listFiles(
    ROOT,
    (name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && !name.endsWith('.d.ts'),
    (name) => !name.startsWith('.') && !NOT_SOURCES.has(name),
  );
}

const outputOf = (source) => join(DIST, relative(ROOT, source).replace(/\.ts$/, '.js'));

const inputs = (files) =>
  fingerprint([...files, inRoot('tsconfig.json'), inRoot('tsconfig.build.json'), inRoot('package-lock.json')]);

/** Whether an output is gone that was there once: the incremental state remembers what was emitted, not what is still there. */
function lostOutputs(files) {
  if (!existsSync(BUILD_INFO)) return false;
  const builtMs = statSync(BUILD_INFO).mtimeMs;
  return files.some((file) => !existsSync(outputOf(file)) && statSync(file).mtimeMs < builtMs);
}

/** Outputs whose source is gone: they would still be found by an import and by the workflow bundler. */
function removeOrphans(files) {
  if (!existsSync(DIST)) return;
  const expected = new Set(files.map((file) => outputOf(file).replace(/\.js$/, '')));
  const outputs = listFiles(DIST, (name) => /\.(js|js\.map|d\.ts)$/.test(name));
  for (const output of outputs) {
    if (!expected.has(output.replace(/\.(js|js\.map|d\.ts)$/, ''))) rmSync(output);
  }
}

export const typescriptBuild = {
  id: 'typescript-build',
  title: 'TypeScript build',

  check() {
    const files = sources();
    if (files.some((file) => !existsSync(outputOf(file)))) return { ready: false, detail: 'dist/ is incomplete' };
    if (readStamp('typescript-build')?.inputs !== inputs(files))
      return { ready: false, detail: 'sources changed since the last build' };
    const program = findInexecutable();
    if (program !== undefined) return { ready: false, detail: `${relative(ROOT, program)} may not be executed` };
    return { ready: true, detail: 'dist/ is up to date' };
  },

  async run(progress) {
    removeStamp('typescript-build');
    const files = sources();
    const before = inputs(files);
    if (lostOutputs(files)) rmSync(BUILD_INFO, { force: true });
    await runOrThrow(
      'build the TypeScript sources',
      process.execPath,
      [inRoot('node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.build.json'],
      {
        logFile: join(LOG_FOLDER, 'typescript-build.log'),
        onLine: (line) => progress.output(line),
      },
    );
    removeOrphans(files);
    markExecutables();
    writeStamp('typescript-build', { inputs: before });
    return `${files.length} sources compiled`;
  },
};
