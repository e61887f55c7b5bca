// SPDX-License-Identifier: Apache-2.0
/**
 * Ends a process whose parent is gone. An orphan stops its work, and is killed when that takes long: its checkpoints are on disk.
 *
 * @module
 */
import { TramontanaError } from '../../../common/errors.js';
import { INTERRUPT_LINE } from './protocol.js';

/** An orphan gets this long to notice its interrupt. */
const ORPHAN_GRACE_MS = 2000;

/** How often a process looks for its parent. With the grace an orphan lives for 2.5 s at most. */
const PARENT_POLL_MS = 500;

/** What tells that the parent is gone. */
export class LifeLine {
  private isOrphan = false;

  /** @param stop - aborted with `Engine.Interrupted` when the parent is gone */
  constructor(private readonly stop: AbortController) {}

  /** For a process whose stdin is a pipe from its parent: it ends with it, and the parent may ask on it for an interrupt. */
  watchStdin(): void {
    let said = '';
    process.stdin.setEncoding('utf8');
    process.stdin.on('data', (chunk: string) => {
      said = (said + chunk).slice(-INTERRUPT_LINE.length);
      if (said !== INTERRUPT_LINE) return;
      this.stop.abort(new TramontanaError('Engine.Interrupted', 'interrupted by the parent', { retryable: true }));
    });
    process.stdin.on('end', () => this.cut('stdin ended'));
    process.stdin.on('error', (error: Error) => this.cut(`stdin: ${error.message}`));
  }

  /** Nobody reads what this process says any more. */
  watchStdout(): void {
    process.stdout.on('error', (error: Error) => this.cut(`stdout: ${error.message}`));
  }

  /** For a process that a launcher started, with whatever stdin: an orphan gets another parent. */
  watchParentId(): void {
    const parentId = process.ppid;
    setInterval(() => {
      if (process.ppid !== parentId) this.cut(`process ${parentId} ended`);
    }, PARENT_POLL_MS).unref();
  }

  private cut(reason: string): void {
    if (this.isOrphan) return;
    this.isOrphan = true;
    this.stop.abort(
      new TramontanaError('Engine.Interrupted', `the parent process is gone (${reason})`, { retryable: true }),
    );
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), ORPHAN_GRACE_MS).unref();
  }
}
