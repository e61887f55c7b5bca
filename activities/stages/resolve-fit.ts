// SPDX-License-Identifier: Apache-2.0
import { requireArtifacts } from '../inputs/allowed-roots.js';
import { requireAffordable } from '../model/cost.js';
import type { ActivityDependencies } from '../dependencies.js';
import { parseFitInput, type FitInput } from '../inputs/fit-input.js';
import { recomputeOf } from '../inputs/forecast-input.js';
import { catalogueOf } from '../inputs/input-catalogue.js';
import { configOf } from '../inputs/run-configuration.js';
import { DOMAIN_CONFIG_SCHEMA, type RunContext } from '../stage-contracts.js';

/**
 * Validates the input of the `fit` workflow and reads its configuration.
 *
 * @throws ApplicationFailure `Input.*` (`Input.OutsideRoots` for artifacts elsewhere), `Config.*`; none is retried
 */
export async function resolveFit(deps: ActivityDependencies, input: FitInput): Promise<RunContext> {
  const parsed = parseFitInput(input);
  const config = await configOf(deps, parsed);
  // whatever the configuration says, the mesh is given
  requireAffordable({ ...config, model: { ...config.model, route: 'mesh' } }, deps.memoryLimitBytes);
  await requireArtifacts(deps, input.inputs);
  return {
    domain: config.name,
    title: config.title ?? config.name,
    // a fit on given artifacts belongs to no cycle
    cycle: '',
    config: await deps.store.putJson(config, DOMAIN_CONFIG_SCHEMA),
    catalogue: await deps.store.putJson(await catalogueOf(deps, config), 'input-catalogue/1'),
    outputFolder: deps.runsFolder,
    recompute: recomputeOf(parsed.reuse),
  };
}
