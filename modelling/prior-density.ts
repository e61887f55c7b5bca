// SPDX-License-Identifier: Apache-2.0
import type { ThetaPrior } from '../inference-core/host-ts/contract/engine-model.js';

/** log l - l e^(rate t) + rate t + log |rate|: an exponential density on e^(rate t). */
function exponentialOnPower(lambda: number, rate: number, theta: number): number {
  return Math.log(lambda) - lambda * Math.exp(rate * theta) + rate * theta + Math.log(Math.abs(rate));
}

/** Stirling's series of log Gamma, shifted to arguments above 10: error below 1e-13. */
function logGamma(x: number): number {
  let [shift, z] = [0, x];
  for (; z < 10; z += 1) shift += Math.log(z);
  const inverse = 1 / z;
  const series = inverse * (1 / 12 - inverse ** 2 * (1 / 360 - inverse ** 2 * (1 / 1260 - inverse ** 2 / 1680)));
  return (z - 0.5) * Math.log(z) - z + 0.5 * Math.log(2 * Math.PI) + series - shift;
}

/**
 * Log prior density of one component of theta on the internal scale, normalised; the formulas of docs/notation.md
 * [Fuglstad2019]. A component that is fixed has none.
 */
export function logPriorDensity(prior: Exclude<ThetaPrior, { type: 'fixed' }>, theta: number): number {
  switch (prior.type) {
    case 'gaussian':
      return 0.5 * Math.log(prior.precision / (2 * Math.PI)) - 0.5 * prior.precision * (theta - prior.mean) ** 2;
    case 'log-gamma':
      return (
        prior.shape * Math.log(prior.rate) - logGamma(prior.shape) + prior.shape * theta - prior.rate * Math.exp(theta)
      );
    case 'penalized-complexity':
      switch (prior.kind) {
        case 'spatial-range':
          return exponentialOnPower(prior.lambda, -1, theta);
        case 'temporal-range':
        case 'noise-sd':
          return exponentialOnPower(prior.lambda, -0.5, theta);
        case 'sigma':
        case 'noise-precision-compat':
          return exponentialOnPower(prior.lambda, 1, theta);
      }
  }
}
