// SPDX-License-Identifier: Apache-2.0
import { proxyActivities, workflowInfo, type ActivityOptions } from '@temporalio/workflow';

import type { TramontanaActivities } from '../activities/activity-interface.js';
import type { StageArgs, StageOutcome } from '../activities/stage-contracts.js';
import { activityName, STAGES, type ActivityName, type MiddleStage, type StageKind } from '../pipeline/index.js';
import { ENGINE_STAGE, engineTaskQueue, PUBLISH_STAGE, QUICK_STAGE } from './activity-options.js';

/** Of the stages of a kind; the engine's ones go to the engine queue of the workflow's own task queue. */
function optionsOf(kind: StageKind): ActivityOptions {
  switch (kind) {
    case 'quick':
      return QUICK_STAGE;
    case 'publication':
      return PUBLISH_STAGE;
    case 'engine':
      return { ...ENGINE_STAGE, taskQueue: engineTaskQueue(workflowInfo().taskQueue) };
  }
}

/** The activities of the stages, each with the time-outs and the queue of its kind. */
function activitiesWith(more: ActivityOptions): TramontanaActivities {
  const proxyOf = (kind: StageKind): TramontanaActivities =>
    proxyActivities<TramontanaActivities>({ ...optionsOf(kind), ...more });
  const proxies = { quick: proxyOf('quick'), engine: proxyOf('engine'), publication: proxyOf('publication') };
  const stages = STAGES.map(({ name, kind }) => [activityName(name), proxies[kind][activityName(name)]]);
  const { resolveFit } = proxies.quick;
  const { fitModel } = proxies.engine;
  return { ...Object.fromEntries(stages), resolveFit, fitModel } as TramontanaActivities;
}

/** The activities with their time-outs. */
export function stageActivities(): TramontanaActivities {
  return activitiesWith({});
}

/** The activities for one tile, which are named after it in the history. */
export function tileActivities(tile: string): TramontanaActivities {
  return activitiesWith({ summary: `tile ${tile}` });
}

interface CallArguments {
  readonly run: StageArgs['run'];
  readonly inputs: StageOutcome['outputs'];
}

/** Runs a stage by its name. Which artifacts it may be given follows from the pipeline; it asks for what it needs. */
export function callStage(
  activities: TramontanaActivities,
  name: MiddleStage,
  args: CallArguments,
): Promise<StageOutcome> {
  const calls: Readonly<Record<ActivityName<MiddleStage>, (given: CallArguments) => Promise<StageOutcome>>> =
    activities;
  return calls[activityName(name)](args);
}
