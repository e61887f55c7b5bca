// SPDX-License-Identifier: Apache-2.0
export type IssueSeverity = 'info' | 'warning' | 'error';

/** Something that a reader of the data should know; `code` to branch on, `message` to read, `facts` to act on. */
export interface QualityIssue {
  /** Kebab-case, stable, e.g. `undeclared-fill-value`. */
  readonly code: string;
  readonly severity: IssueSeverity;
  readonly message: string;
  readonly facts: Readonly<Record<string, unknown>>;
}
