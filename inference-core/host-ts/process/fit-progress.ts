// SPDX-License-Identifier: Apache-2.0
import type { OptimizerState } from '../contract/fit.js';
import { finiteOrNullOf, type EngineEventOf } from './protocol.js';

/**
 * Share of the search in the work of a fit: 10 + 0.7 d evaluations of the objective and gradient for d hyperparameters
 * (docs, table of the optimiser), against d more for the Hessian.
 */
function searchShare(numTheta: number): number {
  const search = 10 + 0.7 * numTheta;
  return search / (search + numTheta);
}

/** How far the search is, 0 to 1: the mean of what the gradient has lost, on a log scale, and of the iterations that it usually takes. */
function searchFraction(state: OptimizerState, gradientTolerance: number): number {
  const norms = state.trace.map((entry) => entry.gradientNorm).filter((norm) => norm > 0);
  const first = norms[0];
  const best = Math.min(...norms);
  const toGo = first === undefined ? 0 : Math.log(first / gradientTolerance);
  const done = first === undefined ? 0 : Math.log(first / best);
  const byGradient = toGo > 0 ? Math.min(1, done / toGo) : 1;
  const byIteration = state.iteration / (state.iteration + 6);
  return (byGradient + byIteration) / 2;
}

/** Turns optimiser states into progress events: a fraction that never falls, and an estimate of the seconds left. */
export class FitProgress {
  private fraction = 0;

  constructor(
    private readonly gradientTolerance: number,
    /** Evaluations that earlier attempts have done. */
    private readonly evaluationsBefore: number,
    /** Seconds that earlier attempts have taken. */
    private readonly secondsBefore: number,
  ) {}

  /** @param attemptSeconds - since the start of this attempt */
  of(state: OptimizerState, attemptSeconds: number): EngineEventOf<'progress'> {
    const numTheta = state.theta.length;
    const share = searchShare(numTheta);
    const now =
      state.phase === 'done'
        ? 1
        : state.phase === 'hessian'
          ? share + (1 - share) * Math.min(1, state.hessianColumns.length / numTheta)
          : share * searchFraction(state, this.gradientTolerance);
    this.fraction = Math.min(1, Math.max(this.fraction, now));
    const evaluations = state.evaluations - this.evaluationsBefore;
    const evaluationsLeft = this.fraction > 0 ? (state.evaluations * (1 - this.fraction)) / this.fraction : NaN;
    return {
      type: 'progress',
      phase: state.phase,
      iteration: state.iteration,
      evaluations: state.evaluations,
      objective: finiteOrNullOf(state.objective),
      gradientNorm: finiteOrNullOf(Math.max(0, ...state.gradient.map(Math.abs))),
      fraction: this.fraction,
      etaSeconds: evaluations > 0 ? finiteOrNullOf((attemptSeconds / evaluations) * evaluationsLeft) : null,
      elapsedSeconds: this.secondsBefore + attemptSeconds,
    };
  }
}
