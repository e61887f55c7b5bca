// SPDX-License-Identifier: Apache-2.0
/**
 * A domain in tiles: the stages of one rectangle for each of them, side by side on as many workers as there are.
 *
 * @module
 */
import { ActivityFailure, ApplicationFailure, isCancellation } from '@temporalio/workflow';

import type { FailedTile, RunContext, StageOutcome } from '../activities/stage-contracts.js';
import { plainLines } from '../common/text.js';
import { artifactsOfTile, tileArtifact } from '../common/tile-names.js';
import { TILED_STAGES, type MiddleStage, type StageName } from '../pipeline/index.js';
import { callStage, tileActivities } from './stage-activities.js';
import type { StageRunner } from './stage-runner.js';

/** Activities that wait on the engine queue at most: enough for any number of workers, few enough for the server. */
const TILES_IN_FLIGHT = 64;

/** A forecast of which fewer tiles stand is none. */
const LEAST_SHARE = 0.5;

const TILE_STAGES: readonly MiddleStage[] = TILED_STAGES.map(({ name }) => name);

/** What all tiles made. */
export interface TiledStages {
  /** Of the stages that run once a tile, each over all tiles. */
  readonly outcomes: readonly StageOutcome[];
  /** Artifacts of the tiles by name. */
  readonly outputs: StageOutcome['outputs'];
  readonly failedTiles: readonly FailedTile[];
}

/** The tiles that the stage `mesh` cut; none for a domain in one rectangle. */
export function tilesOf({ facts }: StageOutcome): readonly string[] {
  const { tiles } = facts;
  return Array.isArray(tiles) ? tiles.map(String) : [];
}

/** Tiles that have data, those included that no grid can use. */
function tilesWithData({ facts }: StageOutcome, atLeast: number): number {
  const { tilesWithData: told } = facts;
  return typeof told === 'number' ? Math.max(told, atLeast) : atLeast;
}

/**
 * Runs the stages of a rectangle for each tile. A tile that fails for good does not end the others; they are kept, and a later run computes only
 * what is missing.
 *
 * @throws ApplicationFailure of a tile, naming its stage, when fewer than half of those that have data stand; the cancellation
 */
export async function runTiles(runner: StageRunner, run: RunContext, mesh: StageOutcome): Promise<TiledStages> {
  const tiles = tilesOf(mesh);
  const done: Record<string, StageOutcome[]> = Object.fromEntries(TILE_STAGES.map((stage) => [stage, []]));
  const outputs: Record<string, StageOutcome['outputs'][string]> = {};
  const failures: { readonly tile: string; readonly error: unknown }[] = [];
  const leastStanding = LEAST_SHARE * tilesWithData(mesh, tiles.length);
  const { route, tilePlan } = mesh.outputs;
  /** @param at - told the stage that is under way */
  const oneTile = async (tile: string, at: (stage: MiddleStage) => void): Promise<void> => {
    const start = artifactsOfTile(mesh.outputs, tile);
    if (route === undefined || tilePlan === undefined || start['daily'] === undefined) {
      throw ApplicationFailure.nonRetryable(`tile ${tile}: expected its field, the plan and the route`, 'Internal');
    }
    const activities = tileActivities(tile);
    const own = { ...run, tile };
    let inputs: StageOutcome['outputs'] = { ...start, route, tilePlan };
    for (const stage of TILE_STAGES) {
      at(stage);
      runner.begin(stage);
      const outcome = await callStage(activities, stage, { run: own, inputs });
      inputs = { ...inputs, ...outcome.outputs };
      for (const [name, ref] of Object.entries(outcome.outputs)) outputs[tileArtifact(tile, name)] = ref;
      done[stage]?.push(outcome);
      runner.count(stage, { done: done[stage]?.length ?? 0, of: tiles.length, what: 'tiles' });
    }
  };
  const waiting = [...tiles];
  const lane = async (): Promise<void> => {
    for (let tile = waiting.shift(); tile !== undefined; tile = waiting.shift()) {
      let reached = TILED_STAGES[0].name;
      try {
        await oneTile(tile, (stage) => {
          reached = stage;
        });
      } catch (error) {
        if (isCancellation(error)) throw runner.ended(reached, error);
        failures.push({ tile, error });
        if (tiles.length - failures.length < leastStanding) {
          // what is under way is kept for the next run, nothing new is begun
          waiting.length = 0;
          throw runner.ended(reached, error);
        }
      }
    }
  };
  // every lane ends before any is heard: a failed stage leaves nothing running behind it
  const lanes = await Promise.allSettled(Array.from({ length: Math.min(TILES_IN_FLIGHT, tiles.length) }, lane));
  const refused = lanes.find((settled) => settled.status === 'rejected');
  if (refused !== undefined) throw refused.reason;
  return {
    outcomes: TILE_STAGES.map((name) => overTiles(name, done[name] ?? [], tiles.length)),
    outputs,
    failedTiles: failures.map(({ tile, error }) => failedTile(tile, error)),
  };
}

function overTiles(name: StageName, outcomes: readonly StageOutcome[], numTiles: number): StageOutcome {
  const computed = outcomes.filter(({ reused }) => !reused).length;
  const unchanged = outcomes.length - computed;
  const failed = numTiles - outcomes.length;
  const summary =
    `${computed} of ${numTiles} tiles computed` +
    `${unchanged === 0 ? '' : `, ${unchanged} unchanged`}${failed === 0 ? '' : `, ${failed} missing`}`;
  return {
    name,
    reused: computed === 0,
    seconds: outcomes.reduce((sum, { seconds }) => sum + seconds, 0),
    reason: summary,
    outputs: {},
    facts: { summary },
  };
}

function failedTile(tile: string, error: unknown): FailedTile {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  const type = cause instanceof ApplicationFailure ? (cause.type ?? 'Internal') : 'Internal';
  return { tile, type, message: plainLines(cause instanceof Error ? cause.message : String(cause)) };
}
