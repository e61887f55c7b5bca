// SPDX-License-Identifier: Apache-2.0
import type { FitResult, ParameterSummary } from '../artifacts/schemas/fit-result.js';
import { entry } from '../common/entry.js';
import { TramontanaError } from '../common/errors.js';
import { POLLUTANT_LABEL } from '../common/pollutants.js';
import type { ModelFrame } from './frame.js';
import { hyperparameterScales, type HyperparameterScale } from './hyperparameter-scales.js';

/** 97.5 % quantile of the standard normal distribution. */
const NORMAL_97_5 = 1.959963984540054;

/**
 * Hyperparameters that are not held, and fixed effects, on natural scales. Intervals are Gaussian on the internal scale (log ranges, log
 * standard deviations, weights as they are), transformed end by end.
 *
 * Weights multiply standardised fields: a weight w of A in B means that B holds w sd_B for each sd_A of the field of A.
 *
 * @returns pollutant by pollutant (ranges, sds, fixed effects), then the weights
 * @throws {TramontanaError} `Modelling.ShapeMismatch` when the fit belongs to another model
 */
export function summariseParameters(
  fit: Pick<FitResult, 'theta' | 'thetaCovariance' | 'fixedEffects'>,
  frame: Pick<ModelFrame, 'kind' | 'pollutants' | 'standardisation' | 'covariates' | 'thetaNames'>,
): ParameterSummary[] {
  const { pollutants, covariates, thetaNames } = frame;
  const scales = hyperparameterScales(frame);
  checkShapes(fit, thetaNames.length, pollutants.length * covariates.names.length);
  const ofHyperparameter = (scale: HyperparameterScale): ParameterSummary => {
    const { index } = scale;
    const sd = Math.sqrt(fit.thetaCovariance[index]?.[index] ?? Number.NaN);
    return summary(scale, 'hyperparameter', intervalOf(entry(fit.theta, index), sd));
  };
  const ofFixedEffect = (scale: FixedEffectScale): ParameterSummary => {
    const { mean, sd } = fit.fixedEffects;
    return summary(scale, 'fixed-effect', intervalOf(entry(mean, scale.index), entry(sd, scale.index)));
  };
  const fixedEffects = fixedEffectScales(frame);
  return [
    ...pollutants.flatMap((_, k) => [
      ...scales.filter(({ process }) => process === k).map(ofHyperparameter),
      ...fixedEffects.filter(({ process }) => process === k).map(ofFixedEffect),
    ]),
    ...scales.filter(({ process }) => process === undefined).map(ofHyperparameter),
  ];
}

/** How to read one fixed effect. */
export interface FixedEffectScale extends Pick<HyperparameterScale, 'index' | 'name' | 'label' | 'units' | 'natural'> {
  readonly process: number;
}

/** Natural scales of the fixed effects, pollutant by pollutant in the order of the model. */
export function fixedEffectScales(frame: Pick<ModelFrame, 'standardisation' | 'covariates'>): FixedEffectScale[] {
  const { names, referenceElevationM } = frame.covariates;
  return frame.standardisation.flatMap(({ pollutant, meanUgM3, sdUgM3 }, process) =>
    names.map((name, c): FixedEffectScale => {
      const label = POLLUTANT_LABEL[pollutant];
      const index = process * names.length + c;
      if (name === 'elevation_km') {
        return {
          index,
          process,
          name: `elevation_effect_ug_m3_per_km_${pollutant}`,
          label: `Effect of elevation, ${label}`,
          units: 'ug m-3 km-1',
          natural: (value) => sdUgM3 * value,
        };
      }
      const at = referenceElevationM === undefined ? '' : ` at ${referenceElevationM.toFixed(0)} m`;
      return {
        index,
        process,
        name: `intercept_ug_m3_${pollutant}`,
        label: `Intercept${at}, ${label}`,
        units: 'ug m-3',
        natural: (value) => meanUgM3 + sdUgM3 * value,
      };
    }),
  );
}

interface Interval {
  readonly estimate: number;
  readonly lower: number;
  readonly upper: number;
}

function intervalOf(estimate: number, sd: number): Interval {
  return { estimate, lower: estimate - NORMAL_97_5 * sd, upper: estimate + NORMAL_97_5 * sd };
}

/** A decreasing transformation swaps the ends. */
function summary(
  { name, label, units, natural }: Pick<HyperparameterScale, 'name' | 'label' | 'units' | 'natural'>,
  kind: ParameterSummary['kind'],
  { estimate, lower, upper }: Interval,
): ParameterSummary {
  const ends = [natural(lower), natural(upper)] as const;
  return {
    name,
    label,
    units,
    kind,
    estimate: natural(estimate),
    lower95: Math.min(...ends),
    upper95: Math.max(...ends),
  };
}

function checkShapes(
  fit: Pick<FitResult, 'theta' | 'thetaCovariance' | 'fixedEffects'>,
  numHyperparameters: number,
  numFixedEffects: number,
): void {
  const expectations: readonly (readonly [string, number, number])[] = [
    ['theta', numHyperparameters, fit.theta.length],
    ['rows of the covariance of theta', numHyperparameters, fit.thetaCovariance.length],
    ['means of fixed effects', numFixedEffects, fit.fixedEffects.mean.length],
    ['sds of fixed effects', numFixedEffects, fit.fixedEffects.sd.length],
  ];
  for (const [what, expected, found] of expectations) {
    if (expected === found) continue;
    throw new TramontanaError('Modelling.ShapeMismatch', `Fit: expected ${expected} ${what}, got ${found}`, {
      facts: { what, expected, found },
    });
  }
}
