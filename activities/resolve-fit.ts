// SPDX-License-Identifier: Apache-2.0
import { TramontanaError } from '../common/errors.js';
import type { ActivityDependencies } from './dependencies.js';
import type { FitInput } from './fit-input.js';
import { parseForecastInput } from './forecast-input.js';
import { catalogueOf, configOf, recomputeOf } from './resolve-cycle.js';
import type { RunContext } from './stage-contracts.js';

/**
 * Validates the input of the `fit` workflow and reads its configuration.
 *
 * @throws ApplicationFailure `Input.*`, `Config.*`; none is retried
 */
export async function resolveFit(deps: ActivityDependencies, input: FitInput): Promise<RunContext> {
  const { inputs, ...forecastInput } = input ?? {};
  const parsed = parseForecastInput(forecastInput);
  if (inputs?.daily === undefined || inputs.mesh === undefined || inputs.spectralBasis === undefined) {
    throw new TramontanaError(
      'Input.Invalid',
      `input.inputs: expected references to "daily", "mesh" and "spectralBasis", got ${JSON.stringify(Object.keys(inputs ?? {}))}`,
    );
  }
  const config = await configOf(parsed);
  const [configRef, catalogueRef] = await Promise.all([
    deps.store.putJson(config, 'domain-config/1'),
    deps.store.putJson(await catalogueOf(config), 'input-catalogue/1'),
  ]);
  return {
    domain: config.name,
    title: config.title ?? config.name,
    cycle: '',
    config: configRef,
    catalogue: catalogueRef,
    outputFolder: deps.runsFolder,
    recompute: recomputeOf(parsed.reuse),
  };
}
