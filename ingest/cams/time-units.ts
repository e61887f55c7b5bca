// SPDX-License-Identifier: Apache-2.0
import type { StorageType } from '../netcdf/types.js';

const HOUR_MS = 3_600_000;

const UNIT_MS: Readonly<Record<string, number>> = {
  nanosecond: 1e-6,
  nanoseconds: 1e-6,
  ns: 1e-6,
  microsecond: 1e-3,
  microseconds: 1e-3,
  microsec: 1e-3,
  microsecs: 1e-3,
  us: 1e-3,
  millisecond: 1,
  milliseconds: 1,
  millisec: 1,
  millisecs: 1,
  msec: 1,
  msecs: 1,
  ms: 1,
  second: 1000,
  seconds: 1000,
  sec: 1000,
  secs: 1000,
  s: 1000,
  minute: 60_000,
  minutes: 60_000,
  min: 60_000,
  mins: 60_000,
  hour: HOUR_MS,
  hours: HOUR_MS,
  hr: HOUR_MS,
  hrs: HOUR_MS,
  h: HOUR_MS,
  day: 24 * HOUR_MS,
  days: 24 * HOUR_MS,
  d: 24 * HOUR_MS,
  week: 168 * HOUR_MS,
  weeks: 168 * HOUR_MS,
};

/** Calendars in which dates after 1582 are those of the civil calendar. */
const CIVIL_CALENDARS = ['standard', 'gregorian', 'proleptic_gregorian'];

/** How numbers of a time variable become instants: `referenceMs + value * unitMs`. */
export interface TimeScale {
  /** Milliseconds since 1970; undefined for a duration (a forecast period). */
  readonly referenceMs: number | undefined;
  readonly unitMs: number;
}

/** What is wrong with a time variable, for the caller to put file and variable in front. */
export interface TimeProblem {
  readonly expectation: string;
  readonly found: string;
}

/**
 * Reads the attributes of a time variable: CF ("hours since 1900-01-01 00:00:00.0"), the regional files
 * (units "hours", long_name "FORECAST time from 20210212"), or a plain duration ("hours").
 */
export function parseTimeScale(
  units: string | undefined,
  longName: string | undefined,
  calendar: string | undefined,
): TimeScale | TimeProblem {
  const expectation =
    'units "<seconds|minutes|hours|days> since <date>", or "hours" with long_name "... time from YYYYMMDD"';
  if (units === undefined) return { expectation, found: 'no units attribute' };
  if (calendar !== undefined && !CIVIL_CALENDARS.includes(calendar.toLowerCase())) {
    return { expectation: `calendar ${CIVIL_CALENDARS.join(', ')}`, found: `calendar "${calendar}"` };
  }
  const [, unit = '', since] = /^\s*([a-z]+)(?:\s+(?:since|after|from|ref|@)\s+(.+?))?\s*$/i.exec(units) ?? [];
  const unitMs = UNIT_MS[unit.toLowerCase()];
  if (unitMs === undefined) {
    const remedy = units.includes('%Y') ? ' (`cdo -r copy IN.nc OUT.nc` makes such an axis relative)' : '';
    return { expectation: `${expectation}${remedy}`, found: `units "${units}"` };
  }
  if (since !== undefined) {
    const referenceMs = parseReferenceDate(since);
    if (referenceMs === undefined) return { expectation, found: `units "${units}"` };
    if (referenceMs < Date.UTC(1582, 9, 15) && calendar?.toLowerCase() !== 'proleptic_gregorian') {
      return {
        expectation:
          'a reference date after 1582-10-15 (before it, calendars disagree; `cdo setreftime,1970-01-01,00:00:00,1hour IN.nc OUT.nc` changes it)',
        found: `units "${units}"`,
      };
    }
    return { referenceMs, unitMs };
  }
  const stamp = /time from\s+(\S+)/i.exec(longName ?? '')?.[1];
  if (stamp === undefined) return { referenceMs: undefined, unitMs };
  const referenceMs = parseStamp(stamp);
  return referenceMs === undefined ? { expectation, found: `long_name "${longName ?? ''}"` } : { referenceMs, unitMs };
}

