// SPDX-License-Identifier: Apache-2.0
import { Context } from '@temporalio/activity';

import { messageOf } from '../../common/errors.js';
import { phaseKind, STAGE_PROGRESS_SIGNAL, type StageProgress } from '../stage-contracts.js';
import type { StageName } from '../../pipeline/index.js';

/** At most one signal in this time: two minutes of fitting add about 25 signals to the history. */
export const SIGNAL_INTERVAL_MS = 5000;

/** News without the parts that every message of an activity has. */
export type StageNews = Omit<StageProgress, 'stage' | 'attempt'>;

/** Sends a message to the workflow of the running activity. */
export type SendProgress = (news: StageProgress) => Promise<void>;

/** Signals the workflow that runs the current activity, through the worker's own connection. */
export function signalOwnWorkflow(): SendProgress {
  const context = Context.current();
  const execution = context.info.workflowExecution;
  if (execution === undefined) return () => Promise.resolve();
  return async (news) => {
    const handle = context.client.workflow.getHandle(execution.workflowId, execution.runId);
    await handle.signal(STAGE_PROGRESS_SIGNAL, news);
  };
}

/**
 * Carries the news of one stage to its workflow, throttled: the first one and every change of phase at once, others at most
 * every five seconds. Progress is for people: when a message cannot be sent, the stage goes on.
 */
export class ProgressChannel {
  private lastSentMs = -Infinity;
  private lastPhase: string | undefined;
  private pending: StageProgress | undefined;
  private sending: Promise<void> | undefined;

  constructor(
    private readonly stage: StageName,
    private readonly attempt: number,
    private readonly send: SendProgress,
    private readonly warn: (message: string) => void,
    private readonly nowMs: () => number = Date.now,
  ) {}

  /** The latest news, sent or not; it also goes into the heartbeat. */
  get latest(): StageProgress | undefined {
    return this.pending;
  }

  report(news: StageNews): void {
    this.pending = { stage: this.stage, attempt: this.attempt, ...news };
    const phase = phaseKind(news.phase);
    const due = phase !== this.lastPhase || this.nowMs() - this.lastSentMs >= SIGNAL_INTERVAL_MS;
    if (!due || this.sending !== undefined) return;
    this.lastPhase = phase;
    this.lastSentMs = this.nowMs();
    this.sending = this.send(this.pending)
      .catch((error: unknown) => this.warn(`progress of ${this.stage} could not be sent: ${messageOf(error)}`))
      .finally(() => {
        this.sending = undefined;
      });
  }

  /** Waits for a message under way, so that none arrives after the stage's end. */
  async close(): Promise<void> {
    await this.sending;
  }
}
