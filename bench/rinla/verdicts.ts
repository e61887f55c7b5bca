// SPDX-License-Identifier: Apache-2.0
import { entry } from '../../common/entry.js';
import type { CaseMeasurement } from './measurement.js';
import type { ReferenceCase } from './reference.js';

/** One figure of a case beside R-INLA's, and whether it keeps its tolerance. */
export interface Verdict {
  readonly figure: string;
  readonly ours: number;
  /** Absent where R-INLA gave no answer. */
  readonly reference?: number;
  /** The promise in words. */
  readonly promise: string;
  /** Used part of the tolerance: at most 1 when it is kept. */
  readonly share: number;
  readonly kept: boolean;
}

/** A difference that must stay within a tolerance. */
function within(figure: string, ours: number, reference: number, tolerance: number, promise: string): Verdict {
  const share = Math.abs(ours - reference) / tolerance;
  return { figure, ours, reference, promise, share, kept: share <= 1 };
}

/** A cost that must stay below a limit. */
function atMost(figure: string, ours: number, limit: number, promise: string, reference?: number): Verdict {
  return { figure, ours, reference, promise, share: ours / limit, kept: ours <= limit };
}

/** The README prints R-INLA's log posterior with four digits behind the point at a theta with as many. */
const LOG_POSTERIOR_TOLERANCE = 1e-3;
const LOG_MARGINAL_LIKELIHOOD_TOLERANCE = 0.5;
const CRITERION_TOLERANCE = 0.002;
const MEAN_TOLERANCE_SD = 0.1;
const SD_TOLERANCE = 0.05;

/** Every promise of a case; a figure that has no reference is left out. */
export function verdictsOf(reference: ReferenceCase, measurement: CaseMeasurement): Verdict[] {
  const { row } = measurement;
  const { answers } = reference;
  const costs = [
    atMost('seconds', row.seconds, reference.limitSeconds, `<= ${reference.limitSeconds} s`, answers?.seconds),
    atMost(
      'peak memory [GB]',
      row.peakBytes / 1e9,
      reference.limitBytes / 1e9,
      `<= ${reference.limitBytes / 1e9} GB`,
      answers === undefined ? undefined : answers.peakBytes / 1e9,
    ),
  ];
  if (answers === undefined) return costs;
  // Our own mode must be no lower than theirs; rounding of their theta costs at most what the curvature makes of 5e-5.
  const shortfall = answers.logPosteriorAtMode - measurement.logPosteriorAtMode;
  const verdicts: Verdict[] = [
    within(
      'log posterior at its mode',
      row.logPosteriorAtReferenceMode ?? NaN,
      answers.logPosteriorAtMode,
      LOG_POSTERIOR_TOLERANCE,
      `within ${LOG_POSTERIOR_TOLERANCE}`,
    ),
    {
      figure: 'log posterior at our mode',
      ours: measurement.logPosteriorAtMode,
      reference: answers.logPosteriorAtMode,
      promise: 'at least as high',
      share: Math.max(0, shortfall / LOG_POSTERIOR_TOLERANCE),
      kept: shortfall <= LOG_POSTERIOR_TOLERANCE,
    },
    within(
      'log marginal likelihood',
      row.logMarginalLikelihood,
      answers.logMarginalLikelihood,
      LOG_MARGINAL_LIKELIHOOD_TOLERANCE,
      `within ${LOG_MARGINAL_LIKELIHOOD_TOLERANCE}`,
    ),
    within(
      'DIC, computed like R-INLA',
      row.dic,
      answers.dic,
      CRITERION_TOLERANCE * Math.abs(answers.dic),
      'within 0.2 %',
    ),
    within(
      'WAIC, computed like R-INLA',
      row.waic,
      answers.waic,
      CRITERION_TOLERANCE * Math.abs(answers.waic),
      'within 0.2 %',
    ),
  ];
  for (const [name, { mean, sd }] of Object.entries(answers.parameters)) {
    const ours = row.parameters[name] ?? { mean: NaN, sd: NaN };
    verdicts.push(within(`${name}, mean`, ours.mean, mean, MEAN_TOLERANCE_SD * sd, 'within 0.1 sd'));
    verdicts.push(within(`${name}, sd`, ours.sd, sd, SD_TOLERANCE * sd, 'within 5 %'));
  }
  return [...verdicts, ...costs];
}

const digits = (value: number | undefined): string =>
  value === undefined ? '-' : Number(value.toPrecision(7)).toString();

/** The verdicts of a case as lines of text. */
export function formatVerdicts(title: string, verdicts: readonly Verdict[]): string {
  const head = ['', 'this engine', 'R-INLA', 'promise', 'of tolerance'];
  const rows = verdicts.map(({ figure, ours, reference, promise, share, kept }) => [
    figure,
    digits(ours),
    digits(reference),
    promise,
    `${(100 * share).toFixed(0)} % ${kept ? 'ok' : 'NOT KEPT'}`,
  ]);
  const widths = head.map((cell, column) => Math.max(cell.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(entry(widths, 0)) : cell.padStart(entry(widths, column))))
      .join('  ');
  return [title, line(head), ...rows.map(line)].join('\n');
}
