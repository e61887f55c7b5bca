// SPDX-License-Identifier: Apache-2.0
import { float64At } from '../../common/entry.js';
import type { PredictionDesign } from '../../inference-core/host-ts/contract/engine-model.js';
import type { NativeFitResult } from '../../inference-core/host-ts/contract/fit.js';
import type { NativeEngine, PreparedModel } from '../../inference-core/host-ts/contract/native-engine.js';
import type {
  IntegrationResult,
  MarginalDensity,
  RinlaCriteria,
} from '../../inference-core/host-ts/contract/posterior.js';
import type { Moments } from './reference.js';
import { referenceOrder, type SeparableCase } from './separable-case.js';

/** A whole fit: mode, Hessian, integration over theta with all latent marginals and criteria. */
export interface WholeFit {
  readonly fit: NativeFitResult;
  readonly posterior: IntegrationResult;
  /** Ready for further evaluations. */
  readonly model: PreparedModel;
  readonly thetaCovariance: Float64Array;
  /** From the model in memory to the last marginal. */
  readonly seconds: number;
  /** Of all threads in that time; on a busy machine it says more than the seconds. */
  readonly cpuSeconds: number;
}

/** Everything that R-INLA's figures of seconds and memory cover. */
export async function fitWhole(
  engine: NativeEngine,
  { model, initialTheta }: SeparableCase,
  predictions: readonly PredictionDesign[] = [],
): Promise<WholeFit> {
  const startMs = performance.now();
  const startCpu = process.cpuUsage();
  const prepared = await engine.prepare(model);
  const fit = await engine.fit(prepared, { initialTheta }, undefined, () => undefined).promise;
  const thetaCovariance = fit.thetaCovariance ?? new Float64Array();
  const posterior = await engine.integrate(prepared, fit.theta, thetaCovariance, { predictions }).promise;
  const { user, system } = process.cpuUsage(startCpu);
  const seconds = (performance.now() - startMs) / 1000;
  return { fit, posterior, model: prepared, thetaCovariance, seconds, cpuSeconds: (user + system) / 1e6 };
}

/**
 * DIC and WAIC as R-INLA's program arrives at them: on its design of points, with its quadrature. The exact ones are in the
 * whole fit.
 */
export async function criteriaOfRinla(
  engine: NativeEngine,
  { fit, model, thetaCovariance }: WholeFit,
): Promise<RinlaCriteria> {
  const { criteria } = await engine.integrate(model, fit.theta, thetaCovariance, {
    strategy: 'rinla-composite',
    rinlaCriteria: true,
    latent: false,
  }).promise;
  if (criteria?.rinla === undefined) throw new TypeError('expected the criteria that were asked for, got none');
  return criteria.rinla;
}

/** Posterior mean and standard deviation of a function of one component of theta, by the trapezoidal rule on its density. */
export function momentsOf({ grid, density }: MarginalDensity, value: (theta: number) => number): Moments {
  const integral = (integrand: (theta: number) => number): number => {
    let sum = 0;
    for (let i = 1; i < grid.length; i += 1) {
      const [a = NaN, b = NaN] = [grid[i - 1], grid[i]];
      sum += ((b - a) * (integrand(a) * float64At(density, i - 1) + integrand(b) * float64At(density, i))) / 2;
    }
    return sum;
  };
  const total = integral(() => 1);
  const mean = integral(value) / total;
  return { mean, sd: Math.sqrt(integral((theta) => (value(theta) - mean) ** 2) / total) };
}

/** Posterior of every hyperparameter, on its own scale, and of every fixed effect. */
export function parameterMoments(
  { posterior }: Pick<WholeFit, 'posterior'>,
  fixedEffectNames: readonly string[],
): Record<string, Moments> {
  const [range, rho, sigma, precision] = posterior.theta.map(({ natural }) => ({ mean: natural.mean, sd: natural.sd }));
  const effects = fixedEffectNames.map((name, i) => {
    const { mean, sd } = posterior.fixedEffects[i] ?? { mean: NaN, sd: NaN };
    return [name, { mean, sd }] as const;
  });
  const missing = { mean: NaN, sd: NaN };
  return {
    'noise precision': precision ?? missing,
    range: range ?? missing,
    sigma: sigma ?? missing,
    rho: rho ?? missing,
    ...Object.fromEntries(effects),
  };
}

/** The mode in R-INLA's order. */
export function referenceMode({ fit }: Pick<WholeFit, 'fit'>): number[] {
  return referenceOrder(fit.theta);
}
