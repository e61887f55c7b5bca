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
import * as arrow from 'apache-arrow';
import { TramontanaError, messageOf } from '../../common/errors.js';
import type { FieldOrigin, FieldVariable, GriddedField } from './gridded-field.js';

export const GRIDDED_FIELD_SCHEMA = 'gridded-field/1';

const ORIGINS: readonly FieldOrigin[] = ['analysis', 'forecast', 'reanalysis'];
const STATISTICS: readonly FieldVariable['statistic'][] = ['instantaneous', 'daily_mean', 'daily_max_8h_mean'];
const RESERVED_COLUMNS = ['time', 'latitude', 'longitude', 'origin', 'run_time'];

/**
 * Encodes a field as `gridded-field/1`; decodeGriddedField gives it back bit by bit.
 *
 * @throws TramontanaError `Artifact.InvalidField` when a variable's length does not fit the axes
 */
export function encodeGriddedField(field: GriddedField): Uint8Array {
  checkShape(field);
  const times = field.timesMs.length;
  const latitudes = field.latitudesDegrees.length;
  const longitudes = field.longitudesDegrees.length;
  const cells = latitudes * longitudes;
  const rows = times * cells;

  const fields: arrow.Field[] = [];
  const data: arrow.Data[] = [];
  const add = (name: string, column: arrow.Data, metadata: Record<string, string>, nullable = false): void => {
    fields.push(new arrow.Field(name, column.type, nullable, new Map(Object.entries(metadata))));
    data.push(column);
  };

  add(
    'time',
    timestamps(rows, (row) => field.timesMs[Math.floor(row / cells)] ?? NaN),
    { units: 'ms since 1970-01-01T00:00Z' },
  );
  add(
    'latitude',
    doubles(rows, (row) => field.latitudesDegrees[Math.floor(row / longitudes) % latitudes] ?? NaN),
    {
      units: 'degrees_north',
    },
  );
  add(
    'longitude',
    doubles(rows, (row) => field.longitudesDegrees[row % longitudes] ?? NaN),
    { units: 'degrees_east' },
  );
  add('origin', originColumn(field, rows, cells), {});
  const { runTimesMs } = field;
  if (runTimesMs !== undefined) {
    add(
      'run_time',
      timestamps(rows, (row) => runTimesMs[Math.floor(row / cells)] ?? NaN),
      {},
      true,
    );
  }
  for (const variable of field.variables) {
    add(variable.species, arrow.makeData({ type: new arrow.Float64(), data: variable.values }), {
      kind: 'species',
      units: variable.units,
      statistic: variable.statistic,
    });
  }

  const schema = new arrow.Schema(
    fields,
    new Map([
      ['tramontana.schema', GRIDDED_FIELD_SCHEMA],
      ['cadence', field.cadence],
      ['times', String(times)],
      ['latitudes', String(latitudes)],
      ['longitudes', String(longitudes)],
    ]),
  );
  const struct = arrow.makeData({ type: new arrow.Struct(fields), length: rows, nullCount: 0, children: data });
  return arrow.tableToIPC(new arrow.Table(schema, [new arrow.RecordBatch(schema, struct)]), 'file');
}

/**
 * Decodes `gridded-field/1`.
 *
 * @throws TramontanaError `Artifact.UnknownSchema` for other bytes, `Artifact.InvalidField` when columns do not fit together
 */
