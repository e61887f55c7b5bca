// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';

import { withFileLock } from '../common/file-lock.js';
import type { HeldLease, LeaseOptions, Leases } from './leases.js';

/** Leases as lock files of a folder; a holder that is gone is taken over from. */
export class FileLeases implements Leases {
  constructor(private readonly folder: string) {}

  hold<Result>(name: string, options: LeaseOptions, body: (lease: HeldLease) => Promise<Result>): Promise<Result> {
    const { onWait, ...rest } = options;
    return withFileLock(
      join(this.folder, `${name}.lock`),
      { ...rest, ...(onWait === undefined ? {} : { onWait: (pid) => onWait(`process ${pid}`) }) },
      () => body({ signal: new AbortController().signal }),
    );
  }
}
