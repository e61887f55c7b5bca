// SPDX-License-Identifier: Apache-2.0
import { proxyActivities, workflowInfo } from '@temporalio/workflow';

import type { TramontanaActivities } from '../activities/activity-interface.js';
import { ENGINE_STAGE, engineTaskQueue, PUBLISH_STAGE, QUICK_STAGE } from './activity-options.js';

/** The engine's stages of one tile, each named after it in the history. */
export function tileActivities(tile: string): Pick<TramontanaActivities, 'fit' | 'integrate' | 'downscale'> {
  return proxyActivities<TramontanaActivities>({
    ...ENGINE_STAGE,
    taskQueue: engineTaskQueue(workflowInfo().taskQueue),
    summary: `tile ${tile}`,
  });
}

/** The activities with their timeouts; the engine's ones on the engine queue of the workflow's own task queue. */
export function stageActivities(): TramontanaActivities {
  const { resolveCycle, resolveFit, ingest, qualityGate, mesh } = proxyActivities<TramontanaActivities>(QUICK_STAGE);
  const { publish } = proxyActivities<TramontanaActivities>(PUBLISH_STAGE);
  const { fit, integrate, downscale } = proxyActivities<TramontanaActivities>({
    ...ENGINE_STAGE,
    taskQueue: engineTaskQueue(workflowInfo().taskQueue),
  });
  return { resolveCycle, resolveFit, ingest, qualityGate, mesh, fit, integrate, downscale, publish };
}
