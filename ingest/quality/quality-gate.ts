// SPDX-License-Identifier: Apache-2.0
import { PACKING_NOISE, type QualityReport } from './assess-quality.js';

/** `pass`: go on. `degrade`: go on and mark the product. `fail`: stop. */
export type QualityVerdict = 'pass' | 'degrade' | 'fail';

export interface QualityThresholds {
  /** Missing share of a pollutant from which the product is degraded. */
  readonly degradeMissingShare: number;
  /** Missing share of a pollutant from which there is no product. */
  readonly failMissingShare: number;
  /** Share of negative values from which there is no product; a few come from packing. */
  readonly failNegativeShare: number;
  /** Share of implausibly high values from which there is no product. */
  readonly failImplausibleShare: number;
}

export const DEFAULT_QUALITY_THRESHOLDS: QualityThresholds = {
  degradeMissingShare: 0.1,
  failMissingShare: 0.5,
  failNegativeShare: 0.01,
  failImplausibleShare: 0.001,
};

export interface QualityGateResult {
  readonly verdict: QualityVerdict;
  /** Why it is no pass, in sentences; empty for a pass. */
  readonly reasons: readonly string[];
}

/** Issues whose weight the thresholds decide, not their severity. */
const JUDGED_BY_SHARE = ['missing-values', 'negative-values', 'implausibly-high'];

/** Decides what may be made of a field: shares against thresholds; any other error fails, any other warning degrades. */
export function qualityGate(report: QualityReport, thresholds: Partial<QualityThresholds> = {}): QualityGateResult {
  const limits = { ...DEFAULT_QUALITY_THRESHOLDS, ...thresholds };
  const failures: string[] = [];
  const degradations: string[] = [];
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

  if (report.pollutants.length === 0) failures.push('the field holds no pollutant');
  for (const quality of report.pollutants) {
    const { pollutant, missingShare } = quality;
    const valid = Math.max(1, quality.count - quality.missing);
    if (missingShare >= limits.failMissingShare) {
      failures.push(
        `${pollutant}: ${percent(missingShare)} of the values are missing; expected less than ${percent(limits.failMissingShare)}`,
      );
    } else if (missingShare >= limits.degradeMissingShare) {
      degradations.push(
        `${pollutant}: ${percent(missingShare)} of the values are missing; expected less than ${percent(limits.degradeMissingShare)}`,
      );
    }
    const negativeShare = quality.negativeValues / valid;
    if (quality.min !== null && quality.min < -PACKING_NOISE) {
      const target = negativeShare >= limits.failNegativeShare ? failures : degradations;
      target.push(
        `${pollutant}: ${quality.negativeValues} values (${percent(negativeShare)}) are negative, the lowest ${String(quality.min)} ug m-3`,
      );
    }
    const implausibleShare = quality.implausibleValues / valid;
    if (quality.implausibleValues > 0) {
      const target = implausibleShare >= limits.failImplausibleShare ? failures : degradations;
      target.push(
        `${pollutant}: ${quality.implausibleValues} values are implausibly high, up to ${String(quality.max)} ug m-3`,
      );
    }
  }
  for (const { code, severity, message } of report.issues) {
    if (JUDGED_BY_SHARE.includes(code)) continue;
    // All values missing is told above, by its share.
    if (severity === 'error' && code !== 'all-values-missing') failures.push(message);
    if (severity === 'warning') degradations.push(message);
  }
  if (failures.length > 0) return { verdict: 'fail', reasons: [...failures, ...degradations] };
  return { verdict: degradations.length > 0 ? 'degrade' : 'pass', reasons: degradations };
}
