// SPDX-License-Identifier: Apache-2.0
/**
 * `tramontana run` in a process of its own, watched: seconds, memory of all its processes, and where it stands.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import { openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { delay, isAlive, signalQuietly } from '../../common/processes.js';
import { packageFolder } from '../../common/version.js';

const WATCH_EVERY_MS = 500;

export interface WatchedRun {
  readonly code: number | null;
  readonly seconds: number;
  /** Of the resident sets of the command and of all that it started, together. */
  readonly peakBytes: number;
}

/**
 * Runs `tramontana run CONFIG` in a folder; its words go to `<log>` there.
 *
 * @param killWhen - asked twice a second; once it says so, every process of the run is killed
 */
export async function runForecast(
  folder: string,
  config: string,
  log: string,
  killWhen: () => boolean = () => false,
): Promise<WatchedRun> {
  const started = performance.now();
  const out = openSync(join(folder, log), 'a');
  const child = spawn(process.execPath, [join(packageFolder(), 'dist', 'cli', 'main.js'), 'run', config], {
    cwd: folder,
    stdio: ['ignore', out, out],
  });
  let code: number | null | undefined;
  child.once('exit', (given) => {
    code = given;
  });
  let peakBytes = 0;
  while (code === undefined) {
    await delay(WATCH_EVERY_MS);
    const tree = child.pid === undefined ? [] : processTree(child.pid);
    peakBytes = Math.max(
      peakBytes,
      tree.reduce((sum, pid) => sum + residentBytes(pid), 0),
    );
    if (!killWhen()) continue;
    for (const pid of tree) signalQuietly(pid, 'SIGKILL');
    while (tree.some(isAlive)) await delay(100);
  }
  return { code, seconds: (performance.now() - started) / 1000, peakBytes };
}

/** A process and all that it and its own started. */
function processTree(pid: number): number[] {
  const children = textOf(`/proc/${pid}/task/${pid}/children`)
    .split(' ')
    .filter((text) => text !== '')
    .map(Number);
  return [pid, ...children.flatMap(processTree)];
}

/** Of a process; 0 once it has ended. */
export function residentBytes(pid: number): number {
  const found = /^VmRSS:\s+(\d+) kB$/mu.exec(textOf(`/proc/${pid}/status`));
  return 1024 * Number(found?.[1] ?? 0);
}

/** Empty for a process that has just ended. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
