// SPDX-License-Identifier: Apache-2.0
import type { IssueSeverity, QualityIssue } from '../../artifacts/schemas/quality-issue.js';

export type { IssueSeverity, QualityIssue };

/** Builds an issue. */
export function issue(
  severity: IssueSeverity,
  code: string,
  message: string,
  facts: Readonly<Record<string, unknown>> = {},
): QualityIssue {
  return { code, severity, message, facts };
}
