// SPDX-License-Identifier: Apache-2.0
/**
 * Both estimators of a domain side by side: what the grid of the cells and a mesh say of the hyperparameters.
 *
 * @module
 */
import type { EstimationRoute } from '../artifacts/schemas/estimation-route.js';
import type { FitResult, ParameterSummary } from '../artifacts/schemas/fit-result.js';
import { entry } from '../common/entry.js';
import { TramontanaError } from '../common/errors.js';
import type { DomainConfig } from '../config/index.js';
import { hyperparameterScales, type ModelFrame } from '../modelling/index.js';
import type { ActivityDependencies } from './dependencies.js';
import { workOf as fitWork } from './stages/fit.js';
import type { ForecastInput } from './inputs/forecast-input.js';
import { workOf as ingestWork } from './stages/ingest.js';
import { workOf as meshWork } from './stages/mesh.js';
import { requireInput } from './inputs/require-input.js';
import { prepareRun } from './stages/resolve-cycle.js';
import { DOMAIN_CONFIG_SCHEMA, type StageArgs } from './stage-contracts.js';
import { identityOf, silentTools, type StageResult, type StageWork } from './frame/stage-frame.js';

/** Median and 95 % interval on the natural scale. */
type Estimate = Pick<ParameterSummary, 'estimate' | 'lower95' | 'upper95'>;

/** One hyperparameter by both routes. */
export interface ComparedParameter extends Pick<ParameterSummary, 'name' | 'label' | 'units'> {
  readonly grid: Estimate;
  readonly mesh: Estimate;
  /** Distance of the modes on the scale of theta, in the larger of the two posterior standard deviations. */
  readonly distanceSds: number;
}

/** How a route came to its estimates. */
export interface ComparedRoute extends Pick<FitResult, 'converged' | 'evaluations' | 'seconds'> {
  readonly reason: string;
}

export interface RouteComparison {
  readonly domain: string;
  readonly cycle: string;
  readonly routes: { readonly grid: ComparedRoute; readonly mesh: ComparedRoute };
  readonly parameters: readonly ComparedParameter[];
}

export interface CompareOptions {
  readonly signal: AbortSignal;
  /** What is being computed, in words. */
  readonly onPhase: (text: string) => void;
}

/**
 * Fits a domain by both routes and puts theta side by side. What was computed before is taken, and what is computed here is there
 * for later runs.
 *
 * @throws {TramontanaError} as the stages of a run; where one of the routes cannot be had, as `model.route` with its name
 */
export async function compareRoutes(
  deps: ActivityDependencies,
  input: ForecastInput,
  options: CompareOptions,
): Promise<RouteComparison> {
  const take = takerOf(deps, options);
  const prepared = await prepareRun(deps, { input });
  const run = await prepared.context((await take(prepared.work, prepared.scope.domain)).facts);
  options.onPhase('reading the input');
  const ingest = await take(await ingestWork(deps, { run, inputs: {} }), run.domain);
  const config = await deps.store.getJson<DomainConfig>(run.config);
  const fitBy = async (route: 'grid' | 'mesh'): Promise<FittedRoute> => {
    const asked = { ...config, model: { ...config.model, route, tiles: 'none' as const } };
    const own = { ...run, config: await deps.store.putJson(asked, DOMAIN_CONFIG_SCHEMA) };
    options.onPhase(`fitting by the ${route}`);
    const chosen = await take(await meshWork(deps, { run: own, inputs: ingest.outputs }), run.domain);
    const args: StageArgs = { run: own, inputs: { ...ingest.outputs, ...chosen.outputs } };
    const fitted = await take(await fitWork(deps, args), run.domain);
    const load = <Value>(outputs: StageResult['outputs'], name: string): Promise<Value> =>
      deps.store.getJson<Value>(requireInput({ inputs: outputs }, name));
    return {
      reason: (await load<EstimationRoute>(chosen.outputs, 'route')).reason,
      fit: await load<FitResult>(fitted.outputs, 'fit'),
      frame: await load<ModelFrame>(fitted.outputs, 'frame'),
      parameters: await load<readonly ParameterSummary[]>(fitted.outputs, 'parameters'),
    };
  };
  const grid = await fitBy('grid');
  const mesh = await fitBy('mesh');
  return {
    domain: run.domain,
    cycle: run.cycle,
    routes: { grid: toldOf(grid), mesh: toldOf(mesh) },
    parameters: compared(grid, mesh),
  };
}

interface FittedRoute {
  readonly reason: string;
  readonly fit: FitResult;
  readonly frame: ModelFrame;
  readonly parameters: readonly ParameterSummary[];
}

function toldOf({ reason, fit: { converged, evaluations, seconds } }: FittedRoute): ComparedRoute {
  return { reason, converged, evaluations, seconds };
}

/** Both routes have the same theta, so that its names pair them. */
function compared(grid: FittedRoute, mesh: FittedRoute): ComparedParameter[] {
  return hyperparameterScales(grid.frame).map(({ name, label, units, index }) => {
    const sds = [grid, mesh].map(({ fit }) => Math.sqrt(entry(entry(fit.thetaCovariance, index), index)));
    const distance = Math.abs(entry(grid.fit.theta, index) - entry(mesh.fit.theta, index));
    return {
      ...{ name, label, units },
      grid: estimateOf(summaryOf(grid, name)),
      mesh: estimateOf(summaryOf(mesh, name)),
      distanceSds: distance === 0 ? 0 : distance / Math.max(...sds),
    };
  });
}

function summaryOf({ parameters }: FittedRoute, name: string): ParameterSummary {
  const found = parameters.find((parameter) => parameter.name === name);
  if (found !== undefined) return found;
  throw new TramontanaError('Modelling.ShapeMismatch', `Fit: expected a summary of ${name}, got none`, {
    facts: { name, found: parameters.map((parameter) => parameter.name) },
  });
}

function estimateOf({ estimate, lower95, upper95 }: Estimate): Estimate {
  return { estimate, lower95, upper95 };
}

/** Takes the recorded result of a stage, or computes and records it: as a run does, without a server. */
function takerOf(
  deps: ActivityDependencies,
  { signal }: CompareOptions,
): (work: StageWork, domain: string) => Promise<Pick<StageResult, 'outputs' | 'facts'>> {
  return async (work, domain) => {
    signal.throwIfAborted();
    const identity = identityOf(work);
    const found = await deps.cache.lookup(identity, domain);
    if (found.hit) return found.record;
    const startMs = performance.now();
    const { outputs, facts, settled } = await work.compute(silentTools(found.key, signal));
    await deps.cache.record(identity, domain, { outputs, facts, seconds: (performance.now() - startMs) / 1000 });
    await settled?.();
    return { outputs, facts };
  };
}
