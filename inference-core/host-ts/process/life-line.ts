// SPDX-License-Identifier: Apache-2.0
/**
 * Ends a process whose parent is gone, and interrupts one whose parent asks for it. An orphan stops its work, and is killed when that
 * takes long: its checkpoints are on disk.
 *
 * @module
 */
import { readFile } from 'node:fs/promises';

import { TramontanaError } from '../../../common/errors.js';
import { INTERRUPT_LINE } from './protocol.js';

/** An orphan gets this long to notice its interrupt. */
const ORPHAN_GRACE_MS = 2000;

/** How often a process looks for its parent. With the grace an orphan lives for 2.5 s at most. */
const PARENT_POLL_MS = 500;

/** How often a file that tells of a living parent is read, which is written every second. */
const FILE_POLL_MS = 2000;

/** A file that stays the same for so long has no writer any more: shared folders and loaded machines have delays of seconds. */
const FILE_SILENCE_MS = 30_000;

export class LifeLine {
  private isOrphan = false;

  /**
   * @param stop - aborted with `Engine.Interrupted`
   * @param options.isKilled - whether an orphan is killed after its grace time. Default true
   */
  constructor(
    private readonly stop: AbortController,
    private readonly options: { readonly isKilled?: boolean } = {},
  ) {}

  watchSignals(onSignal: (name: string) => void): void {
    for (const name of ['SIGTERM', 'SIGINT'] as const) {
      process.on(name, () => {
        onSignal(name);
        this.interrupt(`interrupted by ${name}`);
      });
    }
    // nothing may end this process but its work: a dead log pipe is no reason to lose an iteration
    process.stderr.on('error', () => undefined);
  }

  /** For a process whose stdin is a pipe from its parent: it ends with it, and the parent may ask on it for an interrupt. */
  watchStdin(): void {
    let said = '';
    process.stdin.setEncoding('utf8');
    process.stdin.on('data', (chunk: string) => {
      said = (said + chunk).slice(-INTERRUPT_LINE.length);
      if (said === INTERRUPT_LINE) this.interrupt('interrupted by the parent');
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

  /** For a process that a scheduler started: somebody elsewhere writes another text into the file every second. */
  watchFile(path: string): void {
    let last: string | undefined;
    let changedMs = performance.now();
    setInterval(() => {
      void readFile(path, 'utf8').then(
        (text) => {
          if (text !== last) changedMs = performance.now();
          last = text;
        },
        () => undefined,
      );
      if (performance.now() - changedMs > FILE_SILENCE_MS) this.cut(`${path} is not written any more`);
    }, FILE_POLL_MS).unref();
  }

  private interrupt(reason: string): void {
    this.stop.abort(new TramontanaError('Engine.Interrupted', reason, { retryable: true }));
  }

  private cut(reason: string): void {
    if (this.isOrphan) return;
    this.isOrphan = true;
    this.interrupt(`the parent process is gone (${reason})`);
    if (this.options.isKilled === false) return;
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), ORPHAN_GRACE_MS).unref();
  }
}
