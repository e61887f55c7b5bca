// SPDX-License-Identifier: Apache-2.0
import {
  ActivityFailure,
  ApplicationFailure,
  isCancellation,
  setCurrentDetails,
  setHandler,
} from '@temporalio/workflow';

import { plainLines } from '../common/text.js';
import type { StageOutcome } from '../activities/stage-contracts.js';
import { WORK_LABEL, type WorkName } from '../pipeline/index.js';
import { setAttributes, type AttributedRun } from './run-attributes.js';
import { progressQuery, stageProgressSignal } from './messages.js';
import {
  initialProgress,
  runEnded,
  stageAdvanced,
  stageFinished,
  stageStarted,
  type RunFailure,
  type RunProgress,
} from './progress-state.js';
import { parseStageNews } from './stage-news.js';
import { progressMarkdown } from './progress-text.js';

/** Runs stages one after the other and keeps the workflow's progress page and query up to date. */
export class StageRunner {
  private progress: RunProgress;
  private run: AttributedRun | undefined;

  constructor(names: readonly WorkName[]) {
    this.progress = initialProgress(names);
    setHandler(progressQuery, () => this.progress);
    setHandler(stageProgressSignal, (given) => {
      const news = parseStageNews(given);
      if (news !== undefined) this.show(stageAdvanced(this.progress, news));
    });
    this.show(this.progress);
  }

  /** Runs one stage; a failure is told on the page and rethrown naming the stage. */
  async stage<Result>(
    name: WorkName,
    call: () => Promise<Result>,
    outcomeOf: (result: Result) => StageOutcome,
  ): Promise<Result> {
    this.show(stageStarted(this.progress, name));
    setAttributes(this.run, { stage: name });
    try {
      const result = await call();
      this.show(stageFinished(this.progress, outcomeOf(result)));
      return result;
    } catch (error) {
      throw this.ended(name, error);
    }
  }

  /** A stage of several parts has begun; of one that runs already nothing changes. */
  begin(name: WorkName): void {
    if (this.progress.stages.some((stage) => stage.name === name && stage.state === 'waiting')) {
      this.show(stageStarted(this.progress, name));
      setAttributes(this.run, { stage: name });
    }
  }

  /** Some parts of a running stage are done. */
  count(
    name: WorkName,
    { done, of, what }: { readonly done: number; readonly of: number; readonly what: string },
  ): void {
    const phase = `${done} of ${of} ${what}`;
    this.show(stageAdvanced(this.progress, { stage: name, fraction: done / of, phase, attempt: 1 }));
  }

  /** A stage of several parts has ended well. */
  end(outcome: StageOutcome): void {
    this.show(stageFinished(this.progress, outcome));
  }

  /** Tells which run it is, now that it is known. */
  describe(run: AttributedRun & { readonly title: string }): void {
    const { title, domain, cycle } = run;
    this.run = run;
    setAttributes(run, { domain, cycle });
    this.show({ ...this.progress, title, cycle });
  }

  /** The run has ended well. */
  finish(products?: RunProgress['products'], quality?: 'ok' | 'degraded'): void {
    if (quality !== undefined) setAttributes(this.run, { quality, degraded: quality === 'degraded' });
    this.show({ ...this.progress, state: 'done', ...(products === undefined ? {} : { products }) });
  }

  /** The run ends with an error of a stage: tells it on the page, and returns what to throw. */
  ended(name: WorkName, error: unknown): unknown {
    if (isCancellation(error)) {
      this.show(runEnded(this.progress, 'cancelled'));
      return error;
    }
    const failure = rootFailure(name, error);
    this.show(runEnded(this.progress, 'failed', { type: failure.type ?? 'Internal', message: failure.message }));
    return failure;
  }

  private show(progress: RunProgress): void {
    this.progress = progress;
    setCurrentDetails(progressMarkdown(progress));
  }
}

/** The application failure that ends the workflow: tag and facts of the root cause, message naming the stage. */
function rootFailure(name: WorkName, error: unknown): ApplicationFailure {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  const details = cause instanceof ApplicationFailure ? (cause.details ?? []) : [];
  const type: RunFailure['type'] =
    cause instanceof ApplicationFailure ? (cause.type ?? 'Internal') : cause instanceof Error ? cause.name : 'Internal';
  const message = cause instanceof Error ? cause.message : String(cause);
  return ApplicationFailure.create({
    message: `${WORK_LABEL[name]}: ${plainLines(message)}`,
    type,
    // the activity's own policy has decided already; running the whole workflow again would change nothing
    nonRetryable: true,
    details,
    ...(error instanceof Error ? { cause: error } : {}),
  });
}
