// SPDX-License-Identifier: Apache-2.0
/**
 * The columns that every table of a daily or hourly grid begins with, one row a (time, latitude, longitude), in that order: time,
 * latitude, longitude, origin; and the lengths of the axes in the schema metadata.
 *
 * @module
 */
import { float64At } from '../../common/entry.js';
import { categoriesAt, doublesAt, timestampsAt, type TableReader, type TableWriter } from './arrow-table.js';
import type { FieldOrigin } from './gridded-field.js';

const ORIGINS: readonly FieldOrigin[] = ['analysis', 'forecast', 'reanalysis'];

/** Names of these columns. */
export const GRID_COLUMNS = ['time', 'latitude', 'longitude', 'origin'] as const;

/** The axes of a grid of times and cells. */
export interface GridAxes {
  /** Start of the hour or of the UTC day. */
  readonly timesMs: Float64Array;
  /** Cell centres, descending. */
  readonly latitudesDegrees: Float64Array;
  /** Cell centres, ascending, [-180, 180). */
  readonly longitudesDegrees: Float64Array;
  /** One a time. */
  readonly origins: readonly FieldOrigin[];
}

/** Adds the columns of a grid. @returns the numbers of its rows and of the cells of one time, and its schema metadata */
export function addGridColumns(
  table: TableWriter,
  { timesMs, latitudesDegrees, longitudesDegrees, origins }: GridAxes,
): { rows: number; cells: number; metadata: Readonly<Record<string, string>> } {
  const [latitudes, longitudes] = [latitudesDegrees.length, longitudesDegrees.length];
  const cells = latitudes * longitudes;
  const rows = timesMs.length * cells;
  const timeOf = (row: number): number => Math.floor(row / cells);
  table.add(
    'time',
    timestampsAt(rows, (row) => float64At(timesMs, timeOf(row))),
    { units: 'ms since 1970-01-01T00:00Z' },
  );
  table.add(
    'latitude',
    doublesAt(rows, (row) => float64At(latitudesDegrees, Math.floor(row / longitudes) % latitudes)),
    { units: 'degrees_north' },
  );
  table.add(
    'longitude',
    doublesAt(rows, (row) => float64At(longitudesDegrees, row % longitudes)),
    { units: 'degrees_east' },
  );
  table.add(
    'origin',
    categoriesAt(rows, ORIGINS, (row) => origins[timeOf(row)]),
  );
  const metadata = { times: String(timesMs.length), latitudes: String(latitudes), longitudes: String(longitudes) };
  return { rows, cells, metadata };
}

/** Reads them back. @throws {TramontanaError} of the table's kind when columns or lengths are not those of a grid */
export function readGridColumns(table: TableReader): GridAxes & { readonly times: number; readonly cells: number } {
  const { times, latitudes, longitudes, cells } = table.axes();
  return {
    ...{ times, cells },
    latitudesDegrees: table.everyDouble('latitude', longitudes, latitudes),
    longitudesDegrees: table.everyDouble('longitude', 1, longitudes),
    timesMs: table.everyTimestamp('time', cells, times),
    origins: table.everyCategory('origin', ORIGINS, cells, times),
  };
}
