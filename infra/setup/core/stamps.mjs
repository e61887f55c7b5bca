// SPDX-License-Identifier: Apache-2.0
/**
 * A stamp says: this step ended well with these inputs. It is removed before the step begins and written after it ended,
 * so an interrupted step is done again.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ROOT, STAMP_FOLDER } from './paths.mjs';

const stampFile = (step) => join(STAMP_FOLDER, `${step}.json`);

/** The stamp of a step, or null when there is none that can be read. */
export function readStamp(step) {
  try {
    return JSON.parse(readFileSync(stampFile(step), 'utf8'));
  } catch {
    return null;
  }
}

export function removeStamp(step) {
  rmSync(stampFile(step), { force: true });
}

/** Writes a stamp atomically. */
export function writeStamp(step, content) {
  mkdirSync(STAMP_FOLDER, { recursive: true });
  const temporary = `${stampFile(step)}.${process.pid}.tmp`;
  writeFileSync(temporary, `${JSON.stringify(content, null, 2)}\n`);
  renameSync(temporary, stampFile(step));
}

/** Files below `folder` that `wanted` accepts, sorted; folders that `enter` refuses are not read. */
export function listFiles(folder, wanted, enter = () => true) {
  const found = [];
  const visit = (current) => {
    for (const entry of readdirSync(current, { withFileTypes: true })) {
      const path = join(current, entry.name);
      if (entry.isDirectory()) {
        if (enter(entry.name, path)) visit(path);
      } else if (entry.isFile() && wanted(entry.name, path)) {
        found.push(path);
      }
    }
  };
  visit(folder);
  return found.sort();
}

/** SHA-256 over the names and contents of files and over extra facts; equal inputs have equal fingerprints. */
export function fingerprint(files, facts = {}) {
  const hash = createHash('sha256').update(JSON.stringify(facts));
  for (const file of files) {
    const content = readFileSync(file);
    hash.update(`\0${relative(ROOT, file)}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}
