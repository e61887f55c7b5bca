// SPDX-License-Identifier: Apache-2.0
/**
 * A calendar whose day does not turn during a test: schedules run in days of their zone, and the checks at any time of the day.
 *
 * @module
 */
import { localDay } from '../../common/time-zone.js';

const HOUR_MS = 3_600_000;

/** A zone where it is noon, the day there, and its clock as HH:MM. */
export interface Noon {
  readonly zone: string;
  readonly today: string;
  readonly clock: (timeMs: number) => string;
}

/** A zone, without daylight saving, where the clocks show between twelve and one. */
export function noon(nowMs = Date.now()): Noon {
  const hoursAhead = 12 - new Date(nowMs).getUTCHours();
  // the names of these zones count westwards
  const zone = hoursAhead === 0 ? 'UTC' : `Etc/GMT${hoursAhead > 0 ? '-' : '+'}${Math.abs(hoursAhead)}`;
  return {
    ...{ zone, today: localDay(nowMs, zone) },
    clock: (timeMs) => new Date(timeMs + hoursAhead * HOUR_MS).toISOString().slice(11, 16),
  };
}
