// SPDX-License-Identifier: Apache-2.0
/** One iteration of the hyperparameter search. */
export interface FitTraceEntry {
  readonly iteration: number;
  readonly objective: number;
  /** Infinity norm of the gradient of the objective. */
  readonly gradientNorm: number;
  readonly theta: readonly number[];
  /** Since the start of this attempt. */
  readonly seconds: number;
}

/** A parameter on its natural scale with a 95 % interval (Gaussian on the internal scale, transformed). */
export interface ParameterSummary {
  /** Machine name, e.g. `range_km_pm2_5`, `noise_sd_ug_m3_o3`, `intercept_ug_m3_pm10`. */
  readonly name: string;
  /** For people, e.g. "Spatial range, PM2.5". */
  readonly label: string;
  readonly units: string;
  readonly kind: 'hyperparameter' | 'fixed-effect';
  readonly estimate: number;
  readonly lower95: number;
  readonly upper95: number;
}

/** What the evaluations of a fit are compared with. */
export interface StartReference {
  /** Of a whole search that began at the defaults, its curvature at the mode included. */
  readonly evaluations: number;
  /** Which search that was, in words. */
  readonly of: string;
}

/** Where a search began, why there, and what it saved. */
export interface FitStart {
  readonly from: 'earlier-run' | 'coarse-mesh' | 'defaults';
  /** In words; where a better start was refused, why. */
  readonly reason: string;
  /**
   * Evaluations of the reference less those of this fit, with all that was spent on finding and judging the start; negative where
   * the start did not pay, 0 without a reference.
   */
  readonly evaluationsSaved: number;
  /** Absent where no search from the defaults is known. */
  readonly reference?: StartReference;
  /** Stage key of the earlier fit; only of `earlier-run`. */
  readonly earlierKey?: string;
}

/** What a fit was reckoned to need before it ran. */
export interface FitPlan {
  /** Processes that share the model. */
  readonly ranks: number;
  /** At most, of each of them. */
  readonly bytes: number;
  readonly evaluations: number;
  readonly flops: number;
  readonly seconds: number;
}

/** Result of a fit: the mode of theta, its curvature, and how it was found. Arrays are plain: it is small and travels as JSON. */
export interface FitResult {
  readonly thetaNames: readonly string[];
  readonly theta: readonly number[];
  /** Row-major covariance of theta (inverse Hessian of the objective at the mode). */
  readonly thetaCovariance: readonly (readonly number[])[];
  /** Row-major Hessian of the objective at the mode, zero where a component is held; absent in fits of before. */
  readonly hessian?: readonly (readonly number[])[];
  readonly objective: number;
  /** Infinity norm at the mode. */
  readonly gradientNorm: number;
  /** Evaluations of (objective, gradient) over all attempts, Hessian included. */
  readonly evaluations: number;
  readonly iterations: number;
  /** 0 when the fit ran in one attempt from the start. */
  readonly resumedFromIteration: number;
  /** Over all attempts. */
  readonly seconds: number;
  readonly stopReason: string;
  /** False when the search gave up before the mode. */
  readonly converged: boolean;
  /** Components of theta that a bound of the search holds, in words; their variance is zero. */
  readonly activeBounds: readonly string[];
  /** How the recursion ran, in one line, e.g. "spectral; steady state after 9 of 18 steps". */
  readonly recursion: string;
  readonly fixedEffects: { readonly mean: readonly number[]; readonly sd: readonly number[] };
  /** Absent in fits of before. */
  readonly start?: FitStart;
  /** What the stage reckoned beforehand; absent in fits of before and of models that a program gives. */
  readonly plan?: FitPlan;
  /** Resident memory of the engine process at its peak, of this attempt; absent in fits of before. */
  readonly peakBytes?: number;
  readonly trace: readonly FitTraceEntry[];
}
