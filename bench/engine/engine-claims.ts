// SPDX-License-Identifier: Apache-2.0
import type { EngineRow } from './engine-row.js';

/** What the engine promises of a row, each with the rows it speaks of. */
interface Claim {
  readonly text: string;
  readonly appliesTo: (row: EngineRow) => boolean;
  readonly value: (row: EngineRow) => number;
  readonly atLeast?: number;
  readonly atMost?: number;
}

const CLAIMS: readonly Claim[] = [
  {
    text: 'textbook adjoint / engine, gaps, n >= 500',
    appliesTo: (row) => !row.complete && row.n >= 500,
    value: (row) => row.ratioAdjoint,
    atLeast: 3.5,
  },
  {
    text: 'textbook adjoint / engine, complete, n >= 500 and n_t >= 60',
    appliesTo: (row) => row.complete && row.n >= 500 && row.n_t >= 60,
    value: (row) => row.ratioAdjoint,
    atLeast: 25,
  },
  {
    text: 'textbook differences / engine, trivariate, gaps, n >= 500',
    appliesTo: (row) => row.n_v === 3 && !row.complete && row.n >= 500,
    value: (row) => row.ratioFd,
    atLeast: 30,
  },
  {
    text: 'textbook differences / engine, trivariate, complete, n >= 500 and n_t >= 60',
    appliesTo: (row) => row.n_v === 3 && row.complete && row.n >= 500 && row.n_t >= 60,
    value: (row) => row.ratioFd,
    atLeast: 250,
  },
  {
    text: 'block inversions / dgemm, n >= 1000',
    appliesTo: (row) => row.n >= 1000,
    value: (row) => row.dgemmShare,
    atLeast: 0.7,
  },
  {
    text: 'objectives agree, relative',
    appliesTo: () => true,
    value: (row) => row.agreement.objective,
    atMost: 1e-9,
  },
  {
    text: 'adjoint gradients agree, relative to the largest component',
    appliesTo: () => true,
    value: (row) => row.agreement.gradientAdjoint,
    atMost: 1e-7,
  },
  {
    // Rounding of f over the step of 1e-4, with f up to 1e6 on the largest models.
    text: 'differences agree with the gradient, relative to the largest component',
    appliesTo: () => true,
    value: (row) => row.agreement.gradientFd,
    atMost: 1e-4,
  },
];

/** A sentence for each claim that a row does not meet. */
export function failedClaims(rows: readonly EngineRow[]): readonly string[] {
  return CLAIMS.flatMap(({ text, appliesTo, value, atLeast, atMost }) =>
    rows.filter(appliesTo).flatMap((row) => {
      const found = value(row);
      if (found >= (atLeast ?? -Infinity) && found <= (atMost ?? Infinity)) return [];
      const bound = atLeast === undefined ? `at most ${String(atMost)}` : `at least ${atLeast}`;
      return [`${row.model}: ${text}: expected ${bound}, found ${found.toPrecision(3)}`];
    }),
  );
}
