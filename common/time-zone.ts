// SPDX-License-Identifier: Apache-2.0
/** Days and times of day in a time zone, by the language's own zone data. @module */
import { DAY_MS, isoDay, startOfDayMs } from './days.js';

/** True for a zone that the runtime knows, e.g. `Europe/Rome`. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** Local time less UTC at an instant. */
function offsetMs(timeMs: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-CA', {
    ...{ timeZone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit' },
    ...{ hour: '2-digit', minute: '2-digit', second: '2-digit' },
  }).formatToParts(timeMs);
  const of = (type: string): string => parts.find((part) => part.type === type)?.value ?? '';
  const local = Date.parse(`${of('year')}-${of('month')}-${of('day')}T${of('hour')}:${of('minute')}:${of('second')}Z`);
  return local - Math.floor(timeMs / 1000) * 1000;
}

/** The day, YYYY-MM-DD, that a calendar on the wall of the zone shows. */
export function localDay(timeMs: number, timeZone: string): string {
  return isoDay(timeMs + offsetMs(timeMs, timeZone));
}

/** The day so many days after another. */
export function dayAfter(day: string, days = 1): string {
  return isoDay(startOfDayMs(day) + days * DAY_MS);
}

/**
 * When the clock of the zone shows a time of a day, ms since 1970. A time that daylight saving skips is an hour later, one that comes
 * twice is the first of both.
 *
 * @param time - HH:MM
 */
export function instantOf(day: string, time: string, timeZone: string): number {
  const wall = Date.parse(`${day}T${time}:00Z`);
  // the offsets before and after a change of the clocks, of which one is right
  const offsets = [offsetMs(wall - DAY_MS, timeZone), offsetMs(wall + DAY_MS, timeZone)];
  const fitting = offsets.map((offset) => wall - offset).filter((at) => at + offsetMs(at, timeZone) === wall);
  return fitting.length > 0 ? Math.min(...fitting) : wall - (offsets[0] ?? 0);
}
