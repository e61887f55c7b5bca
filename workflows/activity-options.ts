// SPDX-License-Identifier: Apache-2.0
/**
 * Timeouts and retries of every activity, in one place, each with its reason.
 *
 * @module
 */
import { ActivityCancellationType, type ActivityOptions } from '@temporalio/workflow';

/** Errors carry their own decision (`nonRetryable`), so no policy lists types. */
const RETRY_BRIEFLY = {
  // a full disk or a file being replaced may be well again in seconds; more attempts would only delay the message
  initialInterval: '1s',
  backoffCoefficient: 3,
  maximumAttempts: 4,
} as const;

/** Stages of seconds: reading, meshing, judging. */
export const QUICK_STAGE: ActivityOptions = {
  // a year of hourly files on a slow disk stays below; a hung file system should not hold the night's forecast
  startToCloseTimeout: '10 minutes',
  // activities beat every 5 s whatever their progress: twelve lost beats mean that the worker is gone
  heartbeatTimeout: '60s',
  retry: RETRY_BRIEFLY,
};

/** Stages that draw and write for up to minutes in the worker. */
export const PUBLISH_STAGE: ActivityOptions = {
  // a continent at 0.02 degree is 4 GB of NetCDF: a quarter of an hour to deflate and to read back, longer on a slow disk
  startToCloseTimeout: '3 hours',
  heartbeatTimeout: '60s',
  retry: RETRY_BRIEFLY,
};

/** Stages that drive the engine process. */
export const ENGINE_STAGE: ActivityOptions = {
  // no start-to-close limit would let a loop without progress run for ever; a day is beyond any daily fit
  startToCloseTimeout: '24 hours',
  // six lost beats; short, because a lost worker is the one thing that only this timeout notices
  heartbeatTimeout: '30s',
  retry: {
    initialInterval: '1s',
    backoffCoefficient: 2,
    // a lost node comes back within minutes; each attempt resumes from the last checkpoint
    maximumInterval: '1 minute',
    // the engine crashing again and again at one place is decided by the activity, which knows the checkpoints
    maximumAttempts: 30,
  },
  // the engine writes its checkpoint before the workflow calls itself cancelled
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
};

/** Telling an operator. */
export const HOOK_CALL: ActivityOptions = {
  // the hook itself is given half a minute
  startToCloseTimeout: '1 minute',
  // a pager that does not answer within minutes will not be waited for: the forecast goes on
  retry: { initialInterval: '2s', backoffCoefficient: 3, maximumAttempts: 4 },
};

/** Fits run on their own task queue, one at a time a worker: each takes all processors. */
export function engineTaskQueue(taskQueue: string): string {
  return `${taskQueue}-engine`;
}
