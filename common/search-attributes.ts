// SPDX-License-Identifier: Apache-2.0
/** What runs can be found by on a server: names and types of our search attributes. @module */

/** Name and type of each, by what it tells. */
export const SEARCH_ATTRIBUTES = {
  domain: { name: 'TramontanaDomain', type: 'KEYWORD' },
  /** Start of the day. */
  cycle: { name: 'TramontanaCycle', type: 'DATETIME' },
  /** Latest stage that was begun. */
  stage: { name: 'TramontanaStage', type: 'KEYWORD' },
  /** `ok` or `degraded`, of a run that has ended well. */
  quality: { name: 'TramontanaQuality', type: 'KEYWORD' },
  degraded: { name: 'TramontanaDegraded', type: 'BOOL' },
  /** True of a scheduled run whose products were not there, or not whole, at its deadline. */
  late: { name: 'TramontanaLate', type: 'BOOL' },
} as const;

export type SearchAttribute = keyof typeof SEARCH_ATTRIBUTES;

/** The type as Temporal's command line writes it, e.g. `Keyword`. */
export function searchAttributeType(type: (typeof SEARCH_ATTRIBUTES)[SearchAttribute]['type']): string {
  return type.charAt(0) + type.slice(1).toLowerCase();
}
