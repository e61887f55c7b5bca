// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';

import { entry } from '../../../common/entry.js';
import { isTramontanaError, messageOf } from '../../../common/errors.js';
import { readGoldenCase, type GoldenCase, type GoldenEvaluation } from './golden-case.js';
import { hessianDeviation } from './golden-hessian.js';
import { buildGoldenModel } from './golden-model.js';
import { findDisplacement } from './golden-displacement.js';
import { loadNativeEngine } from '../addon/native.js';
import type { Evaluation, NativeEngine } from '../contract/native-engine.js';
import type { EngineModel } from '../contract/engine-model.js';
import { NpzFile } from '../codec/npz.js';

/** Largest deviations from the reference over all stored theta. */
export interface GoldenDeviations {
  /** Of f, absolute. */
  readonly objective: number;
  /** Of the gradient, infinity norm relative to that of the reference. The optimum, where it is zero, is left out. */
  readonly gradientRelative: number;
  /** Of the latent mean, infinity norm relative to that of the reference; here and below at the theta of the reference arrays (see note). */
  readonly latentMeanRelative: number;
  /** Of the marginal variances, elementwise relative. */
  readonly marginalVarianceRelative: number;
  /** Of f at the end of a fit that starts at the first theta, absolute. */
  readonly optimumObjective: number;
  /** Of the Hessian at the reference's optimum, relative to its largest entry. */
  readonly hessianRelative: number;
}

/** What two independent implementations in double precision must reach (the cases' own agree to 1e-11); the Hessian is one of differences. */
export const GOLDEN_TOLERANCES: GoldenDeviations = {
  objective: 1e-9,
  gradientRelative: 1e-8,
  latentMeanRelative: 1e-9,
  marginalVarianceRelative: 1e-9,
  optimumObjective: 1e-9,
  hessianRelative: 1e-5,
};

/**
 * Gradient norm at which the fit of a golden case stops. With a smallest curvature h the objective is then within
 * 1e-10 / (2 h) of its minimum: below 1e-9 for h above .05, far below what the cases have.
 */
const FIT_GRADIENT_TOLERANCE = 1e-5;
const FIT_MAXIMUM_ITERATIONS = 500;

export interface GoldenReport {
  readonly case: string;
  readonly folder: string;
  readonly kind: string;
  /** `failed`: computed, but outside a tolerance; `error`: could not be computed; `unsupported`: a model that the engine lacks. */
  readonly status: 'passed' | 'failed' | 'unsupported' | 'error';
  /** Why, when the status is not `passed`. */
  readonly reason?: string;
  /** What to know about the reference itself. */
  readonly note?: string;
  readonly deviations?: GoldenDeviations;
  readonly tolerances: GoldenDeviations;
  readonly fit?: { readonly objective: number; readonly evaluations: number; readonly stopReason: string };
  readonly seconds: number;
  readonly passed: boolean;
}

function infinityNorm(values: ArrayLike<number>): number {
  let norm = 0;
  for (let index = 0; index < values.length; index += 1) norm = larger(norm, Math.abs(entry(values, index)));
  return norm;
}

/** The larger of two, NaN if one is NaN: a NaN must not pass for a small deviation. */
function larger(a: number, b: number): number {
  return a > b || Number.isNaN(a) ? a : b;
}

/** Infinity norm of the difference relative to that of the reference (absolute where that is zero); NaN for different lengths. */
function normDeviation(values: ArrayLike<number> | undefined, reference: ArrayLike<number>): number {
  if (values?.length !== reference.length) return NaN;
  const difference = Float64Array.from(reference, (expected, index) => entry(values, index) - expected);
  return infinityNorm(difference) / (infinityNorm(reference) || 1);
}

function elementDeviation(values: ArrayLike<number> | undefined, reference: ArrayLike<number>): number {
  if (values?.length !== reference.length) return NaN;
  return infinityNorm(Float64Array.from(reference, (expected, index) => (entry(values, index) - expected) / expected));
}

type LatentDeviations = Pick<GoldenDeviations, 'latentMeanRelative' | 'marginalVarianceRelative'>;

