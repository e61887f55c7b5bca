// SPDX-License-Identifier: Apache-2.0
/**
 * Kriging by the covariance of the data, of one Gaussian process and plain arrays: as good for hardly any noise as for much of it.
 */
import { float64At, int32At } from '../../common/entry.js';
import type { CsrMatrix } from '../../artifacts/schemas/mesh.js';
import type { EngineModel } from '../../inference-core/host-ts/contract/engine-model.js';

type Matrix = readonly Float64Array[];

const zeros = (rows: number, columns = rows): Matrix => Array.from({ length: rows }, () => new Float64Array(columns));

function at(values: Float64Array | undefined, index: number): number {
  const value = values?.[index];
  if (value === undefined) throw new Error(`no entry ${index}`);
  return value;
}

function dense(matrix: CsrMatrix): Matrix {
  return Array.from({ length: matrix.numRows }, (_, row) => {
    const full = new Float64Array(matrix.numColumns);
    for (let p = int32At(matrix.rowPointers, row); p < int32At(matrix.rowPointers, row + 1); p += 1) {
      full[int32At(matrix.columnIndices, p)] = float64At(matrix.values, p);
    }
    return full;
  });
}

function product(a: Matrix, b: Matrix): Matrix {
  return a.map((row) =>
    Float64Array.from({ length: b[0]?.length ?? 0 }, (_, j) => row.reduce((sum, x, k) => sum + x * at(b[k], j), 0)),
  );
}

function cholesky(a: Matrix): Matrix {
  const lower = zeros(a.length);
  a.forEach((row, i) => {
    for (let j = 0; j <= i; j += 1) {
      let sum = at(row, j);
      for (let k = 0; k < j; k += 1) sum -= at(lower[i], k) * at(lower[j], k);
      const target = lower[i];
      if (target !== undefined) target[j] = i === j ? Math.sqrt(sum) : sum / at(lower[j], j);
    }
  });
  return lower;
}

function solve(lower: Matrix, b: Float64Array): Float64Array {
  const x = Float64Array.from(b);
  for (let i = 0; i < x.length; i += 1) {
    for (let k = 0; k < i; k += 1) x[i] = at(x, i) - at(lower[i], k) * at(x, k);
    x[i] = at(x, i) / at(lower[i], i);
  }
  for (let i = x.length - 1; i >= 0; i -= 1) {
    for (let k = i + 1; k < x.length; k += 1) x[i] = at(x, i) - at(lower[k], i) * at(x, k);
    x[i] = at(x, i) / at(lower[i], i);
  }
  return x;
}

/** The precision of the field from the definitions: [log range, log sigma] or [log range, log range in time, log sigma]. */
function fieldPrecision(model: EngineModel, theta: readonly number[]): Matrix {
  const { c0, temporal } = model;
  const n = c0.length;
  const [logRange = NaN, second = NaN, third = NaN] = theta;
  const gammaS = 0.5 * Math.log(8) - logRange;
  const g = Math.exp(gammaS);
  const g1 = dense(model.g1);
  const lumped = (matrix: Matrix): Matrix => matrix.map((row, i) => row.map((x) => x / at(c0, i)));
  const g2 = product(g1, lumped(g1));
  const entry = (power: number, i: number, j: number): number => {
    const mass = i === j ? at(c0, i) : 0;
    if (power === 1) return g ** 2 * mass + at(g1[i], j);
    if (power === 2) return g ** 4 * mass + 2 * g ** 2 * at(g1[i], j) + at(g2[i], j);
    return g ** 6 * mass + 3 * g ** 4 * at(g1[i], j) + 3 * g ** 2 * at(g2[i], j) + at(g3[i], j);
  };
  const g3 = product(g2, lumped(g1));
  if (temporal === undefined) {
    const scale = Math.exp(-(Math.log(4 * Math.PI) + 2 * gammaS + 2 * second));
    return zeros(n).map((row, i) => row.map((_, j) => scale * entry(2, i, j)));
  }
  const gammaT = second - 0.5 * Math.log(4) + 2 * gammaS;
  const c1 = Math.sqrt(Math.PI) / (4 * Math.PI) ** 1.5;
  const scale = Math.exp(Math.log(c1) - gammaT - 2 * gammaS - 2 * third);
  const { m0, m1, m2Diagonal, m2OffDiagonal } = temporal;
  return zeros(n * m0.length).map((row, a) =>
    row.map((_, b) => {
      const [s, t] = [Math.floor(a / n), Math.floor(b / n)];
      if (Math.abs(s - t) > 1) return 0;
      const [i, j] = [a % n, b % n];
      const neighbours = s === t ? at(m2Diagonal, s) : at(m2OffDiagonal, Math.min(s, t));
      const own = s === t ? at(m0, s) * entry(3, i, j) + Math.exp(gammaT) * at(m1, s) * entry(2, i, j) : 0;
      return scale * (own + Math.exp(2 * gammaT) * neighbours * entry(1, i, j));
    }),
  );
}

export interface Kriging {
  readonly logMarginalLikelihood: number;
  /** Of the predictors at the observations. */
  readonly mean: Float64Array;
  readonly variance: Float64Array;
}

/** @param theta that of the engine, the log noise precision last */
export function denseKriging(model: EngineModel, theta: readonly number[]): Kriging {
  const group = model.observations[0];
  if (group === undefined) throw new Error('one group');
  const n = model.c0.length;
  const m = group.y.length;
  const factor = cholesky(fieldPrecision(model, theta));
  const noise = Math.exp(-(theta.at(-1) ?? NaN));
  const projector = dense(group.projector);
  const rows = projector.map((row, k) => {
    const full = new Float64Array(factor.length);
    row.forEach((x, j) => (full[int32At(group.timeIndex, k) * n + j] = x));
    return full;
  });
  // The intercept is one more variable of the prior variance 1 / precision.
  const covariance = rows.map((row) => {
    const column = solve(factor, row);
    return Float64Array.from(rows, (other) =>
      other.reduce((sum, x, i) => sum + x * at(column, i), 1 / model.fixedEffectsPriorPrecision),
    );
  });
  const total = covariance.map((row, i) => row.map((x, j) => x + (i === j ? noise : 0)));
  const root = cholesky(total);
  const weights = solve(root, group.y);
  const logDeterminant = 2 * root.reduce((sum, row, i) => sum + Math.log(at(row, i)), 0);
  const energy = group.y.reduce((sum, y, i) => sum + y * at(weights, i), 0);
  const unit = (i: number): Float64Array => Float64Array.from({ length: m }, (_, k) => (k === i ? 1 : 0));
  return {
    logMarginalLikelihood: -0.5 * (m * Math.log(2 * Math.PI) + logDeterminant + energy),
    // y - N V^-1 y and N - N V^-1 N: no difference of large numbers.
    mean: group.y.map((y, i) => y - noise * at(weights, i)),
    variance: Float64Array.from({ length: m }, (_, i) => noise - noise * noise * at(solve(root, unit(i)), i)),
  };
}
