// SPDX-License-Identifier: Apache-2.0
import type { FitResult } from '../../artifacts/schemas/fit-result.js';

/** A trial step may lie where the objective is infinite; JSON has no infinities and a curve has no place for them. */
export function withFiniteTrace(fit: FitResult): FitResult {
  const isFinite = (entry: FitResult['trace'][number]) =>
    Number.isFinite(entry.objective) && Number.isFinite(entry.gradientNorm);
  return { ...fit, trace: fit.trace.filter(isFinite) };
}
