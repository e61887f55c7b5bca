// SPDX-License-Identifier: Apache-2.0
import type { ResolveCycleArgs } from './activity-interface.js';
import { requireAffordable } from './cost.js';
import type { ActivityDependencies } from './dependencies.js';
import { parseForecastInput } from './forecast-input.js';
import { configOf, resolveCycle } from './resolve-cycle.js';
import type { ResolvedCycle } from './stage-contracts.js';

/**
 * The first stage, which lets no run begin that cannot fit the memory: judged by the configuration before any file is looked
 * at, and by the days of the files before any is read as a whole.
 *
 * @throws ApplicationFailure as {@link resolveCycle}, and `Config.TooCostly`; none is retried
 */
export async function resolveAffordableCycle(
  deps: ActivityDependencies,
  args: ResolveCycleArgs,
): Promise<ResolvedCycle> {
  const config = await configOf(deps, parseForecastInput(args.input));
  requireAffordable(config, deps.memoryLimitBytes);
  const resolved = await resolveCycle(deps, args);
  const { firstDay, lastDay, numTimes } = resolved.outcome.facts;
  const extent = {
    ...{ firstDay: String(firstDay), lastDay: String(lastDay), cycle: resolved.run.cycle },
    numTimes: Number(numTimes),
  };
  requireAffordable(config, deps.memoryLimitBytes, extent);
  return resolved;
}
