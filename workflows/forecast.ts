// SPDX-License-Identifier: Apache-2.0
import { defineSearchAttributeKey } from '@temporalio/common';
import { patched, workflowInfo } from '@temporalio/workflow';

import type { TramontanaActivities } from '../activities/activity-interface.js';
import type { ForecastInput } from '../activities/inputs/forecast-input.js';
import type { RunContext, StageOutcome } from '../activities/stage-contracts.js';
import { artifactsOfDomain } from '../common/tile-names.js';
import { MIDDLE_STAGES, STAGE_NAMES, stagesBefore, type StageName } from '../pipeline/index.js';
import { callStage, stageActivities } from './stage-activities.js';
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
  /** Degraded products say why; absent in results of before. */
  readonly quality?: 'ok' | 'degraded';
}

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
  const runner = new StageRunner(STAGE_NAMES);
  const scheduled = scheduledStartTime();
  const { run, outcome: resolved } = await runner.stage(
    'resolve-cycle',
    () => activities.resolveCycle({ input, ...(scheduled === undefined ? {} : { scheduledStartTime: scheduled }) }),
    (result) => result.outcome,
  );
  runner.describe(run);
  const middle = await middleStages(activities, runner, run);
  const stages = [resolved, ...middle.outcomes];
  const published = await runner.stage(
    'publish',
    () =>
      activities.publish({
        run,
        inputs: middle.inputsOf('publish'),
        stages,
        ...(middle.failedTiles.length === 0 ? {} : { failedTiles: middle.failedTiles }),
      }),
    (result) => result.outcome,
  );
  const quality = published.outcome.facts['decision'] === 'degrade' ? 'degraded' : 'ok';
  runner.finish({ folder: published.folder, files: published.files }, quality);
  return {
    schemaVersion: 1,
    domain: run.domain,
    cycle: run.cycle,
    folder: published.folder,
    files: published.files,
    stages: [...stages, published.outcome],
    quality,
  };
}

/** What the stages between the first and the last made. */
interface MiddleStages extends Pick<TiledStages, 'outcomes' | 'failedTiles'> {
  /** The artifacts of the stages that a stage builds on. */
  inputsOf(name: StageName): StageOutcome['outputs'];
}

/** Runs the stages of the pipeline in their order, those of tiles together. */
async function middleStages(
  activities: TramontanaActivities,
  runner: StageRunner,
  run: RunContext,
): Promise<MiddleStages> {
  const outcomes: StageOutcome[] = [];
  const made = new Map<StageName, StageOutcome['outputs']>();
  const inputsOf = (name: StageName): StageOutcome['outputs'] =>
    Object.assign({}, ...stagesBefore(name).map((earlier) => made.get(earlier) ?? {})) as StageOutcome['outputs'];
  let tiled: TiledStages | undefined;
  let cut: StageOutcome | undefined;
  for (const { name, isTiled, patch } of MIDDLE_STAGES) {
    if (isTiled === true && cut !== undefined) {
      if (tiled !== undefined) continue;
      tiled = await runTiles(runner, run, cut);
      for (const outcome of tiled.outcomes) runner.end(outcome);
      outcomes.push(...tiled.outcomes);
      made.set(name, tiled.outputs);
      continue;
    }
    // histories from before a stage have no such activity
    if (patch !== undefined && !patched(patch)) continue;
    const outcome = await runner.stage(
      name,
      () => callStage(activities, name, { run, inputs: inputsOf(name) }),
      (result) => result,
    );
    outcomes.push(outcome);
    // artifacts of tiles belong to the stages that run once a tile
    made.set(name, artifactsOfDomain(outcome.outputs));
    if (tilesOf(outcome).length > 0) cut = outcome;
  }
  return { outcomes, failedTiles: tiled?.failedTiles ?? [], inputsOf };
}
