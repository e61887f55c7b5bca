// SPDX-License-Identifier: Apache-2.0
/**
 * The published posterior of the Piemonte model, as ../shared/data/README.md prints it [Cameletti2013]: log PM10, standardised
 * covariates, AR(1) x Matern on a mesh of 142 vertices.
 *
 * @module
 */
import type { Moments } from '../rinla/reference.js';

export const PUBLISHED_FIXED_EFFECTS: Readonly<Record<string, Moments>> = {
  Int: { mean: 3.69, sd: 0.45 },
  A: { mean: -0.2, sd: 0.05 },
  UTMX: { mean: -0.16, sd: 0.16 },
  UTMY: { mean: -0.18, sd: 0.15 },
  WS: { mean: -0.06, sd: 0.01 },
  TEMP: { mean: -0.12, sd: 0.04 },
  HMIX: { mean: -0.02, sd: 0.01 },
  PREC: { mean: -0.05, sd: 0.01 },
  EMI: { mean: 0.04, sd: 0.01 },
};

export const PUBLISHED_HYPERPARAMETERS: Readonly<Record<HyperparameterName, Moments>> = {
  'noise variance': { mean: 0.0326, sd: 0.0014 },
  'field variance': { mean: 1.2762, sd: 0.24 },
  'range [km]': { mean: 275, sd: 16.8 },
  'AR(1)': { mean: 0.9601, sd: 0.0081 },
};

export type HyperparameterName = 'noise variance' | 'field variance' | 'range [km]' | 'AR(1)';

/** At the ten stations that the fit does not see, on log PM10. */
export const PUBLISHED_VALIDATION = { rmse: 0.5328, correlation: 0.7015, coverage: 0.897 };

/** A posterior mean agrees when it is this close, in published standard deviations. */
export const MEAN_TOLERANCE_SD = 0.5;
