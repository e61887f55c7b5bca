// SPDX-License-Identifier: Apache-2.0
import { Context } from '@temporalio/activity';

import { messageOf } from '../../common/errors.js';
import { phaseKind, STAGE_PROGRESS_SIGNAL, type StageProgress } from '../stage-contracts.js';
import type { WorkName } from '../../pipeline/index.js';

/** At most one signal in this time at the beginning: two minutes of fitting add about 25 signals to the history. */
export const SIGNAL_INTERVAL_MS = 5000;

/** Of a stage that runs for hours. */
const LONGEST_INTERVAL_MS = 300_000;

/** Later the time between signals is this share of the time that the stage has run. */
const INTERVAL_SHARE = 1 / 30;

/** Changes of phase that are told at once. */
const PROMPT_PHASES = 40;

/**
 * Time between two signals of a stage that has run for so long. A signal is four events in the history, which the server ends at
 * 50,000: a day makes 420 signals so, and 17,000 at five seconds each.
 */
export function signalIntervalMs(elapsedMs: number): number {
  return Math.min(LONGEST_INTERVAL_MS, Math.max(SIGNAL_INTERVAL_MS, INTERVAL_SHARE * elapsedMs));
}

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
 * Carries the news of one stage to its workflow, throttled: the first one and the first changes of phase at once, others at most
 * every five seconds, and of a long stage less often (`signalIntervalMs`); heartbeats carry all of them. Progress is for people:
 * when a message cannot be sent, the stage goes on.
 */
export class ProgressChannel {
  private lastSentMs = -Infinity;
  private lastPhase: string | undefined;
  private phasesTold = 0;
  private readonly startMs: number;
  private pending: StageProgress | undefined;
  private sending: Promise<void> | undefined;

  constructor(
    private readonly stage: WorkName,
    private readonly attempt: number,
    private readonly send: SendProgress,
    private readonly warn: (message: string) => void,
    private readonly nowMs: () => number = Date.now,
  ) {
    this.startMs = nowMs();
  }

  /** The latest news, sent or not; it also goes into the heartbeat. */
  get latest(): StageProgress | undefined {
    return this.pending;
  }

  report(news: StageNews): void {
    this.pending = { stage: this.stage, attempt: this.attempt, ...news };
    const phase = phaseKind(news.phase);
    const nowMs = this.nowMs();
    const isNewPhase = phase !== this.lastPhase && this.phasesTold < PROMPT_PHASES;
    const isDue = nowMs - this.lastSentMs >= signalIntervalMs(nowMs - this.startMs);
    if (!(isNewPhase || isDue) || this.sending !== undefined) return;
    if (phase !== this.lastPhase) this.phasesTold += 1;
    this.lastPhase = phase;
    this.lastSentMs = nowMs;
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
