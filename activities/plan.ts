// SPDX-License-Identifier: Apache-2.0
import { stageKey, type ArtifactRef } from '../artifacts/index.js';
import type { EstimationRoute } from '../artifacts/schemas/estimation-route.js';
import type { FitPlan } from '../artifacts/schemas/fit-result.js';
import type { TilePlan } from '../artifacts/schemas/tile-plan.js';
import { artifactsOfDomain, artifactsOfTile, tileArtifact } from '../common/tile-names.js';
import type { DomainConfig } from '../config/index.js';
import { LATER_STAGES, type StageName } from '../pipeline/index.js';
import type { ActivityDependencies } from './dependencies.js';
import type { ForecastInput } from './inputs/forecast-input.js';
import { workOfStage, type WorkOf } from './stages/index.js';
import { routeInputs } from './stages/mesh.js';
import { prepareRun } from './stages/resolve-cycle.js';
import { planOf, plannedSize, requireRoomFor } from './model/fit-plan.js';
import { likelyStart, plannedStart, type PlannedStart } from './model/fit-start.js';
import { routeOf } from './model/route.js';
import type { RunContext, StageArgs } from './stage-contracts.js';
import { wantedTiles } from './tiles/cut-tiles.js';
import { cacheScope, identityOf, silentTools, type StageScope, type StageWork } from './frame/stage-frame.js';

/** What a run would do with one stage. */
export interface PlannedStage {
  readonly name: StageName;
  /** False when an intact earlier result would be taken. */
  readonly willRun: boolean;
  /** It takes what a stage gives that will run: where that comes out as before, so does this one, and its earlier result is taken. */
  readonly onlyIfChanged?: true;
  readonly reason: string;
}

/** What a run would do. */
export interface ForecastPlan {
  readonly domain: string;
  readonly cycle: string;
  readonly stages: readonly PlannedStage[];
  /** Absent as long as the input is not read. */
  readonly route?: Pick<EstimationRoute, 'name' | 'maps' | 'reason'>;
  /** Where the search of a fit that will run would begin, as far as that is known without the data. */
  readonly start?: PlannedStart;
  /** What that fit will need; absent where its route is not known, or a domain has tiles. */
  readonly fit?: FitPlan;
}

/**
 * Tells which stages a run would compute, and why, without computing any. What a stage that will run gives is not known, so a stage
 * after it runs only if that is something new.
 *
 * @throws {TramontanaError} as the first stage: `Input.*`, `Config.*`, `Ingest.*`; as the stage that chooses the route, where its input is there
 */
export async function planForecast(deps: ActivityDependencies, input: ForecastInput): Promise<ForecastPlan> {
  const prepared = await prepareRun(deps, { input });
  const { scope, work } = prepared;
  const first = await lookAt(deps, scope, work);
  // finding the cycle is a look at the times of the files, and everything else depends on it
  const facts = first.facts ?? (await work.compute(silentTools())).facts;
  const run = await prepared.context(facts);
  const stages: PlannedStage[] = [first.planned];
  const outputs: Record<string, ArtifactRef> = {};
  for (const { name, after, isTiled } of LATER_STAGES) {
    const cause = after.find((earlier) => stages.some((stage) => stage.name === earlier && stage.willRun));
    if (cause !== undefined) {
      stages.push(await downstream(deps, scope, { name, cause }));
      continue;
    }
    const workOf: WorkOf = await workOfStage(name);
    const tiles = isTiled === true ? await tilesIn(deps, outputs) : [];
    const found =
      tiles.length > 0
        ? await lookAtTiles(deps, { run, inputs: outputs }, { name, workOf, tiles })
        : await lookAt(deps, scope, await workOf(deps, { run, inputs: outputs }));
    stages.push(found.planned);
    Object.assign(outputs, found.outputs);
  }
  const route = await plannedRoute(deps, { run, inputs: outputs });
  const start = await plannedFitStart(deps, { run, inputs: outputs }, stages);
  return {
    ...{ domain: run.domain, cycle: run.cycle, stages },
    ...(route === undefined ? {} : { route: toldOf(route) }),
    ...(start === undefined ? {} : { start }),
    ...(await plannedFit(deps, run, first.facts ?? facts, { route, start })),
  };
}

/** @throws {TramontanaError} `Config.TooCostly` for a fit that cannot fit the memory */
async function plannedFit(
  deps: ActivityDependencies,
  run: RunContext,
  facts: Readonly<Record<string, unknown>>,
  { route, start }: Pick<ForecastPlan, 'start'> & { readonly route: EstimationRoute | undefined },
): Promise<Pick<ForecastPlan, 'fit'>> {
  const config = await deps.store.getJson<DomainConfig>(run.config);
  const name = route?.name ?? (config.model.route === 'automatic' ? undefined : config.model.route);
  if (start === undefined || name === undefined || wantedTiles(config) !== undefined) return {};
  const { interiorEdgeKm } = route ?? {};
  const [firstDay, lastDay] = [String(facts['firstDay']), String(facts['lastDay'])];
  const extent = { firstDay, lastDay, cycle: run.cycle, numTimes: Number(facts['numTimes']) };
  const size = plannedSize(config, { name, ...(interiorEdgeKm === undefined ? {} : { interiorEdgeKm }) }, extent);
  const fit = await planOf(deps, config.engine, size, start.from === 'earlier-run');
  requireRoomFor(config, size, fit, deps.memoryLimitBytes);
  return { fit };
}