interface LatentReference {
  readonly mean: ArrayLike<number> | undefined;
  readonly variances: ArrayLike<number> | undefined;
}

function latentDeviations(found: Evaluation, { mean, variances }: LatentReference): LatentDeviations {
  return {
    latentMeanRelative: mean === undefined ? 0 : normDeviation(found.latentMean, mean),
    marginalVarianceRelative: variances === undefined ? 0 : elementDeviation(found.marginalVariances, variances),
  };
}

function areWithinTolerance(deviations: LatentDeviations): boolean {
  return (
    deviations.latentMeanRelative <= GOLDEN_TOLERANCES.latentMeanRelative &&
    deviations.marginalVarianceRelative <= GOLDEN_TOLERANCES.marginalVarianceRelative
  );
}

/** Latent deviations at the theta to which the stored arrays belong, if that is a step away from the stored theta. */
async function displacedDeviations(
  engine: NativeEngine,
  model: EngineModel,
  reference: GoldenEvaluation,
  latent: LatentReference,
  atStored: LatentDeviations,
): Promise<{ readonly deviations: LatentDeviations; readonly note: string } | undefined> {
  const { mean, variances } = latent;
  if (mean === undefined || variances === undefined) return undefined;
  const scale = infinityNorm(mean) || 1;
  const evaluate = (theta: readonly number[]): Promise<Evaluation> => engine.evaluate(model, theta, { latent: true });
  const residuals = async (theta: readonly number[]): Promise<Float64Array> => {
    const found = await evaluate(theta);
    return Float64Array.of(
      ...Array.from(mean, (expected, index) => ((found.latentMean?.[index] ?? NaN) - expected) / scale),
      ...Array.from(variances, (expected, index) => (found.marginalVariances?.[index] ?? NaN) / expected - 1),
    );
  };
  const displacement = await findDisplacement(reference.theta, residuals, async (theta) =>
    areWithinTolerance(latentDeviations(await evaluate(theta), latent)),
  );
  if (displacement === undefined) return undefined;
  const { component, shift, theta } = displacement;
  const name = entry(engine.thetaNames(model), component);
  const suffix = reference.outputSuffix;
  return {
    deviations: latentDeviations(await evaluate(theta), latent),
    note:
      `the reference's x_${suffix} and var_${suffix} belong to its theta with ${shift.toExponential(3)} added to ${name} and are compared ` +
      `there; at the stored theta they deviate by ${atStored.latentMeanRelative.toExponential(1)} and ` +
      `${atStored.marginalVarianceRelative.toExponential(1)}, while f and gradient agree`,
  };
}

interface DeviationsAtTheta extends Omit<GoldenDeviations, 'optimumObjective' | 'hessianRelative'> {
  readonly note: string | undefined;
}

async function deviationsAt(
  engine: NativeEngine,
  model: EngineModel,
  reference: GoldenEvaluation,
  outputs: NpzFile,
): Promise<DeviationsAtTheta> {
  const suffix = reference.outputSuffix;
  const stored = (name: string): ArrayLike<number> | undefined =>
    outputs.has(`${name}_${suffix}`) ? outputs.get(`${name}_${suffix}`).values : undefined;
  const latent = { mean: stored('x'), variances: stored('var') };
  const gradient = reference.gradient ?? stored('grad');
  const found = await engine.evaluate(model, reference.theta, {
    gradient: gradient !== undefined,
    latent: latent.mean !== undefined || latent.variances !== undefined,
  });
  const objective = Math.abs(found.objective - reference.objective);
  const gradientRelative = gradient === undefined ? 0 : normDeviation(found.gradient, gradient);
  const atStored = latentDeviations(found, latent);
  // only where f and gradient vouch for the engine at the stored theta
  const isEngineRight =
    objective <= GOLDEN_TOLERANCES.objective && gradientRelative <= GOLDEN_TOLERANCES.gradientRelative;
  const displaced =
    isEngineRight && !areWithinTolerance(atStored)
      ? await displacedDeviations(engine, model, reference, latent, atStored)
      : undefined;
  return { objective, gradientRelative, ...(displaced?.deviations ?? atStored), note: displaced?.note };
}

