// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';

/** The last lines of a log, for a message; empty when there is none. */
export async function lastLines(path: string, count: number): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trimEnd().split('\n').slice(-count).join('\n');
  } catch {
    return '';
  }
}