/** Of no interest where the fit does not run; tiles have a start each. */
async function plannedFitStart(
  deps: ActivityDependencies,
  args: StageArgs,
  stages: readonly PlannedStage[],
): Promise<PlannedStart | undefined> {
  const runs = stages.some(({ name, willRun }) => name === 'fit' && willRun);
  const { daily, route, tilePlan } = args.inputs;
  if (!runs || tilePlan !== undefined) return undefined;
  const asked = (await deps.store.getJson<DomainConfig>(args.run.config)).engine.start;
  const scope = cacheScope(args.run);
  if (daily === undefined || route === undefined) return likelyStart(deps, scope, asked);
  const work: WorkOf = await workOfStage('fit');
  const identity = identityOf(await work(deps, args));
  return plannedStart(deps, { key: stageKey(identity), identity, scope }, asked);
}

/** A stage whose input will be computed: certain to run where that was asked for, or where nothing was computed before. */
async function downstream(
  deps: ActivityDependencies,
  scope: StageScope,
  { name, cause }: { readonly name: StageName; readonly cause: string },
): Promise<PlannedStage> {
  const reason = `takes the result of ${cause}, which runs`;
  const isCertain =
    scope.recompute.includes(name) || (await deps.cache.latestOf(name, cacheScope(scope))) === undefined;
  return { name, willRun: true, ...(isCertain ? {} : { onlyIfChanged: true }), reason };
}

/** The route that an earlier run took or that this one would take; unknown before the daily field is there. */
async function plannedRoute(deps: ActivityDependencies, args: StageArgs): Promise<EstimationRoute | undefined> {
  const { daily, route } = args.inputs;
  if (route !== undefined) return deps.store.getJson<EstimationRoute>(route);
  if (daily === undefined) return undefined;
  const config = await deps.store.getJson<DomainConfig>(args.run.config);
  return (await routeOf(deps, config, await routeInputs(deps, args))).route;
}

function toldOf({ name, maps, reason }: EstimationRoute): NonNullable<ForecastPlan['route']> {
  return { name, maps, reason };
}

/** Ids of the tiles that an earlier run cut; none for a domain in one rectangle. */
async function tilesIn(deps: ActivityDependencies, { tilePlan }: StageArgs['inputs']): Promise<string[]> {
  return tilePlan === undefined ? [] : (await deps.store.getJson<TilePlan>(tilePlan)).tiles.map(({ id }) => id);
}

/** Looks at one stage of every tile; outputs are those of the tiles that are unchanged. */
async function lookAtTiles(
  deps: ActivityDependencies,
  { run, inputs }: StageArgs,
  { name, workOf, tiles }: { readonly name: StageName; readonly workOf: WorkOf; readonly tiles: readonly string[] },
): Promise<Look> {
  const outputs: Record<string, ArtifactRef> = {};
  const changed: { readonly tile: string; readonly reason: string }[] = [];
  for (const tile of tiles) {
    const own = artifactsOfTile(inputs, tile);
    const tileRun = { ...run, tile };
    const { planned, outputs: found = {} } = await lookAt(
      deps,
      tileRun,
      await workOf(deps, { run: tileRun, inputs: { ...artifactsOfDomain(inputs), ...own } }),
    );
    if (planned.willRun) changed.push({ tile, reason: planned.reason });
    for (const [output, ref] of Object.entries(found)) outputs[tileArtifact(tile, output)] = ref;
  }
  const [first] = changed;
  const reason =
    first === undefined
      ? `${tiles.length} tiles unchanged`
      : `${changed.length} of ${tiles.length} tiles; ${first.tile}: ${first.reason}`;
  return { planned: { name, willRun: first !== undefined, reason }, outputs };
}

interface Look {
  readonly planned: PlannedStage;
  readonly outputs?: Readonly<Record<string, ArtifactRef>>;
  readonly facts?: Readonly<Record<string, unknown>>;
}

async function lookAt(deps: ActivityDependencies, scope: StageScope, work: StageWork): Promise<Look> {
  const { name } = work;
  const found = await deps.cache.lookup(identityOf(work), cacheScope(scope));
  if (!found.hit) return { planned: { name, willRun: true, reason: found.reason } };
  const { outputs, facts } = found.record;
  const forced = scope.recompute.includes(name);
  const reason = forced ? 'asked to compute again' : found.reason;
  return { planned: { name, willRun: forced, reason }, outputs, facts };
}
