// SPDX-License-Identifier: Apache-2.0
/**
 * A domain of a few cells whose files are made for any day, so that whole runs take seconds.
 *
 * @module
 */
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { startOfDayMs } from '../../common/days.js';
import { dayAfter } from '../../common/time-zone.js';

interface Layout {
  readonly encodeCamsFile: (content: {
    readonly kind: 'ANALYSIS' | 'FORECAST';
    readonly period: string;
    readonly latitudes: Float64Array;
    readonly longitudes: Float64Array;
    readonly hours: number;
    readonly fields: Readonly<Record<string, Float32Array>>;
  }) => Uint8Array;
}

const { encodeCamsFile } = (await import(
  new URL('../../samples/po-valley/make/cams-layout.mjs', import.meta.url).href
)) as Layout;

const ROWS = 6;
const COLUMNS = 7;
const NORTH = 46;
const WEST = 9;
const HISTORY_DAYS = 3;
const HORIZON_DAYS = 2;

const compact = (day: string): string => day.replaceAll('-', '');

/** Smooth in space, another each day, with a little noise that is the same on every machine. */
function valueAt(dayMs: number, hour: number, row: number, column: number): number {
  const day = dayMs / 86_400_000 + hour / 24;
  const noise = Math.sin(12.9898 * row + 78.233 * column + 37.719 * Math.floor(day)) * 43758.5453;
  return (
    25 +
    6 * Math.sin(0.7 * day + 0.35 * row) +
    5 * Math.cos(0.9 * day - 0.4 * column) +
    2 * Math.sin(0.21 * row * column + 1.3 * day) +
    (noise - Math.floor(noise) - 0.5)
  );
}

function fieldOf(firstDay: string, hours: number): Float32Array {
  const cells = ROWS * COLUMNS;
  return Float32Array.from({ length: hours * cells }, (_, index) => {
    const hour = Math.floor(index / cells);
    const cell = index % cells;
    return valueAt(
      startOfDayMs(dayAfter(firstDay, Math.floor(hour / 24))),
      hour % 24,
      Math.floor(cell / COLUMNS),
      cell % COLUMNS,
    );
  });
}

async function writeCams(
  path: string,
  kind: 'ANALYSIS' | 'FORECAST',
  period: string,
  first: string,
  hours: number,
): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const field = fieldOf(first, hours);
  const bytes = encodeCamsFile({
    ...{ kind, period, hours },
    latitudes: Float64Array.from({ length: ROWS }, (_, row) => NORTH - 0.05 - 0.1 * row),
    longitudes: Float64Array.from({ length: COLUMNS }, (_, column) => WEST + 0.05 + 0.1 * column),
    // the layout has all three
    fields: { pm2_5: field, pm10: field, o3: field },
  });
  // whole or not at all, as a fetcher should
  await writeFile(`${path}.part`, bytes);
  await rename(`${path}.part`, path);
}

/** Analyses of so many days to the day before a cycle. */
export async function writeAnalyses(folder: string, cycle: string, days = HISTORY_DAYS): Promise<void> {
  const [first, last] = [dayAfter(cycle, -days), dayAfter(cycle, -1)];
  const period = `${compact(first)}-${compact(last)}+[0H_23H]`;
  await writeCams(join(folder, 'cams', 'analysis.nc'), 'ANALYSIS', period, first, days * 24);
}

/** The forecast of the run of a day. */
export async function writeForecast(folder: string, day: string, days = HORIZON_DAYS): Promise<void> {
  const period = `${compact(day)}+[0H_${days * 24 - 1}H]`;
  await writeCams(join(folder, 'cams', `forecast-${day}.nc`), 'FORECAST', period, day, days * 24);
}

/**
 * Writes `config.yaml`.
 *
 * @param more - further lines, e.g. a schedule
 * @param computed - how it is fitted, where not on a grid by one thread
 */
export async function writeTinyConfig(
  folder: string,
  name = 'tiny',
  more = '',
  computed: readonly string[] = ['model: { route: grid }', 'engine: { threads: 1 }'],
  historyDays = HISTORY_DAYS,
): Promise<string> {
  const path = join(folder, 'config.yaml');
  await mkdir(join(folder, 'cams'), { recursive: true });
  await writeFile(
    path,
    [
      `name: ${name}`,
      `boundingBox: { north: ${NORTH}, west: ${WEST}, south: ${(NORTH - 0.1 * ROWS).toFixed(1)}, east: ${(WEST + 0.1 * COLUMNS).toFixed(1)} }`,
      'pollutants: [pm2_5]',
      'source: { path: cams }',
      `window: { maximumHistoryDays: ${historyDays}, maximumHorizonDays: 1 }`,
      ...computed,
      'products: { resolutionDegrees: 0.1 }',
      more,
      '',
    ].join('\n'),
  );
  return path;
}
