// SPDX-License-Identifier: Apache-2.0
/**
 * A start for the search of theta, read off the data by moments. It need not be right, only near: each value is kept
 * within what mesh or grid, the days and standardised units allow.
 *
 * @module
 */
import { entry, float64At } from '../common/entry.js';
import type { DomainScale } from './priors.js';
import { meanProduct, nuggetVariance, type ResidualField } from './residual-field.js';
import { couplingPairs, type ThetaLayout } from './theta-layout.js';

export interface InitialThetaInputs extends DomainScale {
  /** One a pollutant. */
  readonly residuals: readonly ResidualField[];
  readonly cellWidthKm: number;
  readonly cellHeightKm: number;
}

/** Start of theta, in the order of the layout. */
export function initialTheta(layout: ThetaLayout, inputs: InitialThetaInputs): number[] {
  const { residuals } = inputs;
  const weights = residuals.map((residual, to) => regressOn(residuals.slice(0, to), residual));
  const theta = new Array<number>(layout.names.length).fill(0);
  residuals.forEach((residual, k) => {
    const own = withoutOthers(residual, residuals.slice(0, k), entry(weights, k));
    const variance = meanProduct(own, own, 0, 0, 0);
    const noiseVariance = noiseVarianceOf(own, variance);
    put(theta, layout.logRangeKm[k], Math.log(spatialRangeKm(own, variance, noiseVariance, inputs)));
    put(theta, layout.logRangeDays[k], Math.log(temporalRangeDays(own, variance, noiseVariance)));
    put(theta, layout.logSigma[k], Math.log(clip(Math.sqrt(Math.max(0, variance - noiseVariance)), 0.1, 2)));
    put(theta, layout.logNoisePrecision[k], -Math.log(noiseVariance));
  });
  const pairs = couplingPairs(residuals.length);
  layout.couplings.forEach(({ index }, c) => {
    const [from, to] = entry(pairs, c);
    theta[index] = clip(weights[to]?.[from] ?? 0, -1.5, 1.5);
  });
  return theta;
}

function put(theta: number[], index: number | undefined, value: number): void {
  if (index !== undefined) theta[index] = value;
}

/** Start of the noise variance; a tenth of the field's where the nugget cannot be told. */
function noiseVarianceOf(field: ResidualField, variance: number): number {
  const nugget = nuggetVariance(field);
  return clip(Number.isFinite(nugget) ? nugget : 0.1 * variance, 0.05 ** 2, 0.5 ** 2);
}

/**
 * Range from the distance at which the correlation falls to one half: a Matern field with smoothness 1 has correlation
 * x K1(x) = 1/2 at x = 1.257, and range sqrt(8)/kappa = 2.25 times that distance.
 */
function spatialRangeKm(
  field: ResidualField,
  variance: number,
  noiseVariance: number,
  { cellWidthKm, cellHeightKm, resolutionKm, diagonalKm }: InitialThetaInputs,
): number {
  const signal = Math.max(variance - noiseVariance, 0.1 * variance);
  const halfDistance = (limit: number, stepKm: number, lagOf: (lag: number) => readonly [number, number]): number => {
    let previous = 1;
    for (let lag = 1; lag < limit; lag += 1) {
      const correlation = meanProduct(field, field, 0, ...lagOf(lag)) / signal;
      if (!Number.isFinite(correlation)) break;
      if (correlation < 0.5) return stepKm * (lag - (0.5 - correlation) / Math.max(previous - correlation, 1e-9));
      previous = correlation;
    }
    return Number.NaN;
  };
  const halves = [
    halfDistance(field.numLongitudes, cellWidthKm, (lag) => [0, lag]),
    halfDistance(field.numLatitudes, cellHeightKm, (lag) => [lag, 0]),
  ].filter(Number.isFinite);
  const mean = halves.reduce((sum, value) => sum + value, 0) / halves.length;
  // Correlations that stay above one half tell only that the range is long.
  const rangeKm = halves.length > 0 ? 2.25 * mean : 0.5 * diagonalKm;
  return clip(rangeKm, 2.5 * resolutionKm, Math.max(diagonalKm, 3 * resolutionKm));
}

/** Range from the correlation of successive days: at low spatial frequencies it is exp(-2 / range). */
function temporalRangeDays(field: ResidualField, variance: number, noiseVariance: number): number {
  const signal = Math.max(variance - noiseVariance, 0.1 * variance);
  const correlation = meanProduct(field, field, 1, 0, 0) / signal;
  if (!Number.isFinite(correlation)) return 4;
  return clip(2 / -Math.log(clip(correlation, 0.05, 0.98)), 1, 3 * field.numDays + 1);
}

/** Coefficients of a least-squares regression on other residual fields over common cells, slightly ridged. */
function regressOn(others: readonly ResidualField[], target: ResidualField): number[] {
  const n = others.length;
  const matrix = others.map((a, i) => others.map((b, j) => meanProduct(a, b, 0, 0, 0) + (i === j ? 1e-3 : 0)));
  const right = others.map((a) => meanProduct(a, target, 0, 0, 0));
  if (![...matrix.flat(), ...right].every(Number.isFinite)) return new Array<number>(n).fill(0);
  // Gaussian elimination of a symmetric positive definite matrix of order below four.
  for (let k = 0; k < n; k += 1) {
    for (let i = k + 1; i < n; i += 1) {
      const factor = (matrix[i]?.[k] ?? 0) / (matrix[k]?.[k] ?? 1);
      for (let j = k; j < n; j += 1) {
        const row = matrix[i];
        if (row !== undefined) row[j] = entry(row, j) - factor * (matrix[k]?.[j] ?? 0);
      }
      right[i] = entry(right, i) - factor * entry(right, k);
    }
  }
  const solution = new Array<number>(n).fill(0);
  for (let i = n - 1; i >= 0; i -= 1) {
    let rest = entry(right, i);
    for (let j = i + 1; j < n; j += 1) rest -= (matrix[i]?.[j] ?? 0) * entry(solution, j);
    solution[i] = rest / (matrix[i]?.[i] ?? 1);
  }
  return solution;
}

function withoutOthers(
  field: ResidualField,
  others: readonly ResidualField[],
  weights: readonly number[],
): ResidualField {
  const values = field.values.map((value, i) =>
    others.reduce((rest, other, o) => {
      const explained = entry(weights, o) * float64At(other.values, i);
      return Number.isNaN(explained) ? rest : rest - explained;
    }, value),
  );
  return { ...field, values };
}

function clip(value: number, lower: number, upper: number): number {
  return Math.min(upper, Math.max(lower, value));
}
