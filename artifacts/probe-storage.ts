// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from 'node:crypto';

import { TramontanaError } from '../common/errors.js';
import type { Storage } from './open-storage.js';

/**
 * Proves that a store takes, gives and forgets, before a worker takes work that needs it.
 *
 * @returns where it is
 * @throws {TramontanaError} `Artifact.StoreUnreachable`, `Artifact.StoreRefused`, `Config.InvalidStore`; the system's error for a folder
 */
export async function probeStorage({ objects, artifacts }: Storage): Promise<string> {
  const name = `probe/${randomUUID()}`;
  await objects.write(name, name);
  try {
    const found = (await objects.read(name))?.toString('utf8');
    if (found !== name) {
      throw new TramontanaError(
        'Artifact.StoreRefused',
        `${objects.addressOf(name)}: expected to read what was just written, got ${found === undefined ? 'nothing' : 'something else'}`,
        { facts: { name } },
      );
    }
    // what retention asks
    await objects.list('probe/')[Symbol.asyncIterator]().next();
  } finally {
    await objects.remove(name);
  }
  return artifacts.place;
}
