// SPDX-License-Identifier: Apache-2.0
import type { EngineModel } from './engine-model.js';

/** Parameters of one field besides its standard deviation. */
const fieldNames = {
  'spatio-temporal': ['log_range_s', 'log_range_t'],
  spatial: ['log_range_s'],
  separable: ['log_range_s', 'rho_internal'],
} as const;

/**
 * Names of the components of theta, in the order of EngineModel: univariate `log_range_s, log_range_t, log_sigma,
 * log_noise_precision`; with several pollutants the first two and the last for each, then `log_sigma_k`, then the couplings
 * `lambda_FROM_to_TO` in the engine's order. Spatial models lack `log_range_t`, separable ones
 * have `rho_internal` in its place.
 */
export function thetaNames(model: Pick<EngineModel, 'kind' | 'observations'>): string[] {
  const numProcesses = model.observations.length;
  const rangeNames = fieldNames[model.kind];
  if (numProcesses === 1) return [...rangeNames, 'log_sigma', 'log_noise_precision'];
  const processes = Array.from({ length: numProcesses }, (_, process) => process);
  return [
    ...processes.flatMap((process) => [...rangeNames, 'log_noise_precision'].map((name) => `${name}_${process}`)),
    ...processes.map((process) => `log_sigma_${process}`),
    ...couplings(numProcesses).map(([from, to]) => `lambda_${from}_to_${to}`),
  ];
}

/**
 * Pairs (from, to) of the lower-triangular coregionalisation matrix in theta order: by rising `to`, and within it by falling
 * `from`. With three pollutants: 0 to 1, 1 to 2, 0 to 2, which docs/notation.md calls l01, l02, l12.
 */
function couplings(numProcesses: number): [number, number][] {
  const pairs: [number, number][] = [];
  for (let to = 1; to < numProcesses; to += 1) {
    for (let from = to - 1; from >= 0; from -= 1) pairs.push([from, to]);
  }
  return pairs;
}
