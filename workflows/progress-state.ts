// SPDX-License-Identifier: Apache-2.0
/**
 * Where a run stands, as a value. Pure functions: the workflow keeps the state, the terminal and the Web UI show it.
 *
 * @module
 */
import type { StageOutcome, StageProgress } from '../activities/stage-contracts.js';
import type { WorkName } from '../pipeline/index.js';

export type StageState = 'waiting' | 'running' | 'done' | 'reused' | 'failed' | 'cancelled';

export interface StageStatus {
  readonly name: WorkName;
  readonly state: StageState;
  /** Of the computation, or of finding it unchanged. */
  readonly seconds?: number;
  /** Why it ran or was reused. */
  readonly reason?: string;
  /** Result in a few words. */
  readonly summary?: string;
  /** Latest news while it runs. */
  readonly progress?: StageProgress;
}

export interface RunFailure {
  /** Dotted tag, e.g. `Ingest.UnknownUnits`. */
  readonly type: string;
  readonly message: string;
}

/** Answer of the `progress` query. */
export interface RunProgress {
  readonly schemaVersion: 1;
  readonly state: 'running' | 'done' | 'failed' | 'cancelled';
  readonly title?: string;
  readonly cycle?: string;
  readonly stages: readonly StageStatus[];
  /** Present when the products lie in place. */
  readonly products?: { readonly folder: string; readonly files: readonly string[] };
  readonly failure?: RunFailure;
}

/** A run about to start. */
export function initialProgress(names: readonly WorkName[]): RunProgress {
  return { schemaVersion: 1, state: 'running', stages: names.map((name) => ({ name, state: 'waiting' })) };
}

function withStage(progress: RunProgress, name: WorkName, change: Partial<StageStatus>): RunProgress {
  return {
    ...progress,
    stages: progress.stages.map((stage) => (stage.name === name ? { ...stage, ...change } : stage)),
  };
}

/** A stage has been asked for. */
export function stageStarted(progress: RunProgress, name: WorkName): RunProgress {
  return withStage(progress, name, { state: 'running' });
}

/** A running stage tells news; late news of a finished stage change nothing. */
export function stageAdvanced(progress: RunProgress, news: StageProgress): RunProgress {
  const stage = progress.stages.find(({ name }) => name === news.stage);
  return stage?.state === 'running' ? withStage(progress, news.stage, { progress: news }) : progress;
}

/** A stage has ended well. */
export function stageFinished(progress: RunProgress, outcome: StageOutcome): RunProgress {
  const summary = outcome.facts['summary'];
  return withStage(progress, outcome.name, {
    state: outcome.reused ? 'reused' : 'done',
    seconds: outcome.seconds,
    reason: outcome.reason,
    ...(typeof summary === 'string' ? { summary } : {}),
  });
}

/** The run has ended badly; stages that were running share its fate, the others were never reached. */
export function runEnded(progress: RunProgress, state: 'failed' | 'cancelled', failure?: RunFailure): RunProgress {
  return {
    ...progress,
    state,
    stages: progress.stages.map((stage) => (stage.state === 'running' ? { ...stage, state } : stage)),
    ...(failure === undefined ? {} : { failure }),
  };
}
