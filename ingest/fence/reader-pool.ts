// SPDX-License-Identifier: Apache-2.0
import { memoryLimitBytes } from '../netcdf/size-limit.js';
import { READER_VALUES, type ReaderName, type ReaderOptions, type ReaderRequest } from './protocol.js';
import { ReaderProcess } from './reader-process.js';

/** A worker reads for two stages at a time. */
const MAXIMUM_READERS = 2;
const IDLE_MS = 30_000;
const MEBIBYTE = 1024 * 1024;

/** What a request may take; see {@link limitsOf}. */
export type ReaderLimits = ReaderRequest['limits'];

/**
 * Limits for a file of this size: of processor time without a sign of life, of the whole reading, and of memory. Between two blocks a reader gives a sign of life, so that a loop without end is told from a
 * large file within seconds.
 */
export function limitsOf(fileBytes: number): ReaderLimits {
  const mebibytes = fileBytes / MEBIBYTE;
  return {
    stallMs: Math.round(2000 + 100 * mebibytes),
    totalMs: Math.round(60_000 + 2000 * mebibytes),
    memoryMiB: Math.round(memoryLimitBytes(fileBytes) / MEBIBYTE),
  };
}

/** Reader processes that are started when there is something to read, and end when there is nothing for half a minute. */
export class ReaderPool {
  private readonly idle: ReaderProcess[] = [];
  private readonly atWork = new Set<ReaderProcess>();
  private readonly waiting: (() => void)[] = [];
  private taken = 0;
  private lastId = 0;
  private idleTimer: NodeJS.Timeout | undefined;

  constructor(private readonly maximumReaders = MAXIMUM_READERS) {}

  /**
   * Has a file read.
   *
   * @throws as the reader, and as {@link ReaderProcess.ask}
   */
  async read(
    reader: ReaderName,
    path: string,
    options: ReaderOptions,
    limits: ReaderLimits,
    signal: AbortSignal | undefined,
  ): Promise<unknown> {
    const child = await this.take();
    this.atWork.add(child);
    try {
      this.lastId = (this.lastId % 0x3fff_ffff) + 1;
      const value = await child.ask({ id: this.lastId, reader, path, options, limits }, signal);
      return READER_VALUES[reader].parse(value);
    } finally {
      this.release(child);
    }
  }

  /** Process ids of the readers, for those who watch them. */
  get pids(): readonly number[] {
    return [...this.idle, ...this.atWork].flatMap(({ pid }) => (pid === undefined ? [] : [pid]));
  }

  /** Starts a reader, so that the next request does not wait for it. */
  async prepare(): Promise<void> {
    const child = await this.take();
    await child.ready();
    this.release(child);
  }

  /** Ends the idle readers. */
  close(): void {
    clearTimeout(this.idleTimer);
    for (const child of this.idle.splice(0)) child.end();
  }

  private async take(): Promise<ReaderProcess> {
    while (this.taken >= this.maximumReaders) await new Promise<void>((resolve) => this.waiting.push(resolve));
    this.taken += 1;
    for (let child = this.idle.pop(); child !== undefined; child = this.idle.pop()) if (child.isUsable) return child;
    return new ReaderProcess();
  }

  private release(child: ReaderProcess): void {
    this.taken -= 1;
    this.atWork.delete(child);
    if (child.isUsable) this.idle.push(child);
    this.waiting.shift()?.();
    clearTimeout(this.idleTimer);
    this.idleTimer = setTimeout(() => this.close(), IDLE_MS).unref();
  }
}
