// SPDX-License-Identifier: Apache-2.0
/**
 * Time inside a workflow: the sandbox's clock stands at the time of the event that is being handled, in a replay too. Deadlines need it;
 * nothing else in a workflow may ask for the time.
 *
 * @module
 */
/* eslint-disable no-restricted-globals -- the one place where workflows see the deterministic clock of the sandbox */

/** Time of the event that is being handled, ms since 1970. */
export function workflowNowMs(): number {
  return Date.now();
}

/** The time that ISO 8601 text tells, ms since 1970. */
export function timeOfIso(text: string): number {
  return Date.parse(text);
}

/** The start of a UTC day, as search attributes hold it. */
export function dateOfDay(day: string): Date {
  return new Date(`${day}T00:00:00Z`);
}