/** "20210212" or "2021021206" (UTC) to milliseconds since 1970. */
export function parseStamp(stamp: string): number | undefined {
  const [, year, month, day, hour = '0'] = /^(\d{4})-?(\d{2})-?(\d{2})(?:T?(\d{2}))?$/.exec(stamp) ?? [];
  return year === undefined ? undefined : civil(Number(year), Number(month), Number(day), Number(hour));
}

/** The date of "hours since ...": "1900-01-01 00:00:00.0", "1970-1-1", "2020-01-01T06:00:00Z", "... +01:00". */
function parseReferenceDate(text: string): number | undefined {
  const pattern =
    /^(\d{1,4})[-/](\d{1,2})[-/](\d{1,2})(?:[T\s]+(\d{1,2})(?::(\d{1,2}))?(?::(\d{1,2}(?:\.\d*)?))?)?\s*(Z|UTC|GMT|[+-]\d{1,2}(?::?\d{2})?)?$/i;
  // udunits also packs date and clock: 20231001, 20231001T06, 20231001T0630.
  const packed = /^(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})?(\d{2})?)?\s*(Z|UTC|GMT)?$/i.exec(text.trim());
  if (packed !== null) {
    const [, packedYear, packedMonth, packedDay, packedHour = '0', packedMinute = '0', packedSecond = '0'] = packed;
    return civil(
      Number(packedYear),
      Number(packedMonth),
      Number(packedDay),
      Number(packedHour),
      Number(packedMinute),
      Number(packedSecond),
    );
  }
  const match = pattern.exec(text.trim());
  if (match === null) return undefined;
  const [, year, month, day, hour = '0', minute = '0', second = '0', zone = 'Z'] = match;
  const instant = civil(Number(year), Number(month), Number(day), Number(hour), Number(minute), Number(second));
  if (instant === undefined) return undefined;
  const [, sign, zoneHours = '0', zoneMinutes = '0'] = /^([+-])(\d{1,2}):?(\d{2})?$/.exec(zone) ?? [];
  const shift = (Number(zoneHours) * 60 + Number(zoneMinutes)) * 60_000;
  return sign === undefined ? instant : sign === '+' ? instant - shift : instant + shift;
}

function civil(year: number, month: number, day: number, hour = 0, minute = 0, second = 0): number | undefined {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  // 2021-02-30 rolls over to March: such a date is refused, not repaired.
  const isValid =
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day &&
    hour < 25 &&
    minute < 60 &&
    second < 61 &&
    month >= 1;
  return isValid ? date.getTime() + (hour * 3600 + minute * 60 + second) * 1000 : undefined;
}

/** Writers round fractions of days; no model field is meant to lie within this of a full hour and not on it. */
const ROUNDING_MS = 500;

/**
 * Instant of a value, milliseconds since 1970. Fractions of days are rounded by whoever wrote them, and a float cannot hold
 * "days since 1900" to the minute: the full hour within the rounding (for a float, within its spacing if that is coarser) is meant.
 */
export function instantMs(
  value: number,
  scale: { readonly referenceMs: number; readonly unitMs: number },
  type: StorageType,
): number {
  const exact = scale.referenceMs + value * scale.unitMs;
  // Spacing of floats near x is 2^(exponent - 23).
  const spacingMs =
    type === 'float' ? 2 ** (Math.floor(Math.log2(Math.max(Math.abs(value), 1e-30))) - 23) * scale.unitMs : 0;
  const hour = Math.round(exact / HOUR_MS) * HOUR_MS;
  if (Math.abs(hour - exact) <= Math.max(ROUNDING_MS, spacingMs)) return hour;
  return Math.round(exact);
}
