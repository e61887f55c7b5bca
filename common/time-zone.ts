// SPDX-License-Identifier: Apache-2.0
/** Days and times of day in a time zone, by the language's own zone data. @module */
import { DAY_MS, isoDay, startOfDayMs } from './days.js';

/** Making one takes longer than a year of questions to it. */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-CA', {
    ...{ timeZone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit' },
    ...{ hour: '2-digit', minute: '2-digit', second: '2-digit' },
  });
  formats.set(timeZone, made);
  return made;
}

/**
 * True for a zone that the runtime knows, e.g. `Europe/Rome`, written as in the IANA list: this language takes `europe/rome` too,
 * Temporal's server does not.
 */
export function isTimeZone(name: string): boolean {
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions();
    if (timeZone.toLowerCase() === name.toLowerCase()) return timeZone === name;
    // another name of the zone: the runtime does not tell how it is written, but all are capitalised
    return name.split('/').every((part) => /^[A-Z]/u.test(part)) && (!name.includes('/') || /[a-z]/u.test(name));
  } catch {
    return false;
  }
}

/** Local time less UTC at an instant. */
function offsetMs(timeMs: number, timeZone: string): number {
  const parts = formatOf(timeZone).formatToParts(timeMs);
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

/** What the clocks of a zone show in the place of a time that they skip. */
export interface SkippedTime {
  readonly day: string;
  /** HH:MM, of the same day. */
  readonly shown: string;
}

/**
 * The days, from one to another, on which the clocks of a zone skip a time of day, and what they show at that moment.
 *
 * @param time - HH:MM
 */
export function skippedTimes(time: string, timeZone: string, from: string, to: string): readonly SkippedTime[] {
  const skipped: SkippedTime[] = [];
  const toMs = startOfDayMs(to);
  let before = offsetMs(startOfDayMs(from) - DAY_MS, timeZone);
  for (let dayMs = startOfDayMs(from); dayMs <= toMs; dayMs += DAY_MS) {
    // zones are at most 14 hours from UTC: a change on this day lies between the offsets of both neighbours
    const after = offsetMs(dayMs + 2 * DAY_MS, timeZone);
    if (after > before) {
      const day = isoDay(dayMs);
      const at = instantOf(day, time, timeZone);
      const wall = new Date(at + offsetMs(at, timeZone)).toISOString();
      const shown = wall.slice(11, 16);
      // a jump over midnight has no such day
      if (shown !== time && wall.startsWith(day)) skipped.push({ day, shown });
    }
    before = offsetMs(dayMs, timeZone);
  }
  return skipped;
}
