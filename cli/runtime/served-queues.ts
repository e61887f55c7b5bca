// SPDX-License-Identifier: Apache-2.0
import type { NativeConnection, Worker } from '@temporalio/worker';

import { waitUntil } from '../../common/processes.js';

/** One task queue, as the worker that polls it sees itself. */
export interface QueueState {
  readonly name: string;
  /** `RUNNING` while tasks are taken. */
  readonly state: ReturnType<Worker['getState']>;
}

/** An answer of the server is good for so long, and asked for only when somebody wants to know. */
const ANSWER_LASTS_MS = 5000;
const ANSWER_TIMEOUT_MS = 2000;
/** Longer than a worker restores what killed publications left. */
const BEGIN_TIMEOUT_MS = 60_000;

/** The workers of one process, from their making to their end. */
export class ServedQueues {
  private asked: { readonly atMs: number; readonly answer: Promise<boolean> } | undefined;

  constructor(
    private readonly workers: readonly Worker[],
    private readonly connection: Pick<NativeConnection, 'withDeadline' | 'workflowService'>,
  ) {}

  states(): QueueState[] {
    return this.workers.map((worker) => ({ name: worker.options.taskQueue, state: worker.getState() }));
  }

  /** True when the server answered a cheap call within two seconds, at most five seconds ago. */
  serverAnswers(): Promise<boolean> {
    if (this.asked === undefined || Date.now() - this.asked.atMs >= ANSWER_LASTS_MS) {
      const { connection } = this;
      const call = connection.withDeadline(Date.now() + ANSWER_TIMEOUT_MS, () =>
        connection.workflowService.getSystemInfo({}),
      );
      const answer = call.then(
        () => true,
        () => false,
      );
      this.asked = { atMs: Date.now(), answer };
    }
    return this.asked.answer;
  }

  /**
   * Runs all workers until the signal is aborted or one of them fails; then the others are shut down too, and give their running
   * activities back.
   *
   * @throws what the worker threw that failed first
   */
  async runUntil(stop: AbortSignal): Promise<void> {
    const running = this.workers.map((worker) => worker.run());
    const stopped = new Promise<void>((resolve) => {
      stop.addEventListener('abort', () => resolve(), { once: true });
      if (stop.aborted) resolve();
    });
    // an end that nobody asked for is a failure, and what follows from it is the same
    await Promise.race([stopped, ...running]).catch(() => undefined);
    const results = await Promise.allSettled([...this.workers.map(shutDown), ...running]);
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }
}

/** A worker that has not begun to run cannot be shut down yet. */
async function shutDown(worker: Worker): Promise<void> {
  await waitUntil(() => worker.getState() !== 'INITIALIZED', BEGIN_TIMEOUT_MS);
  if (worker.getState() === 'RUNNING') worker.shutdown();
}
