// SPDX-License-Identifier: Apache-2.0
import { copyFile, link } from 'node:fs/promises';

/** The same file under a second name; a copy where the file system has no second names. */
export async function shareFile(from: string, to: string): Promise<void> {
  await link(from, to).catch(() => copyFile(from, to));
}
