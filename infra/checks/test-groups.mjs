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
/** What changes its process is left alone in it. */
const CHANGES_ITS_PROCESS = /\bmock\b|\bprocess\.(?:env\[[^\]]+\] =|umask\(|chdir\()|\bRuntime\.install\b/u;

/**
 * Writes a file for each group, which loads those of the group one after the other.
 *
 * @param files - relative to `root`; those of one top-level room come together
 * @param isAlone - which of them take a process in any case
 * @returns the files to run in their stead, in the same order
 */
export function groupTests(files, { root, folder, isAlone }) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const open = new Map();
  const groups = [];
  for (const file of files) {
    const room = file.split(sep)[0];
    if (isAlone(file) || CHANGES_ITS_PROCESS.test(readFileSync(join(root, file), 'utf8'))) {
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
  return groups.map((group, index) => {
    if (group.length === 1) return group[0];
    const path = join(folder, `${group[0].split(sep)[0]}-${index}.test.mjs`);
    const loads = group.map((file) => `await import(${JSON.stringify(pathToFileURL(join(root, file)).href)});`);
    writeFileSync(path, `${loads.join('\n')}\n`);
    return path;
  });
}
