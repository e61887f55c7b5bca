// SPDX-License-Identifier: Apache-2.0
import { defineQuery, defineSignal } from '@temporalio/workflow';

import type { STAGE_PROGRESS_SIGNAL, StageProgress } from '../activities/stage-contracts.js';
import type { BackfillProgress } from './backfill-progress.js';
import type { DailyProgress } from './daily-progress.js';
import type { RunProgress } from './progress-state.js';

/** Query: where the run stands, as JSON; the same facts as its current details. */
export const progressQuery = defineQuery<RunProgress>('progress');

/** Query: where a day of a schedule stands. */
export const dailyProgressQuery = defineQuery<DailyProgress>('dailyProgress');

/** Query: where a backfill stands. */
export const backfillProgressQuery = defineQuery<BackfillProgress>('backfillProgress');

/** Signal: news from a running stage. */
export const stageProgressSignal = defineSignal<[StageProgress]>(
  'stageProgress' satisfies typeof STAGE_PROGRESS_SIGNAL,
);
