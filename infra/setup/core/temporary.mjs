// SPDX-License-Identifier: Apache-2.0
/** Folders for work in progress, below the project's state folder, so that a finished file is put in place by a rename. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { STATE_FOLDER } from './paths.mjs';

const PARENT = join(STATE_FOLDER, 'tmp');
const LEFT_BEHIND_AFTER_MS = 6 * 3_600_000;

/** Removes what an interrupted set-up left behind; what is young may belong to another process. */
function sweep() {
  for (const name of readdirSync(PARENT)) {
    const path = join(PARENT, name);
    const changedMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Date.now() - changedMs > LEFT_BEHIND_AFTER_MS) rmSync(path, { recursive: true, force: true });
  }
}

/** Calls `work` with a new folder and removes the folder afterwards, whatever happens. */
export async function inTemporaryFolder(prefix, work) {
  mkdirSync(PARENT, { recursive: true });
  sweep();
  const folder = mkdtempSync(join(PARENT, `${prefix}-`));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
