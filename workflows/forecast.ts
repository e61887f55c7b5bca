// SPDX-License-Identifier: Apache-2.0
import { defineSearchAttributeKey } from '@temporalio/common';
import { patched, workflowInfo } from '@temporalio/workflow';

import type { ForecastInput } from '../activities/forecast-input.js';
import type { StageOutcome } from '../activities/stage-contracts.js';
import { stageActivities } from './stage-activities.js';
import { StageRunner } from './stage-runner.js';

/** What a finished forecast returns. */
export interface ForecastResult {
  readonly schemaVersion: 1;
  readonly domain: string;
  /** YYYY-MM-DD. */
  readonly cycle: string;
  /** Folder of the products. */
  readonly folder: string;
  readonly files: readonly string[];
  readonly stages: readonly StageOutcome[];
}

/** Marks the histories of runs with the stage `integrate`. */
const INTEGRATE_STAGE_PATCH = 'integrate-stage';

const SCHEDULED_START_TIME = defineSearchAttributeKey('TemporalScheduledStartTime', 'DATETIME');

/** Time for which a schedule started this run; absent when a person or a program did. */
function scheduledStartTime(): string | undefined {
  return workflowInfo().typedSearchAttributes.get(SCHEDULED_START_TIME)?.toISOString();
}

/**
 * One forecast, from CAMS files to published maps. Stages whose result is known are not computed again.
 *
 * @param input - see docs/reference/configuration.md; validated first, by an activity
 * @throws ApplicationFailure with the dotted type and the facts of the stage that failed
 */
export async function forecast(input: ForecastInput): Promise<ForecastResult> {
  const activities = stageActivities();
  const runner = new StageRunner([
    'resolve-cycle',
    'ingest',
    'quality-gate',
    'mesh',
    'fit',
    'integrate',
    'downscale',
    'publish',
  ]);
  const itself = (outcome: StageOutcome) => outcome;

  const scheduled = scheduledStartTime();
  const { run, outcome: resolved } = await runner.stage(
    'resolve-cycle',
    () => activities.resolveCycle({ input, ...(scheduled === undefined ? {} : { scheduledStartTime: scheduled }) }),
    (result) => result.outcome,
  );
  runner.describe({ title: run.title, cycle: run.cycle });

  const ingest = await runner.stage('ingest', () => activities.ingest({ run, inputs: {} }), itself);
  const quality = await runner.stage(
    'quality-gate',
    () => activities.qualityGate({ run, inputs: ingest.outputs }),
    itself,
  );
  const mesh = await runner.stage('mesh', () => activities.mesh({ run, inputs: ingest.outputs }), itself);
  const modelInputs = { ...ingest.outputs, ...mesh.outputs };
  const fit = await runner.stage('fit', () => activities.fit({ run, inputs: modelInputs }), itself);
  const fitted = { ...modelInputs, ...fit.outputs };
  // histories from before this stage have no such activity
  const integrate = patched(INTEGRATE_STAGE_PATCH)
    ? await runner.stage('integrate', () => activities.integrate({ run, inputs: fitted }), itself)
    : undefined;
  const inferred = { ...fitted, ...integrate?.outputs };
  const downscale = await runner.stage('downscale', () => activities.downscale({ run, inputs: inferred }), itself);

  const earlier = [resolved, ingest, quality, mesh, fit, ...(integrate === undefined ? [] : [integrate]), downscale];
  const inputs = { ...inferred, ...quality.outputs, ...downscale.outputs };
  const published = await runner.stage(
    'publish',
    () => activities.publish({ run, inputs, stages: earlier }),
    (result) => result.outcome,
  );
  runner.finish({ folder: published.folder, files: published.files });
  return {
    schemaVersion: 1,
    domain: run.domain,
    cycle: run.cycle,
    folder: published.folder,
    files: published.files,
    stages: [...earlier, published.outcome],
  };
}