export function decodeGriddedField(bytes: Uint8Array): GriddedField {
  const table = readTable(bytes);
  const { metadata } = table.schema;
  const found = metadata.get('tramontana.schema');
  if (found !== GRIDDED_FIELD_SCHEMA) {
    throw new TramontanaError(
      'Artifact.UnknownSchema',
      `expected schema metadata tramontana.schema = "${GRIDDED_FIELD_SCHEMA}", got ${found === undefined ? 'none' : `"${found}"`}`,
      { facts: { expected: GRIDDED_FIELD_SCHEMA, found: found ?? null } },
    );
  }
  const times = axisLength(metadata, 'times');
  const latitudes = axisLength(metadata, 'latitudes');
  const longitudes = axisLength(metadata, 'longitudes');
  const cells = latitudes * longitudes;
  if (table.numRows !== times * cells) {
    throw invalid(`expected ${times} x ${latitudes} x ${longitudes} rows, got ${table.numRows}`, {
      rows: table.numRows,
    });
  }
  const cadence = metadata.get('cadence');
  if (cadence !== 'hourly' && cadence !== 'daily')
    throw invalid(`expected cadence hourly or daily, got "${String(cadence)}"`, {});

  const timeColumn = column(table, 'time');
  const originColumnVector = column(table, 'origin');
  const runColumn = table.getChild('run_time');
  const field = {
    cadence,
    latitudesDegrees: pick(numbers(table, 'latitude'), latitudes, longitudes),
    longitudesDegrees: pick(numbers(table, 'longitude'), longitudes, 1),
    timesMs: Float64Array.from({ length: times }, (_, time) => millisecondsAt(timeColumn, time * cells)),
    origins: Array.from({ length: times }, (_, time) => originOf(originColumnVector.get(time * cells))),
    variables: table.schema.fields
      .filter((item) => !RESERVED_COLUMNS.includes(item.name))
      .map((item) => decodeVariable(table, item)),
  } as const;
  if (runColumn === null) return field;
  return {
    ...field,
    runTimesMs: Float64Array.from({ length: times }, (_, time) => millisecondsAt(runColumn, time * cells)),
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

function doubles(rows: number, valueAt: (row: number) => number): arrow.Data {
  return arrow.makeData({
    type: new arrow.Float64(),
    data: Float64Array.from({ length: rows }, (_, row) => valueAt(row)),
  });
}

function timestamps(rows: number, valueAt: (row: number) => number): arrow.Data {
  const data = new BigInt64Array(rows);
  const valid = new Uint8Array(Math.ceil(rows / 8));
  let nullCount = 0;
  for (let row = 0; row < rows; row += 1) {
    const value = valueAt(row);
    if (Number.isNaN(value)) nullCount += 1;
    else {
      data[row] = BigInt(value);
      valid[row >> 3] = (valid[row >> 3] ?? 0) | (1 << (row & 7));
    }
  }
  return arrow.makeData({
    type: new arrow.TimestampMillisecond('UTC'),
    data,
    nullCount,
    ...(nullCount > 0 ? { nullBitmap: valid } : {}),
  });
}

function originColumn(field: GriddedField, rows: number, cells: number): arrow.Data {
  const codes = field.origins.map((origin) => ORIGINS.indexOf(origin));
  return arrow.makeData({
    type: new arrow.Dictionary(new arrow.Utf8(), new arrow.Int8()),
    data: Int8Array.from({ length: rows }, (_, row) => codes[Math.floor(row / cells)] ?? 0),
    dictionary: arrow.vectorFromArray([...ORIGINS], new arrow.Utf8()),
  });
}

function readTable(bytes: Uint8Array): arrow.Table {
  try {
    return arrow.tableFromIPC(bytes);
  } catch (error) {
    throw new TramontanaError(
      'Artifact.UnknownSchema',
      `expected an Arrow IPC file of ${GRIDDED_FIELD_SCHEMA}; ${messageOf(error)}`,
      {
        cause: error,
      },
    );
  }
}

function column(table: arrow.Table, name: string): arrow.Vector {
  const vector = table.getChild(name);
  if (vector === null) {
    throw invalid(`expected a column "${name}"`, { columns: table.schema.fields.map((item) => item.name) });
  }
  return vector;
}

function numbers(table: arrow.Table, name: string): Float64Array {
  const values: unknown = column(table, name).toArray();
  if (!(values instanceof Float64Array)) throw invalid(`column "${name}": expected Float64`, { column: name });
  // A copy: the buffer of the file must not be kept alive, nor shared with the caller's bytes.
  return Float64Array.from(values);
}

function pick(values: Float64Array, length: number, stride: number): Float64Array {
  return Float64Array.from({ length }, (_, index) => values[index * stride] ?? NaN);
}

function millisecondsAt(vector: arrow.Vector, row: number): number {
  const value: unknown = vector.get(row);
  return value === null || value === undefined ? NaN : Number(value);
}

function decodeVariable(table: arrow.Table, field: arrow.Field): FieldVariable {
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
    statistic: statistic,
    values: numbers(table, field.name),
  };
}

function originOf(value: unknown): FieldOrigin {
  const origin = ORIGINS.find((name) => name === value);
  if (origin === undefined) throw invalid(`expected an origin of ${ORIGINS.join(', ')}, got "${String(value)}"`, {});
  return origin;
}

function axisLength(metadata: ReadonlyMap<string, string>, name: string): number {
  const length = Number(metadata.get(name));
  if (!Number.isInteger(length) || length < 1) {
    throw invalid(`schema metadata "${name}": expected a positive integer, got "${String(metadata.get(name))}"`, {});
  }
  return length;
}

function invalid(message: string, facts: Record<string, unknown>): TramontanaError {
  return new TramontanaError('Artifact.InvalidField', `gridded field: ${message}`, { facts });
}
