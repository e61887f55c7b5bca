// SPDX-License-Identifier: Apache-2.0
import type { FitResult, ParameterSummary } from '../artifacts/schemas/fit-result.js';
import { TramontanaError } from '../common/errors.js';
import { POLLUTANT_LABEL, type PollutantId } from '../common/pollutants.js';
import type { ModelFrame, PollutantScale } from './frame.js';
import { thetaLayout } from './theta-layout.js';

/** 97.5 % quantile of the standard normal distribution. */
const NORMAL_97_5 = 1.959963984540054;

/**
 * Hyperparameters and fixed effects on natural scales. Intervals are Gaussian on the internal scale (log ranges, log
 * standard deviations, weights as they are), transformed end by end.
 *
 * Weights multiply standardised fields: a weight w of A in B means that B holds w sd_B for each sd_A of the field of A.
 *
 * @returns pollutant by pollutant (ranges, sds, fixed effects), then the weights
 * @throws {TramontanaError} `Modelling.ShapeMismatch` when the fit belongs to another model
 */
export function summariseParameters(
  fit: Pick<FitResult, 'theta' | 'thetaCovariance' | 'fixedEffects'>,
  frame: Pick<ModelFrame, 'kind' | 'pollutants' | 'standardisation' | 'covariates'>,
): ParameterSummary[] {
  const { pollutants, standardisation, covariates } = frame;
  const layout = thetaLayout(frame.kind, pollutants);
  checkShapes(fit, layout.names.length, pollutants.length * covariates.names.length);
  const interval = (index: number): Interval => {
    const estimate = fit.theta[index] ?? Number.NaN;
    return intervalOf(estimate, Math.sqrt(fit.thetaCovariance[index]?.[index] ?? Number.NaN));
  };
  const summaries: ParameterSummary[] = [];
  standardisation.forEach((scale, k) => {
    const label = POLLUTANT_LABEL[scale.pollutant];
    const add = (
      name: string,
      text: string,
      units: string,
      index: number | undefined,
      natural: (value: number) => number,
    ): void => {
      if (index === undefined) return;
      summaries.push(
        summary(`${name}_${scale.pollutant}`, `${text}, ${label}`, units, 'hyperparameter', interval(index), natural),
      );
    };
    const sd = scale.sdUgM3;
    const fieldText =
      pollutants.length === 1 || k === 0
        ? 'Standard deviation of the field'
        : 'Standard deviation of the own part of the field';
    add('range_km', 'Spatial range', 'km', layout.logRangeKm[k], Math.exp);
    add('range_days', 'Temporal range', 'days', layout.logRangeDays[k], Math.exp);
    add('sigma_ug_m3', fieldText, 'ug m-3', layout.logSigma[k], (value) => sd * Math.exp(value));
    add(
      'noise_sd_ug_m3',
      'Standard deviation of the noise',
      'ug m-3',
      layout.logNoisePrecision[k],
      (value) => sd * Math.exp(-value / 2),
    );
    summaries.push(
      ...fixedEffects(fit, scale, covariates.names, k * covariates.names.length, covariates.referenceElevationM),
    );
  });
  for (const { from, to, index } of layout.couplings) {
    const [source, target] = [pollutants[from], pollutants[to]] as [PollutantId, PollutantId];
    summaries.push(
      summary(
        `weight_${source}_in_${target}`,
        `Weight of ${POLLUTANT_LABEL[source]} in ${POLLUTANT_LABEL[target]}`,
        '1',
        'hyperparameter',
        interval(index),
        (value) => value,
      ),
    );
  }
  return summaries;
}

function fixedEffects(
  fit: Pick<FitResult, 'fixedEffects'>,
  { pollutant, meanUgM3, sdUgM3 }: PollutantScale,
  names: readonly ('intercept' | 'elevation_km')[],
  first: number,
  referenceElevationM: number | undefined,
): ParameterSummary[] {
  const label = POLLUTANT_LABEL[pollutant];
  return names.map((name, c) => {
    const effect = intervalOf(
      fit.fixedEffects.mean[first + c] ?? Number.NaN,
      fit.fixedEffects.sd[first + c] ?? Number.NaN,
    );
    if (name === 'elevation_km') {
      const text = `Effect of elevation, ${label}`;
      const machineName = `elevation_effect_ug_m3_per_km_${pollutant}`;
      return summary(machineName, text, 'ug m-3 km-1', 'fixed-effect', effect, (value) => sdUgM3 * value);
    }
    const at = referenceElevationM === undefined ? '' : ` at ${referenceElevationM.toFixed(0)} m`;
    const text = `Intercept${at}, ${label}`;
    const natural = (value: number): number => meanUgM3 + sdUgM3 * value;
    return summary(`intercept_ug_m3_${pollutant}`, text, 'ug m-3', 'fixed-effect', effect, natural);
  });
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
  name: string,
  label: string,
  units: string,
  kind: ParameterSummary['kind'],
  { estimate, lower, upper }: Interval,
  natural: (value: number) => number,
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
