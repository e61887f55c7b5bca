// SPDX-License-Identifier: Apache-2.0
import { defineSearchAttributeKey } from '@temporalio/common';
import { patched, workflowInfo } from '@temporalio/workflow';

import { artifactsOfDomain } from '../common/tile-names.js';
import type { ForecastInput } from '../activities/inputs/forecast-input.js';
import type { RunContext, StageArgs, StageOutcome } from '../activities/stage-contracts.js';
import { stageActivities } from './stage-activities.js';
import { StageRunner } from './stage-runner.js';
import { runTiles, tilesOf, type TiledStages } from './tiles.js';

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
  const tiles = tilesOf(mesh);
  const earlier = [resolved, ingest, quality, mesh];
  const modelInputs = { ...ingest.outputs, ...mesh.outputs };
  const fields =
    tiles.length > 0
      ? await tiledFields(runner, run, { tiles, mesh })
      : await fieldsOfOne(runner, activities, { run, inputs: modelInputs });
  const published = await runner.stage(
    'publish',
    () =>
      activities.publish({
        run,
        inputs: { ...artifactsOfDomain(modelInputs), ...quality.outputs, ...fields.outputs },
        stages: [...earlier, ...fields.outcomes],
        ...(fields.failedTiles.length === 0 ? {} : { failedTiles: fields.failedTiles }),
      }),
    (result) => result.outcome,
  );
  runner.finish({ folder: published.folder, files: published.files });
  return {
    schemaVersion: 1,
    domain: run.domain,
    cycle: run.cycle,
    folder: published.folder,
    files: published.files,
    stages: [...earlier, ...fields.outcomes, published.outcome],
  };
}

/** The stages between the choice of the route and the products, tile by tile. */
async function tiledFields(
  runner: StageRunner,
  run: RunContext,
  given: Parameters<typeof runTiles>[2],
): Promise<TiledStages> {
  const fields = await runTiles(runner, run, given);
  for (const outcome of fields.outcomes) runner.end(outcome);
  return fields;
}

/** The stages between the choice of the route and the products of a domain in one rectangle. */
async function fieldsOfOne(
  runner: StageRunner,
  activities: ReturnType<typeof stageActivities>,
  { run, inputs: modelInputs }: StageArgs,
): Promise<TiledStages> {
  const itself = (outcome: StageOutcome) => outcome;
  const fit = await runner.stage('fit', () => activities.fit({ run, inputs: modelInputs }), itself);
  const fitted = { ...modelInputs, ...fit.outputs };
  // histories from before this stage have no such activity
  const integrate = patched(INTEGRATE_STAGE_PATCH)
    ? await runner.stage('integrate', () => activities.integrate({ run, inputs: fitted }), itself)
    : undefined;
  const inferred = { ...fitted, ...integrate?.outputs };
  const downscale = await runner.stage('downscale', () => activities.downscale({ run, inputs: inferred }), itself);
  return {
    outcomes: [fit, ...(integrate === undefined ? [] : [integrate]), downscale],
    outputs: { ...inferred, ...downscale.outputs },
    failedTiles: [],
  };
}
