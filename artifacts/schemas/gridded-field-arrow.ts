// SPDX-License-Identifier: Apache-2.0
/**
 * `gridded-field/1`: a GriddedField as an Arrow IPC file, one row a (time, latitude, longitude), in that order.
 *
 * | column | type | content |
 * |---|---|---|
 * | time | Timestamp[ms, UTC] | start of the hour or of the UTC day |
 * | latitude | Float64 | cell centre, degrees_north, descending |
 * | longitude | Float64 | cell centre, degrees_east, ascending, [-180, 180) |
 * | origin | Dictionary<Int8, Utf8> | analysis, forecast or reanalysis |
 * | run_time | Timestamp[ms, UTC], null where unknown | start of the model run; only when the field knows its runs |
 * | one a species | Float64, NaN where missing | field metadata: `units`, `statistic`, `kind` = "species" |
 *
 * Schema metadata: `tramontana.schema`, `cadence`, and the axis lengths `times`, `latitudes`, `longitudes`.
 *
 * @module
 */
import type { Field } from 'apache-arrow';
import { float64At } from '../../common/entry.js';
import { TramontanaError } from '../../common/errors.js';
import { doubles, TableReader, TableWriter, timestampsAt } from './arrow-table.js';
import { addGridColumns, GRID_COLUMNS, readGridColumns } from './grid-columns.js';
import type { FieldVariable, GriddedField } from './gridded-field.js';

export const GRIDDED_FIELD_SCHEMA = 'gridded-field/1';

const STATISTICS: readonly FieldVariable['statistic'][] = ['instantaneous', 'daily_mean', 'daily_max_8h_mean'];
const RESERVED_COLUMNS: readonly string[] = [...GRID_COLUMNS, 'run_time'];

/**
 * Encodes a field as `gridded-field/1`; decodeGriddedField gives it back bit by bit.
 *
 * @throws TramontanaError `Artifact.InvalidField` when a variable's length does not fit the axes
 */
export function encodeGriddedField(field: GriddedField): Uint8Array {
  checkShape(field);
  const table = new TableWriter();
  const { rows, cells, metadata } = addGridColumns(table, field);
  const { runTimesMs } = field;
  if (runTimesMs !== undefined) {
    table.add(
      'run_time',
      timestampsAt(rows, (row) => float64At(runTimesMs, Math.floor(row / cells))),
      {},
      true,
    );
  }
  for (const { species, values, units, statistic } of field.variables) {
    table.add(species, doubles(values), { kind: 'species', units, statistic });
  }
  return table.encode(GRIDDED_FIELD_SCHEMA, {
    cadence: field.cadence,
    ...metadata,
  });
}

/**
 * Decodes `gridded-field/1`.
 *
 * @throws TramontanaError `Artifact.UnknownSchema` for other bytes, `Artifact.InvalidField` when columns do not fit together
 */
export function decodeGriddedField(bytes: Uint8Array): GriddedField {
  const table = new TableReader(bytes, GRIDDED_FIELD_SCHEMA, invalid);
  const { times, cells, ...axes } = readGridColumns(table);
  const cadence = table.text('cadence');
  if (cadence !== 'hourly' && cadence !== 'daily')
    throw invalid(`expected cadence hourly or daily, got "${String(cadence)}"`);
  return {
    cadence,
    ...axes,
    variables: table.fields
      .filter(({ name }) => !RESERVED_COLUMNS.includes(name))
      .map((column) => decodeVariable(table, column)),
    ...(table.has('run_time') ? { runTimesMs: table.everyTimestamp('run_time', cells, times) } : {}),
  };
}

function checkShape(field: GriddedField): void {
  const size = field.timesMs.length * field.latitudesDegrees.length * field.longitudesDegrees.length;
  if (size === 0) throw invalid('expected at least one time, latitude and longitude', {});
  if (field.origins.length !== field.timesMs.length) {
    throw invalid(`expected ${field.timesMs.length} origins, got ${field.origins.length}`, {});
  }
  const names = new Set<string>(RESERVED_COLUMNS);
  for (const { species, values } of field.variables) {
    if (values.length !== size) throw invalid(`${species}: expected ${size} values, got ${values.length}`, { species });
    if (names.has(species))
      throw invalid(`species "${species}": expected a name that is used once and is no axis`, { species });
    names.add(species);
  }
}

function decodeVariable(table: TableReader, field: Field): FieldVariable {
  const units = field.metadata.get('units');
  const statistic = STATISTICS.find((name) => name === field.metadata.get('statistic'));
  if (units !== 'ug m-3' || statistic === undefined) {
    throw invalid(`column "${field.name}": expected units "ug m-3" and a statistic of ${STATISTICS.join(', ')}`, {
      column: field.name,
      foundUnits: units ?? null,
      foundStatistic: field.metadata.get('statistic') ?? null,
    });
  }
  return {
    species: field.name,
    units,
    statistic,
    values: table.doubles(field.name),
  };
}

function invalid(message: string, facts: Record<string, unknown> = {}): TramontanaError {
  return new TramontanaError('Artifact.InvalidField', `gridded field: ${message}`, { facts });
}
