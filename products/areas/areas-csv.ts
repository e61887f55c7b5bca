// SPDX-License-Identifier: Apache-2.0
import { exceedanceColumn, type AreaTable } from './area-rows.js';

/** Digits of a concentration or share: more than the draws can tell. */
const DIGITS = 6;

/** What a spreadsheet takes for the beginning of a formula. */
const FORMULA = /^[=+\-@]/u;

/**
 * The means over areas as comma-separated values (RFC 4180, UTF-8). A name that a spreadsheet would take for a formula begins with
 * an apostrophe.
 */
export function formatAreasCsv({ thresholds, rows }: AreaTable): string {
  const names = [
    ...['area', 'pollutant', 'date', 'origin', 'mean_ug_m3', 'sd_ug_m3', 'q025_ug_m3', 'q975_ug_m3'],
    ...thresholds.map(exceedanceColumn),
    'share_inside',
  ];
  const lines = rows.map(({ area, pollutant, date, origin, mean, sd, q025, q975, exceedance, shareInside }) => [
    ...[text(area), pollutant, date, origin],
    ...[mean, sd, q025, q975, ...exceedance, shareInside].map(number),
  ]);
  return [names, ...lines].map((fields) => `${fields.join(',')}\r\n`).join('');
}

function text(value: string): string {
  const plain = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/u.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}

function number(value: number | undefined): string {
  return value === undefined || Number.isNaN(value) ? '' : String(Number(value.toPrecision(DIGITS)));
}
