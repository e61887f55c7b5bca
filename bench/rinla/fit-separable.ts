// SPDX-License-Identifier: Apache-2.0
import type { EngineModel, PredictionDesign } from '../../inference-core/host-ts/engine-model.js';
import type { NativeEngine, NativeFitResult } from '../../inference-core/host-ts/native.js';
import type { IntegrationResult, MarginalDensity } from '../../inference-core/host-ts/posterior.js';
import type { Moments } from './reference.js';
import { referenceOrder, type SeparableCase } from './separable-case.js';

/** A whole fit: mode, Hessian, integration over theta with all latent marginals and criteria. */
export interface WholeFit {
  readonly fit: NativeFitResult;
  readonly posterior: IntegrationResult;
  /** With its spectral basis, for further evaluations. */
  readonly model: EngineModel;
  /** From the model in memory to the last marginal. */
  readonly seconds: number;
}

/** Everything R-INLA's figures of seconds and memory cover. */
export async function fitWhole(
  engine: NativeEngine,
  { model, initialTheta }: SeparableCase,
  predictions: readonly PredictionDesign[] = [],
): Promise<WholeFit> {
  const startMs = performance.now();
  const withBasis = { ...model, spectralBasis: await engine.spectralBasis(model.c0, model.g1) };
  const fit = await engine.fit(withBasis, { initialTheta }, undefined, () => undefined).promise;
  const covariance = fit.thetaCovariance ?? new Float64Array();
  const posterior = await engine.integrate(withBasis, fit.theta, covariance, { predictions }).promise;
  return { fit, posterior, model: withBasis, seconds: (performance.now() - startMs) / 1000 };
}

/** Posterior mean and standard deviation of a function of one component of theta, by the trapezoidal rule on its density. */
export function momentsOf({ grid, density }: MarginalDensity, value: (theta: number) => number): Moments {
  const integral = (integrand: (theta: number) => number): number => {
    let sum = 0;
    for (let i = 1; i < grid.length; i += 1) {
      const [a = NaN, b = NaN] = [grid[i - 1], grid[i]];
      sum += ((b - a) * (integrand(a) * (density[i - 1] ?? NaN) + integrand(b) * (density[i] ?? NaN))) / 2;
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
