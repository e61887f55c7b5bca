// SPDX-License-Identifier: Apache-2.0
import { defineQuery, defineSignal } from '@temporalio/workflow';

import type { STAGE_PROGRESS_SIGNAL, StageProgress } from '../activities/stage-contracts.js';
import type { RunProgress } from './progress-state.js';

/** Query: where the run stands, as JSON; the same facts as its current details. */
export const progressQuery = defineQuery<RunProgress>('progress');

/** Signal: news from a running stage. */
export const stageProgressSignal = defineSignal<[StageProgress]>(
  'stageProgress' satisfies typeof STAGE_PROGRESS_SIGNAL,
);