async function compare(
  golden: GoldenCase,
  folder: string,
  engine: NativeEngine,
): Promise<Required<Pick<GoldenReport, 'deviations' | 'fit'>> & { readonly notes: readonly string[] }> {
  const inputs = await NpzFile.open(join(folder, 'inputs.npz'));
  const outputs = await NpzFile.open(join(folder, 'outputs.npz'), (name) => /^(x|var|grad)_([0-9]+|opt)$/u.test(name));
  const plain = buildGoldenModel(golden, inputs);
  const model = { ...plain, spectralBasis: await engine.spectralBasis(plain.c0, plain.g1) };
  let worst = { objective: 0, gradientRelative: 0, latentMeanRelative: 0, marginalVarianceRelative: 0 };
  const notes: string[] = [];
  for (const reference of [...golden.evaluations, golden.optimum]) {
    const found = await deviationsAt(engine, model, reference, outputs);
    if (found.note !== undefined) notes.push(found.note);
    worst = {
      objective: larger(worst.objective, found.objective),
      gradientRelative: larger(worst.gradientRelative, found.gradientRelative),
      latentMeanRelative: larger(worst.latentMeanRelative, found.latentMeanRelative),
      marginalVarianceRelative: larger(worst.marginalVarianceRelative, found.marginalVarianceRelative),
    };
  }
  const start = golden.evaluations[0] ?? golden.optimum;
  const { promise } = engine.fit(
    model,
    {
      initialTheta: start.theta,
      gradientTolerance: FIT_GRADIENT_TOLERANCE,
      maximumIterations: FIT_MAXIMUM_ITERATIONS,
      computeHessian: false,
    },
    undefined,
    () => undefined,
  );
  const { objective, evaluations, stopReason } = await promise;
  return {
    deviations: {
      ...worst,
      optimumObjective: Math.abs(objective - golden.optimum.objective),
      hessianRelative: await hessianDeviation(engine, model, golden.optimum),
    },
    fit: { objective, evaluations, stopReason },
    notes,
  };
}

function exceeded(deviations: GoldenDeviations): string[] {
  return (Object.keys(GOLDEN_TOLERANCES) as (keyof GoldenDeviations)[])
    .filter((quantity) => !(deviations[quantity] <= GOLDEN_TOLERANCES[quantity]))
    .map((quantity) => `${quantity} ${deviations[quantity].toExponential(2)} > ${GOLDEN_TOLERANCES[quantity]}`);
}

/**
 * Compares the engine with a golden case: f, gradient, latent mean and marginal variances at every stored theta, the f that a fit
 * from the first theta reaches, and the Hessian at the optimum.
 *
 * @param folder - holds case.json, inputs.npz and outputs.npz
 * @throws TramontanaError `Golden.NotACase` when it does not, `Npy.Malformed` when an array cannot be read, `Engine.NotBuilt` without
 *   the native engine. A case that is sound but that the engine cannot do is a report, not an error.
 */
export async function evaluateGolden(folder: string, engine: NativeEngine = loadNativeEngine()): Promise<GoldenReport> {
  const startMs = performance.now();
  const seconds = (): number => (performance.now() - startMs) / 1000;
  const golden = await readGoldenCase(folder);
  const head = { case: golden.name, folder, kind: golden.kind, tolerances: GOLDEN_TOLERANCES };
  const stopped = (status: 'unsupported' | 'error', reason: string): GoldenReport => ({
    ...head,
    status,
    reason,
    seconds: seconds(),
    passed: false,
  });
  try {
    const { deviations, fit, notes } = await compare(golden, folder, engine);
    const reasons = exceeded(deviations);
    const passed = reasons.length === 0;
    return {
      ...head,
      status: passed ? 'passed' : 'failed',
      ...(passed ? {} : { reason: reasons.join('; ') }),
      ...(notes.length === 0 ? {} : { note: notes.join('; ') }),
      deviations,
      fit,
      seconds: seconds(),
      passed,
    };
  } catch (error) {
    if (isTramontanaError(error, 'Golden.Unsupported')) return stopped('unsupported', error.message);
    if (isTramontanaError(error) && error.tag.startsWith('Engine.')) return stopped('error', messageOf(error));
    throw error;
  }
}
