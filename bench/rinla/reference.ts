// SPDX-License-Identifier: Apache-2.0
/**
 * What R-INLA answered for the three models of ../shared/data/rinla-reference, as its README prints it (R-INLA of June 2026,
 * TAUCS, OpenBLAS, two threads, CCD integration, DIC and WAIC), and what this engine promises on two cores.
 *
 * @module
 */

/** Mean and standard deviation of a posterior. */
export interface Moments {
  readonly mean: number;
  readonly sd: number;
}

/** R-INLA's answers. */
export interface ReferenceAnswers {
  /** Internal scale, order of R-INLA: log precision, log range, log sigma, log((1 + rho) / (1 - rho)). */
  readonly mode: readonly number[];
  /** log p(y | theta) + log p(theta) at that mode, all constants. */
  readonly logPosteriorAtMode: number;
  readonly logMarginalLikelihood: number;
  readonly dic: number;
  readonly waic: number;
  readonly parameters: Readonly<Record<string, Moments>>;
  readonly evaluations: number;
  readonly seconds: number;
  readonly peakBytes: number;
}

/** A case, and the seconds and bytes that its whole fit may take. */
export interface ReferenceCase {
  readonly name: CaseName;
  readonly answers?: ReferenceAnswers;
  readonly limitSeconds: number;
  readonly limitBytes: number;
}

export type CaseName = 'B600' | 'B1100' | 'Piemonte';

/** Names of the hyperparameters on their own scale, in R-INLA's order. */
export const HYPERPARAMETER_NAMES = ['noise precision', 'range', 'sigma', 'rho'] as const;

export const REFERENCE_CASES: readonly ReferenceCase[] = [
  {
    name: 'Piemonte',
    answers: {
      mode: [3.4464, 5.5699, 0.0807, 3.8339],
      logPosteriorAtMode: -449.1958,
      logMarginalLikelihood: -457.328,
      dic: -1571.46,
      waic: -1165.09,
      parameters: {
        'noise precision': { mean: 31.391, sd: 1.353 },
        range: { mean: 263.4, sd: 15.55 },
        sigma: { mean: 1.0936, sd: 0.0844 },
        rho: { mean: 0.95771, sd: 0.00687 },
        Int: { mean: 3.7185, sd: 0.4293 },
        A: { mean: -0.2063, sd: 0.0498 },
        UTMX: { mean: -0.1785, sd: 0.1596 },
        UTMY: { mean: -0.1889, sd: 0.1469 },
        WS: { mean: -0.05849, sd: 0.00841 },
        TEMP: { mean: -0.1195, sd: 0.0349 },
        HMIX: { mean: -0.0248, sd: 0.0131 },
        PREC: { mean: -0.0531, sd: 0.00859 },
        EMI: { mean: 0.0361, sd: 0.0145 },
      },
      evaluations: 250,
      seconds: 49,
      peakBytes: 1.5e9,
    },
    limitSeconds: 6,
    limitBytes: 1.5e9,
  },
  {
    name: 'B600',
    answers: {
      mode: [1.3821, 1.0873, -0.0146, 2.1332],
      logPosteriorAtMode: -31096.396,
      logMarginalLikelihood: -31109.161,
      dic: 52202.3,
      waic: 52293.3,
      parameters: {
        'noise precision': { mean: 3.98366, sd: 0.05979 },
        range: { mean: 2.96817, sd: 0.06517 },
        sigma: { mean: 0.98591, sd: 0.01552 },
        rho: { mean: 0.78821, sd: 0.00591 },
        b0: { mean: 1.93628, sd: 0.09278 },
        b1: { mean: 1.498644, sd: 0.003758 },
      },
      evaluations: 426,
      seconds: 446,
      peakBytes: 3.9e9,
    },
    limitSeconds: 55,
    limitBytes: 2e9,
  },
  // R-INLA was stopped after 330 s and 5.6 GB: there are no answers to compare with.
  { name: 'B1100', limitSeconds: 300, limitBytes: 4e9 },
];
