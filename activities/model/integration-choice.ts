// SPDX-License-Identifier: Apache-2.0
/**
 * Whether theta is integrated out or taken at its mode, and over what.
 *
 * @module
 */
import type { EstimationRoute } from '../../artifacts/schemas/estimation-route.js';
import type { FitResult } from '../../artifacts/schemas/fit-result.js';
import type { IntegrationRecord } from '../../artifacts/schemas/inference-summary.js';
import { TramontanaError } from '../../common/errors.js';
import type { DomainConfig } from '../../config/index.js';
import type { IntegrationResult } from '../../inference-core/host-ts/index.js';

export type IntegrationChoice = Pick<IntegrationRecord, 'requested' | 'strategy' | 'reason'>;

/** What the engine is asked for. */
export interface IntegrationRequest {
  readonly strategy: IntegrationChoice['requested'];
  /** What `automatic` may take. */
  readonly mostEvaluations?: number;
}

type Inference = DomainConfig['inference'];

/** What is integrated, and how long one point takes. */
export interface IntegrationSetting {
  /** What estimates theta. */
  readonly route: EstimationRoute['name'];
  readonly fit: Pick<FitResult, 'seconds' | 'evaluations'>;
  /** Of the maps of a grid beside a mesh, reckoned; a grid's own integration counts its maps itself. */
  readonly mapSeconds?: number;
}

function secondsEach({ fit: { seconds, evaluations }, mapSeconds = 0 }: IntegrationSetting): number {
  return seconds / Math.max(1, evaluations) + mapSeconds;
}

/** Points of meshes; a complete grid has a rule of its own, for its covariance of theta is no curvature. */
function strategyOf(
  route: EstimationRoute['name'],
  configured: Inference['integration'],
): IntegrationChoice['requested'] {
  const isOfMeshes = configured === 'lattice' || configured === 'central-composite';
  return route === 'grid' && isOfMeshes ? 'cubature' : configured;
}

/**
 * The request to the engine. `automatic` may take the evaluations that fit in the budget if each is as long as one of the fit; the
 * seconds are those that the fit artifact tells, so that the same artifacts give the same choice.
 */
export function requestIntegration(
  { integration, integrationBudgetSeconds }: Inference,
  setting: IntegrationSetting,
): IntegrationRequest {
  if (integration !== 'automatic') return { strategy: strategyOf(setting.route, integration) };
  // what takes no time that can be measured takes less than a microsecond
  return { strategy: 'automatic', mostEvaluations: integrationBudgetSeconds / Math.max(secondsEach(setting), 1e-6) };
}

/** What the engine did, and why, in one sentence. */
export function describeIntegration(
  { integration, integrationBudgetSeconds }: Inference,
  setting: IntegrationSetting,
  result: Pick<IntegrationResult, 'strategy' | 'expectedEvaluations' | 'theta'>,
): IntegrationChoice {
  const { strategy, expectedEvaluations, theta } = result;
  if (strategy === 'rinla-composite') {
    throw new TramontanaError(
      'Engine.BadResult',
      `integration: expected the strategy ${integration}, got ${strategy}`,
      {
        facts: { expected: integration, strategy },
      },
    );
  }
  if (integration !== 'automatic') {
    const isOwn = strategy === 'cubature';
    const reason = isOwn ? `${integration} is for meshes; a complete grid has points of its own` : 'as configured';
    return { requested: integration, strategy, reason };
  }
  const numFree = theta.filter(({ internal }) => internal.sd > 0).length;
  const evaluations = Math.round(
    strategy === 'lattice' ? expectedEvaluations.lattice : expectedEvaluations.centralComposite,
  );
  const expected = evaluations * secondsEach(setting);
  const cost =
    `${evaluations} evaluations of ${secondsEach(setting).toPrecision(2)} s for ${numFree} hyperparameters ` +
    `take about ${expected < 10 ? expected.toPrecision(2) : Math.round(expected)} s`;
  const verdict = strategy === 'empirical-bayes' && numFree > 0 ? 'above' : 'within';
  return {
    requested: 'automatic',
    strategy,
    reason: `${cost}, ${verdict} the budget of ${integrationBudgetSeconds} s`,
  };
}
