// SPDX-License-Identifier: Apache-2.0
/**
 * Searches that begin elsewhere than at the defaults. A start from outside is a guess: where the search that began there gives cause
 * for doubt, the fit is made again from the defaults, and the better of the two is taken.
 *
 * @module
 */
import type { FitResult, FitStart, StartReference } from '../../../artifacts/schemas/fit-result.js';
import { isTramontanaError, TramontanaError } from '../../../common/errors.js';
import type { FitOptions, NativeFitResult } from '../contract/fit.js';
import { isGridModel } from '../contract/grid-model.js';
import type { NativeEngine } from '../contract/native-engine.js';
import type { FitJobContent, StartChoice } from '../job/job.js';

/**
 * The log posterior that a start may lie below its mode, a component of theta: of a Gaussian posterior as much as three standard
 * deviations in every component. Modes of successive days lie well within one; what is farther off is compared with the defaults.
 */
const NEAR_LOG_POSTERIOR = 4.5;

/** Of a job that knows no other start. */
export const AT_DEFAULTS: StartChoice = { from: 'defaults', reason: 'no other start was given' };

/** Where a search begins. */
export function startOptions(
  { initialTheta }: FitJobContent,
  { theta, curvature }: StartChoice,
): Pick<FitOptions, 'initialTheta' | 'initialCurvature'> {
  return { initialTheta: theta ?? initialTheta, ...(curvature === undefined ? {} : { initialCurvature: curvature }) };
}

/** Cause to search again from the defaults, and the evaluations that were spent until then. */
interface Doubt {
  readonly reason: string;
  readonly evaluations: number;
}

/** A fit with the evaluations of all its searches. */
export interface Found {
  readonly fit: NativeFitResult;
  readonly evaluations: number;
}

/**
 * Judges a search that began elsewhere than at the defaults.
 *
 * @param found - what it found; undefined where it failed
 * @returns undefined where its result is taken as that of a search from the defaults would be
 */
export async function doubtOf(
  job: FitJobContent,
  engine: NativeEngine,
  found: NativeFitResult | undefined,
): Promise<Doubt | undefined> {
  // the evaluation that failed
  if (found === undefined) return { reason: 'the model cannot be evaluated there', evaluations: 1 };
  const { evaluations } = found;
  if (!found.converged) return { reason: `the search from there ended early (${found.stopReason})`, evaluations };
  if (found.activeBounds.length > 0) return { reason: 'the search from there ended at a bound', evaluations };
  const atStart = found.trace[0]?.objective ?? Number.NaN;
  if (atStart - found.objective <= NEAR_LOG_POSTERIOR * found.theta.length) return undefined;
  const atDefaults = await objectiveAt(job, engine, job.initialTheta);
  if (atStart <= atDefaults) return undefined;
  const [there, here] = [atStart, atDefaults].map((value) => value.toFixed(1));
  return {
    reason: `it is worse than the defaults (objective ${there}, not ${here})`,
    evaluations: evaluations + 1,
  };
}

/** Infinite where the model cannot be evaluated. */
async function objectiveAt({ model }: FitJobContent, engine: NativeEngine, theta: readonly number[]): Promise<number> {
  try {
    const { objective } = isGridModel(model)
      ? await engine.evaluateGrid(model, theta)
      : await engine.evaluate(model, theta);
    return objective;
  } catch (error) {
    if (isNumericalFailure(error)) return Number.POSITIVE_INFINITY;
    throw error;
  }
}

/** True for a theta at which the model has no value, false for what ends a fit wherever it begins. */
export function isNumericalFailure(error: unknown): boolean {
  return isTramontanaError(error, 'Engine.NotPositiveDefinite') || isTramontanaError(error, 'Engine.InnerModeNotFound');
}

/** A mode before none, then the lower objective; one of two searches may have failed. */
export function betterOf(first: NativeFitResult | undefined, second: NativeFitResult | undefined): NativeFitResult {
  if (first === undefined || second === undefined) {
    const only = first ?? second;
    if (only !== undefined) return only;
    throw new TramontanaError('Engine.Unexpected', 'fit: expected one of two searches to end, both failed');
  }
  if (first.converged !== second.converged) return first.converged ? first : second;
  return second.objective <= first.objective ? second : first;
}

/**
 * What is told of the start of a fit.
 *
 * @param evaluations - of all searches of the fit
 */
export function startOf(choice: StartChoice, fit: NativeFitResult, evaluations: number): FitStart {
  const { from, reason, earlierKey } = choice;
  const reference = choice.reference ?? coarseReference(choice, fit);
  return {
    ...{ from, reason },
    evaluationsSaved: reference === undefined || from === 'defaults' ? 0 : reference.evaluations - evaluations,
    ...(reference === undefined ? {} : { reference }),
    ...(earlierKey === undefined ? {} : { earlierKey }),
  };
}

/** On the fine mesh a search from the defaults would have taken about as long as on the coarse one, and the same curvature. */
function coarseReference({ coarseSearch }: StartChoice, fit: NativeFitResult): StartReference | undefined {
  if (coarseSearch === undefined) return undefined;
  const { evaluations, of } = coarseSearch;
  return { evaluations: evaluations + fit.evaluations - (fit.trace.at(-1)?.evaluations ?? 0), of };
}

/** Rows of a row-major square matrix. */
export function squareRows(values: Float64Array, size: number): FitResult['thetaCovariance'] {
  return Array.from({ length: size }, (_, row) => Array.from(values.subarray(row * size, (row + 1) * size)));
}
