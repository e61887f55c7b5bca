// SPDX-License-Identifier: Apache-2.0
import { TramontanaError } from '../common/errors.js';

/** Ctrl-C (SIGINT), SIGTERM and SIGHUP: the first one asks to stop, the second one insists. */
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

  constructor() {
    this.first = new Promise((resolve) => (this.announceFirst = resolve));
    this.second = new Promise((resolve) => (this.announceSecond = resolve));
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, this.listener);
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
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, this.listener);
  }
}
