// SPDX-License-Identifier: Apache-2.0
/**
 * The thread that ends its own process when a reader does not come back, takes too much memory, or has lost its parent. It needs
 * no event loop but its own: HDF5 can loop for ever on a damaged file, and the process that asked may be busy or gone.
 *
 * @module
 */
import { Worker } from 'node:worker_threads';
import type { ReaderRequest } from './protocol.js';

/** How the process ends: by a signal with nobody to catch it, which says why. */
export const TIMED_OUT_SIGNAL = 'SIGALRM';
export const OUT_OF_MEMORY_SIGNAL = 'SIGUSR2';

const TICK_MS = 100;
const CHECK_MS = 25;
/** A reader may wait this many times longer, for a processor or a disk, than it may compute without a sign of life. */
const WAITS = 10;

// Plain JavaScript in a string: it runs alike from source and from dist, and loads nothing.
const WATCH = `
const { workerData } = require('node:worker_threads');
const { cells, parent, checkMs, waits, timedOut, outOfMemory } = workerData;
let request = 0, tick = 0, startedMs = 0, movedMs = 0, movedCpuMs = 0, last = Date.now();
const cpuMs = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1000; };
setInterval(() => {
  const now = Date.now();
  // a process that was suspended has not been slow
  if (now - last > 2000) { startedMs += now - last; movedMs += now - last; }
  last = now;
  if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL');
  const current = Atomics.load(cells, 0);
  const moved = Atomics.load(cells, 1);
  if (current !== request) { request = current; startedMs = now; movedMs = now; movedCpuMs = cpuMs(); tick = moved; }
  if (current === 0) return;
  if (moved !== tick) { tick = moved; movedMs = now; movedCpuMs = cpuMs(); }
  // a loop without end burns its processor; one that gets no processor, or waits for a slow disk, is not to blame
  const isLooping = cpuMs() - movedCpuMs > cells[2] || now - movedMs > waits * cells[2];
  if (isLooping || now - startedMs > cells[3]) process.kill(process.pid, timedOut);
  if (process.memoryUsage.rss() > cells[4] * 1048576) process.kill(process.pid, outOfMemory);
}, checkMs);
`;

/** Watches this process, for the request that is at work. */
export class Watchdog {
  /** Number of the request at work (0: none), ticks of the event loop, and the three limits. */
  private readonly cells = new Int32Array(new SharedArrayBuffer(5 * Int32Array.BYTES_PER_ELEMENT));

  constructor() {
    new Worker(WATCH, {
      eval: true,
      execArgv: [],
      workerData: {
        cells: this.cells,
        parent: process.ppid,
        checkMs: CHECK_MS,
        waits: WAITS,
        timedOut: TIMED_OUT_SIGNAL,
        outOfMemory: OUT_OF_MEMORY_SIGNAL,
      },
    }).unref();
    setInterval(() => Atomics.add(this.cells, 1, 1), TICK_MS).unref();
  }

  begin(request: ReaderRequest): void {
    const { stallMs, totalMs, memoryMiB } = request.limits;
    this.cells.set([stallMs, totalMs, memoryMiB], 2);
    Atomics.store(this.cells, 0, request.id);
  }

  end(): void {
    Atomics.store(this.cells, 0, 0);
  }
}
