// SPDX-License-Identifier: Apache-2.0
/**
 * The mode of an earlier fit as the start of another one. Both must be of one model, on other data: the same hyperparameters of the
 * same pollutants. Data of other days have other means and standard deviations, so that what is told in standardised units is
 * brought to those of today; and what is of no use is refused with the reason in words, for a start is never worth a fit.
 *
 * @module
 */
import type { FitResult } from '../artifacts/schemas/fit-result.js';
import { entry } from '../common/entry.js';
import type { Forecast } from './forecast-frame.js';
import type { ModelFrame } from './frame.js';
import { thetaLayout } from './theta-layout.js';

/** A fit as it was stored, with how to read its numbers. */
export interface EarlierFit {
  readonly fit: Pick<FitResult, 'theta' | 'hessian' | 'converged'>;
  readonly frame: Pick<ModelFrame, 'kind' | 'pollutants' | 'thetaNames' | 'standardisation' | 'covariates'>;
}

/** The model that is to be fitted. */
export type StartedModel = Pick<
  Forecast<unknown>,
  'kind' | 'pollutants' | 'thetaNames' | 'standardisation' | 'covariates' | 'initialTheta' | 'thetaBounds'
>;

/** A start for the model, or why the earlier fit is none. */
export type CarriedStart =
  { readonly theta: readonly number[]; readonly curvature?: readonly number[] } | { readonly refusal: string };

/**
 * Carries the mode of an earlier fit over to a model.
 *
 * @returns theta in the order of the model, what is held at its value there; `curvature` is the row-major Hessian, where it is whole
 */
export function carriedStart(earlier: EarlierFit, now: StartedModel): CarriedStart {
  const refusal = otherModel(earlier, now);
  if (refusal !== undefined) return { refusal };
  const { names } = thetaLayout(now.kind, now.pollutants);
  const change = unitChange(earlier, now);
  // what is held stands behind the components of the layout, and has its value from the model
  const theta = now.initialTheta.map((held, i) =>
    i < names.length ? entry(change.scale, i) * entry(earlier.fit.theta, i) + entry(change.shift, i) : held,
  );
  const astray = theta.findIndex((value, i) => !isWithin(value, now, i));
  if (astray >= 0) {
    const { lower, upper } = now.thetaBounds;
    const [value, from, to] = [entry(theta, astray), entry(lower, astray), entry(upper, astray)];
    return {
      refusal: `its ${entry(now.thetaNames, astray)} is ${value.toPrecision(4)}, expected ${from.toPrecision(4)} to ${to.toPrecision(4)}`,
    };
  }
  const curvature = carriedCurvature(earlier.fit.hessian, change.scale, theta.length);
  return { theta, ...(curvature === undefined ? {} : { curvature }) };
}

/** Why a fit is not of this model, or not whole; undefined where it is. */
function otherModel({ fit, frame }: EarlierFit, now: StartedModel): string | undefined {
  if (frame.kind !== now.kind) return `it is of a ${frame.kind} model, this one is ${now.kind}`;
  if (frame.pollutants.join() !== now.pollutants.join())
    return `it is of ${frame.pollutants.join(', ')}, this one of ${now.pollutants.join(', ')}`;
  if (frame.covariates.names.join() !== now.covariates.names.join())
    return `its fixed effects are ${frame.covariates.names.join(', ')}, here ${now.covariates.names.join(', ')}`;
  const { names } = thetaLayout(now.kind, now.pollutants);
  if (names.some((name, i) => frame.thetaNames[i] !== name) || fit.theta.length !== frame.thetaNames.length)
    return 'its hyperparameters are others';
  if (!fit.converged) return 'its search did not end at a mode';
  if (!fit.theta.every(Number.isFinite)) return 'its hyperparameters are not finite';
  const units = [...frame.standardisation, ...now.standardisation].map(({ sdUgM3 }) => sdUgM3);
  const isWhole = frame.standardisation.length === now.pollutants.length;
  return isWhole && units.every((sd) => Number.isFinite(sd) && sd > 0) ? undefined : 'its units are not known';
}

function isWithin(value: number, { thetaBounds: { lower, upper } }: StartedModel, i: number): boolean {
  return value >= entry(lower, i) && value <= entry(upper, i);
}

/** New theta = scale x old theta + shift, one entry a component of the layout. */
interface UnitChange {
  readonly scale: readonly number[];
  readonly shift: readonly number[];
}

/** A field keeps its size in ug m-3: its standard deviation in standardised units changes as those units do. */
function unitChange({ frame }: EarlierFit, now: StartedModel): UnitChange {
  const layout = thetaLayout(now.kind, now.pollutants);
  const scale = layout.names.map(() => 1);
  const shift = layout.names.map(() => 0);
  const growth = now.standardisation.map(({ sdUgM3 }, k) => entry(frame.standardisation, k).sdUgM3 / sdUgM3);
  layout.logSigma.forEach((i, k) => (shift[i] = Math.log(entry(growth, k))));
  layout.logNoisePrecision.forEach((i, k) => (shift[i] = -2 * Math.log(entry(growth, k))));
  for (const { from, to, index } of layout.couplings) scale[index] = entry(growth, to) / entry(growth, from);
  return { scale, shift };
}

/** The Hessian in the new units; none where the earlier fit has none of its own size. */
function carriedCurvature(hessian: FitResult['hessian'], scale: readonly number[], size: number): number[] | undefined {
  const numFree = scale.length;
  const isWhole =
    hessian !== undefined &&
    hessian.length >= numFree &&
    hessian.every((row) => row.length === hessian.length && row.every(Number.isFinite));
  if (!isWhole) return undefined;
  return Array.from({ length: size * size }, (_, k) => {
    const [i, j] = [Math.floor(k / size), k % size];
    if (i >= numFree || j >= numFree) return 0;
    return entry(entry(hessian, i), j) / (entry(scale, i) * entry(scale, j));
  });
}
