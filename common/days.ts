// SPDX-License-Identifier: Apache-2.0
/** Days as values: UTC days, written YYYY-MM-DD, and their times in milliseconds since 1970. @module */

/** Length of a UTC day. */
export const DAY_MS = 86_400_000;

/** The UTC day of a time, YYYY-MM-DD. */
export function isoDay(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10);
}

/** Start of a UTC day, YYYY-MM-DD, in milliseconds since 1970; NaN for what is no day. */
export function startOfDayMs(day: string): number {
  return Date.parse(`${day}T00:00:00Z`);
}
