// SPDX-License-Identifier: Apache-2.0
/**
 * What a fit will need, by this machine's kernels, and whether it fits the memory.
 *
 * @module
 */
import type { EstimationRoute } from '../../artifacts/schemas/estimation-route.js';
import type { FitPlan } from '../../artifacts/schemas/fit-result.js';
import { TramontanaError } from '../../common/errors.js';
import type { DomainConfig } from '../../config/index.js';
import { estimateMeshNodes } from '../../mesh/index.js';
import { estimateFit, plannedFitSize, type FitSize } from '../../modelling/index.js';
import type { ActivityDependencies } from '../dependencies.js';
import { coarseCellsOf, daysInWindow, inWords, MEMORY_VARIABLE, type InputExtent } from './cost.js';
import { meshOptionsOf } from './mesh-options.js';

type EngineSetting = Pick<DomainConfig['engine'], 'launcher' | 'ranks'>;

/** Ranks that share this machine: those of a cluster have machines of their own, of which nothing is known but that they are alike. */
function ranksHere({ launcher, ranks }: EngineSetting): number {
  return launcher === 'slurm' ? 1 : ranks;
}

/** How the size of a model becomes a plan. */
export async function planOf(
  deps: Pick<ActivityDependencies, 'kernelRates'>,
  engine: EngineSetting,
  size: FitSize,
  isNearMode: boolean,
): Promise<FitPlan> {
  const { multiply, inversion } = await deps.kernelRates(size.order);
  const sharing = ranksHere(engine);
  const rates = { multiply: multiply / sharing, inversion: inversion / sharing };
  return estimateFit(size, { rates, ranks: engine.ranks, isNearMode });
}

/**
 * Refuses a fit that cannot fit the memory.
 *
 * @param limitBytes - what the run may plan with on a machine, all the ranks there together
 * @throws {TramontanaError} `Config.TooCostly` with the numbers and the remedy; final
 */
export function requireRoomFor(
  { name, engine }: Pick<DomainConfig, 'name' | 'engine'>,
  { order, numBlocks, route }: FitSize,
  plan: FitPlan,
  limitBytes: number,
): void {
  const bytes = plan.bytes * ranksHere(engine);
  if (bytes <= limitBytes) return;
  const what =
    route === 'mesh'
      ? `a fit of ${numBlocks} time steps of ${order} unknowns`
      : `a fit of ${numBlocks} cells with ${order} rows an index`;
  const remedy =
    route === 'mesh'
      ? 'take a larger mesh.interiorEdgeKm, fewer pollutants or a shorter window.maximumHistoryDays'
      : 'take fewer pollutants, a shorter window.maximumHistoryDays or a smaller boundingBox';
  throw new TramontanaError(
    'Config.TooCostly',
    `${name}: expected a fit within ${inWords(limitBytes)} of memory, got ${what}, which needs ${inWords(bytes)}; ` +
      `${remedy}, or allow more memory (${MEMORY_VARIABLE}, or the worker's option memoryLimitBytes)`,
    { facts: { estimatedBytes: bytes, limitBytes, what, ranks: plan.ranks } },
  );
}

/** The size of a fit before its model is built, as far as configuration and days tell it. */
export function plannedSize(
  config: DomainConfig,
  route: Pick<EstimationRoute, 'name' | 'interiorEdgeKm'>,
  extent: InputExtent,
): FitSize {
  const numCells = coarseCellsOf(config);
  const { interiorEdgeKm } = route;
  const numPlaces =
    route.name === 'grid'
      ? numCells
      : estimateMeshNodes(config.boundingBox, {
          ...meshOptionsOf(config),
          ...(interiorEdgeKm === undefined ? {} : { interiorEdgeKm }),
        });
  const numPollutants = config.pollutants.length;
  return plannedFitSize(route.name, { numPlaces, numPollutants, numDays: daysInWindow(config, extent), numCells });
}

/** Figures for people: "0.52 GiB, 79 s (22 evaluations, 3.1e+12 flops)". */
export function planInWords({ bytes, seconds, evaluations, flops, ranks }: FitPlan): string {
  const each = ranks === 1 ? '' : ` a rank, ${ranks} ranks`;
  return `at most ${inWords(bytes)}${each}, about ${Number(seconds.toPrecision(2))} s (${evaluations} evaluations, ${flops.toExponential(1)} flops)`;
}
