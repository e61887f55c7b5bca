// SPDX-License-Identifier: Apache-2.0
/**
 * The Piemonte model fitted, and predicted at the stations it does not see.
 *
 * @module
 */
import { entry, float64At } from '../../common/entry.js';
import type { CsrMatrix, Mesh } from '../../artifacts/schemas/mesh.js';
import type { PredictionDesign } from '../../inference-core/host-ts/contract/engine-model.js';
import type { NativeEngine } from '../../inference-core/host-ts/contract/native-engine.js';
import { planarPointProjector } from '../../mesh/index.js';
import { fitWhole, momentsOf, parameterMoments, type WholeFit } from '../rinla/fit-separable.js';
import type { Moments } from '../rinla/reference.js';
import { piemonteCase, type SeparableCase } from '../rinla/separable-case.js';
import { interpolationVariances } from './interpolation-variance.js';
import type { HyperparameterName } from './published.js';
import { readPiemonteValidation, type StationDay } from './stations.js';
import { widerMesh } from './wider-mesh.js';

/** Predictions at stations and days with an observation, on log PM10. */
export interface Validation {
  readonly count: number;
  readonly rmse: number;
  readonly correlation: number;
  /**
   * Share of observations inside the central 95 % interval of a new observation: field, effects, theta, noise, and what linear
   * interpolation between the nodes hides.
   */
  readonly coverage: number;
  /** The same with a field that is linear between the nodes. */
  readonly coverageOnMesh: number;
}

export interface PiemonteFit {
  readonly numVertices: number;
  readonly whole: WholeFit;
  readonly fixedEffects: Readonly<Record<string, Moments>>;
  readonly hyperparameters: Readonly<Record<HyperparameterName, Moments>>;
  readonly validation: Validation;
}

/** 97.5 % quantile of the standard normal distribution. */
const QUANTILE = 1.959963984540054;

interface Day {
  readonly stations: readonly StationDay[];
  /** Interleaved x, y. */
  readonly placesKm: Float64Array;
  readonly design: PredictionDesign;
}

/** One design a day, for covariates change from day to day. */
function dailyDesigns({ mesh }: SeparableCase, rows: readonly StationDay[], numDays: number): Day[] {
  return Array.from({ length: numDays }, (_, day) => {
    const stations = rows.filter((row) => row.day === day && row.logPm10 !== undefined);
    const placesKm = Float64Array.from(stations.flatMap(({ xKm, yKm }) => [xKm, yKm]));
    const projector: CsrMatrix = planarPointProjector(mesh, placesKm);
    const covariates = Float64Array.from(stations.flatMap(({ covariates: values }) => [1, ...values]));
    return { stations, placesKm, design: { process: 0, timeIndices: Int32Array.of(day), projector, covariates } };
  }).filter(({ stations }) => stations.length > 0);
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function correlation(a: readonly number[], b: readonly number[]): number {
  const [meanA, meanB] = [meanOf(a), meanOf(b)];
  const product = (x: readonly number[], meanX: number, y: readonly number[], meanY: number): number =>
    x.reduce((sum, value, i) => sum + (value - meanX) * (entry(y, i) - meanY), 0);
  return product(a, meanA, b, meanB) / Math.sqrt(product(a, meanA, a, meanA) * product(b, meanB, b, meanB));
}

function validate(
  days: readonly Day[],
  { posterior }: WholeFit,
  mesh: Mesh,
  hyperparameters: PiemonteFit['hyperparameters'],
): Validation {
  const observed: number[] = [];
  const predicted: number[] = [];
  let covered = 0;
  let coveredOnMesh = 0;
  const noiseVariance = hyperparameters['noise variance'].mean;
  const field = { rangeKm: hyperparameters['range [km]'].mean, variance: hyperparameters['field variance'].mean };
  days.forEach(({ stations, placesKm, design }, i) => {
    const hidden = interpolationVariances(mesh, design.projector, placesKm, field);
    stations.forEach(({ logPm10 = NaN }, row) => {
      const mean = posterior.predictions[i]?.mean[row] ?? NaN;
      const onMesh = (posterior.predictions[i]?.sd[row] ?? NaN) ** 2 + noiseVariance;
      const error = Math.abs(logPm10 - mean);
      if (error <= QUANTILE * Math.sqrt(onMesh)) coveredOnMesh += 1;
      if (error <= QUANTILE * Math.sqrt(onMesh + float64At(hidden, row))) covered += 1;
      observed.push(logPm10);
      predicted.push(mean);
    });
  });
  return {
    count: observed.length,
    rmse: Math.sqrt(meanOf(observed.map((value, i) => (value - entry(predicted, i)) ** 2))),
    correlation: correlation(observed, predicted),
    coverage: covered / observed.length,
    coverageOnMesh: coveredOnMesh / observed.length,
  };
}

/**
 * Fits and validates; everything from ../shared.
 *
 * @param outwardKm how much further out than that of the reference mesh the boundary lies
 */
export async function fitPiemonte(engine: NativeEngine, outwardKm: number): Promise<PiemonteFit> {
  const separable = await piemonteCase((mesh) => widerMesh(mesh, outwardKm));
  const validation = await readPiemonteValidation();
  const days = dailyDesigns(separable, validation.rows, validation.numDays);
  const whole = await fitWhole(
    engine,
    separable,
    days.map(({ design }) => design),
  );
  const [range, rho, sigma, precision] = whole.posterior.theta;
  if (range === undefined || rho === undefined || sigma === undefined || precision === undefined) {
    throw new RangeError(`expected 4 hyperparameters, got ${whole.posterior.theta.length}`);
  }
  const hyperparameters = {
    'noise variance': momentsOf(precision.internal, (theta) => Math.exp(-theta)),
    'field variance': momentsOf(sigma.internal, (theta) => Math.exp(2 * theta)),
    'range [km]': { mean: range.natural.mean, sd: range.natural.sd },
    'AR(1)': { mean: rho.natural.mean, sd: rho.natural.sd },
  };
  const all = parameterMoments(whole, separable.fixedEffectNames);
  const fixedEffects = Object.fromEntries(
    separable.fixedEffectNames.map((name) => [name, all[name] ?? { mean: NaN, sd: NaN }]),
  );
  return {
    numVertices: separable.mesh.c0.length,
    whole,
    fixedEffects,
    hyperparameters,
    validation: validate(days, whole, separable.mesh, hyperparameters),
  };
}
