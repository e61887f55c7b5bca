// SPDX-License-Identifier: Apache-2.0
import type { EngineModel, Likelihood, ObservationGroup } from './engine-model.js';
import type { GridModel } from './grid-model.js';

/** Parameters of one field besides its standard deviation. */
const fieldNames = {
  'spatio-temporal': ['log_range_s', 'log_range_t'],
  'exact-diffusion': ['log_range_s', 'log_range_t'],
  spatial: ['log_range_s'],
  separable: ['log_range_s', 'rho_internal'],
} as const;

const likelihoodNames: Readonly<Record<Likelihood, readonly string[]>> = {
  gaussian: ['log_noise_precision'],
  poisson: [],
  binomial: [],
  gamma: ['log_gamma_precision'],
  'student-t': ['log_noise_precision', 'log_degrees_of_freedom_above_2'],
};

/** What gives theta its components. */
type NamedModel = Pick<EngineModel, 'kind' | 'observations' | 'randomEffects'> | Pick<GridModel, 'kind' | 'groups'>;

/** Those of a grid are gaussian. */
function groupsOf(model: NamedModel): readonly Pick<ObservationGroup, 'process' | 'likelihood'>[] {
  return 'groups' in model ? model.groups.map(({ process }) => ({ process })) : model.observations;
}

/**
 * Names of the components of theta, in the order of EngineModel, a grid's the same: univariate `log_range_s, log_range_t, log_sigma` and the
 * parameters of the likelihood (`log_noise_precision`); with several pollutants the first two and the last for each, then
 * `log_sigma_k`, then the couplings `lambda_FROM_to_TO` in the engine's order. Spatial models lack `log_range_t`, separable ones
 * have `rho_internal` in its place. At the end come the parameters of further observation groups of a pollutant
 * (`.._group_g`) and of random effects (`log_effect_precision_e`).
 */
export function thetaNames(model: NamedModel): string[] {
  const groups = groupsOf(model).map(({ process, likelihood = 'gaussian' }, index) => ({
    index,
    process: process ?? index,
    names: likelihoodNames[likelihood],
  }));
  const randomEffects = 'groups' in model ? [] : (model.randomEffects ?? []);
  const numProcesses = Math.max(...groups.map(({ process }) => process)) + 1;
  const rangeNames = fieldNames[model.kind];
  const processes = Array.from({ length: numProcesses }, (_, process) => process);
  const first = processes.map((process) => groups.find((group) => group.process === process));
  const further = groups.filter((group) => !first.includes(group));
  const last = [
    ...further.flatMap(({ index, names }) => names.map((name) => `${name}_group_${index}`)),
    ...randomEffects.map((_, effect) => `log_effect_precision_${effect}`),
  ];
  if (numProcesses === 1) return [...rangeNames, 'log_sigma', ...(first[0]?.names ?? []), ...last];
  return [
    ...processes.flatMap((process) =>
      [...rangeNames, ...(first[process]?.names ?? [])].map((name) => `${name}_${process}`),
    ),
    ...processes.map((process) => `log_sigma_${process}`),
    ...couplings(numProcesses).map(([from, to]) => `lambda_${from}_to_${to}`),
    ...last,
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
