// SPDX-License-Identifier: Apache-2.0
/**
 * `fine-grid-posterior/1`: a FineGridPosterior as an Arrow IPC file, one row a (time, latitude, longitude), in that order.
 *
 * | column | type | content |
 * |---|---|---|
 * | time | Timestamp[ms, UTC] | start of the UTC day |
 * | latitude | Float64 | cell centre, degrees_north, descending |
 * | longitude | Float64 | cell centre, degrees_east, ascending, [-180, 180) |
 * | origin | Dictionary<Int8, Utf8> | analysis, forecast or reanalysis |
 * | elevation | Float64 | cell mean, m; only when the domain has it |
 * | `<pollutant>_mean`, `<pollutant>_sd` | Float64 | field metadata: `units`, `statistic`, `pollutant`, `moment` |
 *
 * Schema metadata: `tramontana.schema`, `resolution_degrees`, and the axis lengths `times`, `latitudes`, `longitudes`.
 *
 * @module
 */
import * as arrow from 'apache-arrow';
import { TramontanaError, messageOf } from '../../common/errors.js';
import { type DailyStatistic, type PollutantId, POLLUTANTS } from '../../common/pollutants.js';
import type { FineGridPosterior, FineGridVariable } from './fine-grid-posterior.js';
import type { FieldOrigin } from './gridded-field.js';

export const FINE_GRID_POSTERIOR_SCHEMA = 'fine-grid-posterior/1';

const ORIGINS: readonly FieldOrigin[] = ['analysis', 'forecast', 'reanalysis'];
const STATISTICS: readonly DailyStatistic[] = ['daily_mean', 'daily_max_8h_mean'];

/**
 * Encodes a posterior as `fine-grid-posterior/1`; decodeFineGridPosterior gives it back bit by bit.
 *
 * @throws {TramontanaError} `Artifact.InvalidPosterior` when an array does not fit the axes.
 */
export function encodeFineGridPosterior(posterior: FineGridPosterior): Uint8Array {
  checkShape(posterior);
  const times = posterior.timesMs.length;
  const latitudes = posterior.latitudesDegrees.length;
  const longitudes = posterior.longitudesDegrees.length;
  const cells = latitudes * longitudes;
  const rows = times * cells;
  const fields: arrow.Field[] = [];
  const data: arrow.Data[] = [];
  const add = (name: string, column: arrow.Data, metadata: Record<string, string>): void => {
    fields.push(new arrow.Field(name, column.type, false, new Map(Object.entries(metadata))));
    data.push(column);
  };
  const { timesMs, latitudesDegrees, longitudesDegrees, elevationM } = posterior;
  add(
    'time',
    timestamps(rows, (row) => timesMs[Math.floor(row / cells)] as number),
    {},
  );
  add(
    'latitude',
    doubles(rows, (row) => latitudesDegrees[Math.floor(row / longitudes) % latitudes] as number),
    {
      units: 'degrees_north',
    },
  );
  add(
    'longitude',
    doubles(rows, (row) => longitudesDegrees[row % longitudes] as number),
    { units: 'degrees_east' },
  );
  add('origin', originColumn(posterior, rows, cells), {});
  if (elevationM !== undefined) {
    add(
      'elevation',
      doubles(rows, (row) => elevationM[row % cells] as number),
      { units: 'm' },
    );
  }
  for (const { pollutant, units, statistic, mean, sd } of posterior.variables) {
    const metadata = { units, statistic, pollutant };
    add(`${pollutant}_mean`, plain(mean), { ...metadata, moment: 'mean' });
    add(`${pollutant}_sd`, plain(sd), { ...metadata, moment: 'sd' });
  }
  const metadata = new Map([
    ['tramontana.schema', FINE_GRID_POSTERIOR_SCHEMA],
    ['resolution_degrees', String(posterior.resolutionDegrees)],
    ['times', String(times)],
    ['latitudes', String(latitudes)],
    ['longitudes', String(longitudes)],
  ]);
  const struct = arrow.makeData({ type: new arrow.Struct(fields), length: rows, nullCount: 0, children: data });
  const schema = new arrow.Schema(fields, metadata);
  return arrow.tableToIPC(new arrow.Table(schema, [new arrow.RecordBatch(schema, struct)]), 'file');
}

/**
 * Decodes `fine-grid-posterior/1`.
 *
 * @throws {TramontanaError} `Artifact.UnknownSchema` for other bytes, `Artifact.InvalidPosterior` when columns do not fit
 *   together.
 */
export function decodeFineGridPosterior(bytes: Uint8Array): FineGridPosterior {
  const table = readTable(bytes);
  const { metadata } = table.schema;
  const found = metadata.get('tramontana.schema');
  if (found !== FINE_GRID_POSTERIOR_SCHEMA) {
    throw new TramontanaError(
      'Artifact.UnknownSchema',
      `expected schema metadata tramontana.schema = "${FINE_GRID_POSTERIOR_SCHEMA}", got ${found === undefined ? 'none' : `"${found}"`}`,
      { facts: { expected: FINE_GRID_POSTERIOR_SCHEMA, found: found ?? null } },
    );
  }
  const times = positive(metadata, 'times');
  const latitudes = positive(metadata, 'latitudes');
  const longitudes = positive(metadata, 'longitudes');
  const cells = latitudes * longitudes;
  if (table.numRows !== times * cells) {
    throw invalid(`expected ${times} x ${latitudes} x ${longitudes} rows, got ${table.numRows}`);
  }
  const timeColumn = column(table, 'time');
  const origins = column(table, 'origin');
  const hasElevation = table.getChild('elevation') !== null;
  return {
    resolutionDegrees: positive(metadata, 'resolution_degrees'),
    latitudesDegrees: pick(numbers(table, 'latitude'), latitudes, longitudes),
    longitudesDegrees: pick(numbers(table, 'longitude'), longitudes, 1),
    timesMs: Float64Array.from({ length: times }, (_, time) => Number(timeColumn.get(time * cells))),
    origins: Array.from({ length: times }, (_, time) => originOf(origins.get(time * cells))),
    ...(hasElevation ? { elevationM: numbers(table, 'elevation').slice(0, cells) } : {}),
    variables: table.schema.fields
      .filter((field) => field.metadata.get('moment') === 'mean')
      .map((field) => decodeVariable(table, field)),
  };
}

