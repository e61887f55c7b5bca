// SPDX-License-Identifier: Apache-2.0
import { TramontanaError } from '../common/errors.js';
import type { TemporalMatrices } from '../inference-core/host-ts/engine-model.js';

/**
 * P1 matrices of n_t equal time steps of one day [Lindgren2024, section 4]: M0 lumped mass (halves at the ends),
 * M1 = diag(1/2, 0, .., 0, 1/2), M2 stiffness with Neumann ends.
 *
 * @throws {TramontanaError} `Modelling.InvalidTimeSteps` below two steps
 */
export function temporalMatrices(numTimeSteps: number): TemporalMatrices {
  if (!Number.isInteger(numTimeSteps) || numTimeSteps < 2) {
    throw new TramontanaError(
      'Modelling.InvalidTimeSteps',
      `Time steps: expected a whole number of at least 2, got ${numTimeSteps}`,
      { facts: { numTimeSteps } },
    );
  }
  const last = numTimeSteps - 1;
  const atEnds = (end: number, between: number): Float64Array =>
    Float64Array.from({ length: numTimeSteps }, (_, t) => (t === 0 || t === last ? end : between));
  return {
    m0: atEnds(0.5, 1),
    m1: atEnds(0.5, 0),
    m2Diagonal: atEnds(1, 2),
    m2OffDiagonal: new Float64Array(last).fill(-1),
  };
}
