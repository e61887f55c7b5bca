// SPDX-License-Identifier: Apache-2.0
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { TramontanaError } from '../../common/errors.js';
import { ownProgram } from '../../common/own-program.js';
import { readerReply, unpackFailure, type ReaderRequest } from './protocol.js';
import { OUT_OF_MEMORY_SIGNAL, TIMED_OUT_SIGNAL } from './watchdog.js';

/** JavaScript heap of a reader; numbers lie outside of it. */
const HEAP_MIB = 384;

function startReader(): ChildProcess {
  const { execArgv, entry } = ownProgram(fileURLToPath(import.meta.url), 'reader-main');
  return fork(entry, [], {
    execArgv: [`--max-old-space-size=${HEAP_MIB}`, ...execArgv],
    serialization: 'advanced',
    // HDF5 writes pages of traces about a damaged file; what matters comes as the error
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
}

/** One reader process. It takes one request at a time and holds nobody up when it has none. */
export class ReaderProcess {
  private readonly child = startReader();
  private isGone = false;
  private isIdleToTheParent = false;

  private readonly readyOrGone: Promise<void>;

  constructor() {
    this.readyOrGone = new Promise((resolve) =>
      this.child.once('message', () => resolve()).once('exit', () => resolve()),
    );
    this.child.on('error', () => (this.isGone = true));
    this.child.on('exit', () => (this.isGone = true));
    this.rest();
  }

  /** False when it has ended, whoever ended it. */
  get isUsable(): boolean {
    return !this.isGone && this.child.connected;
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Resolves when it can read, or has ended. Nothing depends on it: a request may come before, and its limits count from there. */
  async ready(): Promise<void> {
    this.wake();
    await this.readyOrGone;
    this.rest();
  }

  /** Ends it at once. */
  end(): void {
    this.isGone = true;
    this.child.kill('SIGKILL');
  }

  /**
   * The value that the reader gave, unchecked.
   *
   * @throws the reader's error; TramontanaError `Ingest.ReaderTimedOut`, `Ingest.ReaderOutOfMemory`, `Ingest.ReaderCrashed`;
   *   the signal's reason, and the process is ended
   */
  async ask(request: ReaderRequest, signal: AbortSignal | undefined): Promise<unknown> {
    signal?.throwIfAborted();
    const { child } = this;
    this.wake();
    let forget = (): void => undefined;
    try {
      return await new Promise((resolve, reject) => {
        const onMessage = (message: unknown): void => {
          const reply = readerReply.safeParse(message);
          if (!reply.success) reject(crash(request, 'an answer of unknown shape'));
          else if (reply.data.id !== request.id) return;
          else if ('failure' in reply.data) reject(unpackFailure(reply.data.failure));
          else resolve(reply.data.value);
        };
        const onExit = (code: number | null, ended: NodeJS.Signals | null): void =>
          reject(endError(request, code, ended));
        const onError = (error: Error): void => reject(crash(request, error.message));
        const onAbort = (): void => {
          this.end();
          reject(signal?.reason as Error);
        };
        child.on('message', onMessage).on('exit', onExit).on('error', onError);
        signal?.addEventListener('abort', onAbort);
        forget = () => {
          child.off('message', onMessage).off('exit', onExit).off('error', onError);
          signal?.removeEventListener('abort', onAbort);
        };
        child.send(request, (error) => {
          // an end before the request arrived is told by 'exit'
          if (error !== null && this.isGone) reject(crash(request, error.message));
        });
      });
    } finally {
      forget();
      this.rest();
    }
  }

  private wake(): void {
    if (!this.isIdleToTheParent) return;
    this.isIdleToTheParent = false;
    this.child.ref();
    this.child.channel?.ref();
  }

  /** An idle reader does not keep its parent alive. */
  private rest(): void {
    this.isIdleToTheParent = true;
    this.child.unref();
    this.child.channel?.unref();
  }
}

function endError(request: ReaderRequest, code: number | null, ended: NodeJS.Signals | null): TramontanaError {
  const { path, limits } = request;
  const facts = { file: path, ...limits };
  if (ended === TIMED_OUT_SIGNAL) {
    return new TramontanaError(
      'Ingest.ReaderTimedOut',
      `${path}: expected the file to be read within ${limits.totalMs / 1000} s with signs of life every ${limits.stallMs / 1000} s, the reader was ended; the file is damaged`,
      { facts },
    );
  }
  // V8 aborts when its heap is full
  if (ended === OUT_OF_MEMORY_SIGNAL || ended === 'SIGABRT' || code === 134) {
    return new TramontanaError(
      'Ingest.ReaderOutOfMemory',
      `${path}: expected the reading to take at most ${limits.memoryMiB} MiB (heap ${HEAP_MIB} MiB), the reader was ended; the file is damaged, or choose fewer cells (boundingBox)`,
      { facts },
    );
  }
  return crash(request, ended ?? `exit code ${code ?? '?'}`);
}

function crash({ path }: ReaderRequest, how: string): TramontanaError {
  return new TramontanaError(
    'Ingest.ReaderCrashed',
    `${path}: expected a readable file, the reader process ended (${how}); the file is damaged`,
    { facts: { file: path, how } },
  );
}
