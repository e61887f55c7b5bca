// SPDX-License-Identifier: Apache-2.0
import { ApplicationFailure, isCancellation, log, proxyActivities, workflowInfo } from '@temporalio/workflow';

import type { TramontanaActivities } from '../activities/activity-interface.js';
import type { OperatorEvent } from '../activities/schedule/schedule-contracts.js';
import { HOOK_CALL, QUICK_STAGE } from './activity-options.js';

/** The activities of schedules and backfills that read. */
export function scheduleActivities(): Pick<
  TramontanaActivities,
  'resolveSchedule' | 'resolveBackfill' | 'lookForInput'
> {
  return proxyActivities<TramontanaActivities>(QUICK_STAGE);
}

/** What is told of a cycle. */
export type Told = Pick<OperatorEvent, 'event' | 'reason' | 'folder'>;

/** Of which day something is told. */
export type ToldOf = Pick<OperatorEvent, 'domain' | 'cycle' | 'deadline'>;

/** Tells an operator. A hook that fails does not fail the forecast: it is tried, and logged. */
export async function tell(cycle: ToldOf, told: Told): Promise<void> {
  const { notify } = proxyActivities<TramontanaActivities>({ ...HOOK_CALL, summary: told.event });
  const { workflowId, runId } = workflowInfo();
  const { domain, cycle: day, deadline } = cycle;
  try {
    await notify({ schemaVersion: 1, domain, cycle: day, deadline, workflowId, runId, ...told });
  } catch (error) {
    if (isCancellation(error)) throw error;
    log.warn(`nobody could be told: ${reasonOf(error)}`, { event: told.event });
  }
}

/** Why something failed, in its own words. */
export function reasonOf(error: unknown): string {
  let cause = error;
  while (!(cause instanceof ApplicationFailure) && cause instanceof Error && cause.cause instanceof Error) {
    cause = cause.cause;
  }
  return cause instanceof Error ? cause.message : String(cause);
}

/** The tag of what failed. */
export function tagOf(error: unknown): string {
  let cause = error;
  while (cause instanceof Error && !(cause instanceof ApplicationFailure)) cause = cause.cause;
  return cause instanceof ApplicationFailure ? (cause.type ?? 'Internal') : 'Internal';
}
