// SPDX-License-Identifier: Apache-2.0
/**
 * Reading of files that lie outside the store: what is computed is recorded under the hash that a file had when the run
 * began, so nothing may be read that is not those bytes.
 *
 * @module
 */
import { stat } from 'node:fs/promises';

import { TramontanaError } from '../common/errors.js';
import type { ArtifactRef } from './artifact-ref.js';
import { conditionOfFile, pathOfFileUri } from './local-files.js';

/** A file that is touched, linked or moved while it is read is read again, not for ever. */
const ATTEMPTS = 3;

/**
 * Reads an input file and proves that it was the catalogued bytes all the while: hashed before and after, and not
 * exchanged and put back in between.
 *
 * @param ref - reference with the hash that the file had when the run began
 * @param read - reads the file at the path that it is given; called again when the file was touched meanwhile
 * @throws {TramontanaError} `Input.Changed` when the file is another one or gone; what `read` throws about an intact file
 */
export async function readVerified<Result>(ref: ArtifactRef, read: (path: string) => Promise<Result>): Promise<Result> {
  const path = pathOfFileUri(ref.uri, 'input file');
  for (let attempt = 1; ; attempt += 1) {
    const before = await identityOf(path);
    await requireUnchanged(ref, path);
    const outcome = await settle(read(path));
    // a failure to read a changed file is a change, not a damaged file
    await requireUnchanged(ref, path);
    if (before === (await identityOf(path))) {
      if ('error' in outcome) throw outcome.error;
      return outcome.value;
    }
    if (attempt === ATTEMPTS) throw changed(ref, path, 'was exchanged or touched at every reading');
  }
}

type Settled<Result> = { readonly value: Result } | { readonly error: unknown };

async function settle<Result>(promise: Promise<Result>): Promise<Settled<Result>> {
  try {
    return { value: await promise };
  } catch (error) {
    return { error };
  }
}

/** Differs after the content, the file behind the name or its attributes changed; times of change cannot be set by hand. */
async function identityOf(path: string): Promise<string> {
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  return found === undefined ? 'gone' : [found.dev, found.ino, found.size, found.mtimeNs, found.ctimeNs].join(' ');
}

async function requireUnchanged(ref: ArtifactRef, path: string): Promise<void> {
  const condition = await conditionOfFile(ref);
  if (condition !== 'intact') throw changed(ref, path, condition === 'missing' ? 'is gone' : 'has changed');
}

function changed(ref: ArtifactRef, path: string, happened: string): TramontanaError {
  return new TramontanaError(
    'Input.Changed',
    `${path}: expected the ${ref.bytes} bytes with sha256 ${ref.sha256} that it had when the run began, it ${happened}; start the run again`,
    { facts: { path, expectedSha256: ref.sha256, happened } },
  );
}
