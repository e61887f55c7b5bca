// SPDX-License-Identifier: Apache-2.0
/** Numbers and days as people read them. English, without locale data, so that products are the same everywhere. */
import { isoDay, startOfDayMs } from '../common/days.js';
import { entry } from '../common/entry.js';
import type { PollutantId } from '../common/pollutants.js';
import type { QualitySummary } from './product-types.js';

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** Pollutants with typographic subscripts, for headings. */
export const POLLUTANT_TITLE: Readonly<Record<PollutantId, string>> = {
  pm2_5: 'PM₂.₅',
  pm10: 'PM₁₀',
  o3: 'O₃',
  no2: 'NO₂',
};

/** The quality gate's word on the input with its grounds, e.g. "degrade: pm10: 1 % of the values are missing". */
export function qualityWords({ decision, reasons }: Pick<QualitySummary, 'decision' | 'reasons'>): string {
  return reasons.length === 0 ? decision : `${decision}: ${reasons.join('; ')}`;
}

/** Index of the entry that falls on the same UTC day as `timeMs`, -1 where there is none. */
export function indexOfDay(timesMs: Float64Array, timeMs: number): number {
  const day = isoDay(timeMs);
  return timesMs.findIndex((candidate) => isoDay(candidate) === day);
}

/** First letter in upper case. */
export function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** "Thursday 17 July" for "2025-07-17". */
export function formatDay(day: string): string {
  const date = new Date(startOfDayMs(day));
  return `${entry(WEEKDAYS, date.getUTCDay())} ${date.getUTCDate()} ${entry(MONTHS, date.getUTCMonth())}`;
}

/** "Thu 17 Jul" for "2025-07-17". */
export function formatShortDay(day: string): string {
  const date = new Date(startOfDayMs(day));
  const weekday = entry(WEEKDAYS, date.getUTCDay()).slice(0, 3);
  return `${weekday} ${date.getUTCDate()} ${entry(MONTHS, date.getUTCMonth()).slice(0, 3)}`;
}

/** "Thursday 17 July 2025" for "2025-07-17". */
export function formatLongDay(day: string): string {
  return `${formatDay(day)} ${day.slice(0, 4)}`;
}

/** A concentration without needless digits: 15, 12.5, 0.8. */
export function formatConcentration(valueUgM3: number): string {
  return String(Number(valueUgM3.toPrecision(3)));
}

/** Three significant digits at most, with a true minus sign; exponents only where zeros would mislead. */
export function formatNumber(value: number, significantDigits = 3): string {
  if (!Number.isFinite(value)) return '–';
  if (value === 0) return '0';
  const magnitude = Math.abs(value);
  if (magnitude < 1e-4 || magnitude >= 1e6) {
    const [mantissa = '', exponent = ''] = value.toExponential(significantDigits - 1).split('e');
    return `${mantissa} × 10${superscript(exponent)}`.replace('-', '−');
  }
  const decimals = Math.max(0, significantDigits - 1 - Math.floor(Math.log10(magnitude)));
  return value.toFixed(Math.min(decimals, 10)).replace('-', '−');
}

/** "34 %", "< 1 %", "> 99 %"; exact 0 and 1 stay as they are. */
export function formatShare(share: number): string {
  if (share > 0 && share < 0.01) return '< 1 %';
  if (share < 1 && share > 0.99) return '> 99 %';
  return `${Math.round(share * 100)} %`;
}

/** "340 ms", "12.3 s", "2 min 05 s". */
export function formatSeconds(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 99.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
}

/** "1.4 MB"; decimal units. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(1)} kB`;
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function superscript(exponent: string): string {
  const digits: Readonly<Record<string, string>> = {
    '-': '⁻',
    '0': '⁰',
    '1': '¹',
    '2': '²',
    '3': '³',
    '4': '⁴',
    '5': '⁵',
    '6': '⁶',
    '7': '⁷',
    '8': '⁸',
    '9': '⁹',
  };
  return exponent.replace(/./g, (character) => digits[character] ?? '');
}

/** Whether a name is one of the pollutants that the product models. */
export function isPollutant(name: string): name is PollutantId {
  return Object.hasOwn(POLLUTANT_TITLE, name);
}

/** Heading of a pollutant; other species keep their name. */
export function pollutantTitle(name: string): string {
  return isPollutant(name) ? POLLUTANT_TITLE[name] : name;
}

/** "ug m-3 km-1" as "µg m⁻³ km⁻¹"; "1" as an empty text. */
export function unitsForPeople(units: string): string {
  if (units === '1') return '';
  return units
    .replace(/\bug\b/g, 'µg')
    .replace(/([a-z])(-?\d+)/g, (_, letter: string, exponent: string) => `${letter}${superscript(exponent)}`);
}
