// SPDX-License-Identifier: Apache-2.0
import { TramontanaError } from '../common/errors.js';

/** How long a command may go on unseen after the end of the npx that started it. */
const PARENT_CHECK_MS = 1000;

/**
 * Ctrl-C (SIGINT), SIGTERM and SIGHUP: the first one asks to stop, the second one insists. Under npx the end of the parent asks too: npm
 * hands a SIGTERM to its shell only, which ends and leaves the command behind.
 */
export class Interruption {
  private count = 0;
  private readonly first: Promise<void>;
  private readonly second: Promise<void>;
  private announceFirst: () => void = () => undefined;
  private announceSecond: () => void = () => undefined;
  private readonly listener = (): void => {
    this.count += 1;
    if (this.count === 1) this.announceFirst();
    else this.announceSecond();
  };
  private parentCheck: NodeJS.Timeout | undefined;

  constructor() {
    this.first = new Promise((resolve) => (this.announceFirst = resolve));
    this.second = new Promise((resolve) => (this.announceSecond = resolve));
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, this.listener);
    // elsewhere a parent that ends is no sign: a shell that was left, a script that starts a service
    if (process.env['npm_lifecycle_event'] === 'npx') this.watchParent();
  }

  private watchParent(): void {
    const parent = process.ppid;
    this.parentCheck = setInterval(() => {
      if (process.ppid === parent) return;
      clearInterval(this.parentCheck);
      // Ctrl-C reaches everyone: then the shell's end is not a second wish
      if (!this.isAsked) this.listener();
    }, PARENT_CHECK_MS).unref();
  }

  get isAsked(): boolean {
    return this.count > 0;
  }

  get isInsisted(): boolean {
    return this.count > 1;
  }

  /** Resolves at the first signal. */
  asked(): Promise<void> {
    return this.first;
  }

  /** Resolves at the second signal. */
  insisted(): Promise<void> {
    return this.second;
  }

  /** @throws {TramontanaError} `Run.Cancelled` after a signal */
  throwIfAsked(): void {
    if (this.isAsked) throw new TramontanaError('Run.Cancelled', 'stopped before the run began', { retryable: true });
  }

  /** Gives the signals back to their default. */
  dispose(): void {
    clearInterval(this.parentCheck);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, this.listener);
  }
}