function checkShape(posterior: FineGridPosterior): void {
  const cells = posterior.latitudesDegrees.length * posterior.longitudesDegrees.length;
  const size = posterior.timesMs.length * cells;
  if (size === 0) throw invalid('expected at least one time, latitude and longitude');
  if (posterior.origins.length !== posterior.timesMs.length) {
    throw invalid(`expected ${posterior.timesMs.length} origins, got ${posterior.origins.length}`);
  }
  if (posterior.elevationM !== undefined && posterior.elevationM.length !== cells) {
    throw invalid(`elevation: expected ${cells} values, got ${posterior.elevationM.length}`);
  }
  for (const { pollutant, mean, sd } of posterior.variables) {
    if (mean.length !== size) throw invalid(`${pollutant} mean: expected ${size} values, got ${mean.length}`);
    if (sd.length !== size) throw invalid(`${pollutant} sd: expected ${size} values, got ${sd.length}`);
  }
  const names = posterior.variables.map(({ pollutant }) => pollutant);
  if (new Set(names).size !== names.length) throw invalid(`expected each pollutant once, got ${names.join(', ')}`);
}

function decodeVariable(table: arrow.Table, field: arrow.Field): FineGridVariable {
  const pollutant = POLLUTANTS.find((name): name is PollutantId => name === field.metadata.get('pollutant'));
  const statistic = STATISTICS.find((name) => name === field.metadata.get('statistic'));
  const units = field.metadata.get('units');
  if (pollutant === undefined || statistic === undefined || units !== 'ug m-3') {
    throw invalid(
      `column "${field.name}": expected units "ug m-3", a pollutant of ${POLLUTANTS.join(', ')} and a statistic of ${STATISTICS.join(', ')}`,
    );
  }
  const mean = numbers(table, `${pollutant}_mean`);
  return { pollutant, units, statistic, mean, sd: numbers(table, `${pollutant}_sd`) };
}

function plain(values: Float64Array): arrow.Data {
  return arrow.makeData({ type: new arrow.Float64(), data: values });
}

function doubles(rows: number, valueAt: (row: number) => number): arrow.Data {
  return plain(Float64Array.from({ length: rows }, (_, row) => valueAt(row)));
}

function timestamps(rows: number, valueAt: (row: number) => number): arrow.Data {
  const data = BigInt64Array.from({ length: rows }, (_, row) => BigInt(valueAt(row)));
  return arrow.makeData({ type: new arrow.TimestampMillisecond('UTC'), data });
}

function originColumn(posterior: FineGridPosterior, rows: number, cells: number): arrow.Data {
  const codes = posterior.origins.map((origin) => ORIGINS.indexOf(origin));
  return arrow.makeData({
    type: new arrow.Dictionary(new arrow.Utf8(), new arrow.Int8()),
    data: Int8Array.from({ length: rows }, (_, row) => codes[Math.floor(row / cells)] as number),
    dictionary: arrow.vectorFromArray([...ORIGINS], new arrow.Utf8()),
  });
}

function readTable(bytes: Uint8Array): arrow.Table {
  try {
    return arrow.tableFromIPC(bytes);
  } catch (error) {
    throw new TramontanaError(
      'Artifact.UnknownSchema',
      `expected an Arrow IPC file of ${FINE_GRID_POSTERIOR_SCHEMA}; ${messageOf(error)}`,
      { cause: error },
    );
  }
}

function column(table: arrow.Table, name: string): arrow.Vector {
  const vector = table.getChild(name);
  if (vector === null) throw invalid(`expected a column "${name}"`);
  return vector;
}

function numbers(table: arrow.Table, name: string): Float64Array {
  const values: unknown = column(table, name).toArray();
  if (!(values instanceof Float64Array)) throw invalid(`column "${name}": expected Float64`);
  // A copy: the buffer of the file must not be kept alive, nor shared with the caller's bytes.
  return Float64Array.from(values);
}

function pick(values: Float64Array, length: number, stride: number): Float64Array {
  return Float64Array.from({ length }, (_, index) => values[index * stride] as number);
}

function originOf(value: unknown): FieldOrigin {
  const origin = ORIGINS.find((name) => name === value);
  if (origin === undefined) throw invalid(`expected an origin of ${ORIGINS.join(', ')}, got "${String(value)}"`);
  return origin;
}

function positive(metadata: ReadonlyMap<string, string>, name: string): number {
  const value = Number(metadata.get(name));
  if (!(value > 0)) throw invalid(`expected schema metadata "${name}" above 0, got "${metadata.get(name) ?? ''}"`);
  return value;
}

function invalid(message: string): TramontanaError {
  return new TramontanaError('Artifact.InvalidPosterior', `fine-grid posterior: ${message}`);
}
