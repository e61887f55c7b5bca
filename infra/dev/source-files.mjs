// SPDX-License-Identifier: Apache-2.0
/** The source files of the project, by extension; build outputs and what set-up makes are not among them. */
import { listFiles } from '../setup/core/stamps.mjs';
import { ROOT } from '../setup/core/paths.mjs';

const NOT_OURS = new Set(['node_modules', 'dist', 'build', 'runs']);

/** Paths of all files whose name matches, sorted. */
export function sourceFiles(namePattern) {
  return listFiles(
    ROOT,
    (name) => namePattern.test(name),
    (name) => !NOT_OURS.has(name) && (!name.startsWith('.') || name === '.ci'),
  );
}
