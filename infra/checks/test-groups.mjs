// SPDX-License-Identifier: Apache-2.0
/**
 * Test files that run in one process. The runner gives every file a process of its own, which loads runtime, compiler and libraries
 * anew: two to five seconds, more than most files compute.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Groups of about half a minute: a few of them keep all processors busy to the end. */
const MOST_TOGETHER = 10;
/** What changes its process, or has hooks that would be those of all, is left alone in it. */
const NEEDS_ITS_PROCESS =
  /\bmock\b|\bprocess\.(?:env\[[^\]]+\] =|umask\(|chdir\()|\bRuntime\.install\b|^(?:before|after)(?:Each)?\(/mu;

/**
 * Writes a file for each group, which loads those of the group one after the other. Their names keep the order: the runner
 * begins with the first in the alphabet.
 *
 * @param files - relative to `root`; those of one top-level room come together
 * @param isAlone - which of them take a process in any case
 * @param order - of the groups
 * @returns the files to run in their stead
 */
export function groupTests(files, { root, folder, isAlone, order = (groups) => groups }) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const open = new Map();
  const groups = [];
  for (const file of files) {
    const room = file.split(sep)[0];
    if (isAlone(file) || NEEDS_ITS_PROCESS.test(readFileSync(join(root, file), 'utf8'))) {
      groups.push([file]);
      continue;
    }
    let group = open.get(room);
    if (group === undefined || group.length >= MOST_TOGETHER) {
      group = [];
      open.set(room, group);
      groups.push(group);
    }
    group.push(file);
  }
  const digits = String(groups.length).length;
  return order(groups).map((group, index) => {
    const name = group[0].replaceAll(sep, '-').replace(/\.test\.\w+$/u, '');
    const path = join(folder, `${String(index).padStart(digits, '0')}-${name}.test.mjs`);
    const loads = group.map((file) => `await import(${JSON.stringify(pathToFileURL(join(root, file)).href)});`);
    writeFileSync(path, `${loads.join('\n')}\n`);
    return path;
  });
}
