// SPDX-License-Identifier: Apache-2.0
/**
 * `fine-grid-posterior/2`: a FineGridPosterior as an Arrow IPC file, one row a (time, latitude, longitude), in that order.
 *
 * | column | type | content |
 * |---|---|---|
 * | time | Timestamp[ms, UTC] | start of the UTC day |
 * | latitude | Float64 | cell centre, degrees_north, descending |
 * | longitude | Float64 | cell centre, degrees_east, ascending, [-180, 180) |
 * | origin | Dictionary<Int8, Utf8> | analysis, forecast or reanalysis |
 * | elevation | Float64 | cell mean, m; only when the domain has it |
 * | `<pollutant>_mean`, `<pollutant>_sd` | Float64 | field metadata: `units`, `statistic`, `pollutant`, `moment`, `days_with_data` (a 1 or 0 a day) |
 *
 * Schema metadata: `tramontana.schema`, `resolution_degrees`, and the axis lengths `times`, `latitudes`, `longitudes`.
 *
 * @module
 */
import type { Field } from 'apache-arrow';
import { float64At } from '../../common/entry.js';
import { TramontanaError } from '../../common/errors.js';
import { type DailyStatistic, type PollutantId, POLLUTANTS } from '../../common/pollutants.js';
import { doubles, doublesAt, TableReader, TableWriter } from './arrow-table.js';
import type { FineGridPosterior, FineGridVariable } from './fine-grid-posterior.js';
import { addGridColumns, readGridColumns } from './grid-columns.js';

export const FINE_GRID_POSTERIOR_SCHEMA = 'fine-grid-posterior/2';

const STATISTICS: readonly DailyStatistic[] = ['daily_mean', 'daily_max_8h_mean'];

/**
 * Encodes a posterior as `fine-grid-posterior/2`; decodeFineGridPosterior gives it back bit by bit.
 *
 * @throws {TramontanaError} `Artifact.InvalidPosterior` when an array does not fit the axes.
 */
export function encodeFineGridPosterior(posterior: FineGridPosterior): Uint8Array {
  checkShape(posterior);
  const table = new TableWriter();
  const { rows, cells, metadata: axes } = addGridColumns(table, posterior);
  const { elevationM } = posterior;
  if (elevationM !== undefined) {
    table.add(
      'elevation',
      doublesAt(rows, (row) => float64At(elevationM, row % cells)),
      { units: 'm' },
    );
  }
  for (const { pollutant, units, statistic, hasData, mean, sd } of posterior.variables) {
    const metadata = { units, statistic, pollutant, days_with_data: hasData.map(Number).join('') };
    table.add(`${pollutant}_mean`, doubles(mean), { ...metadata, moment: 'mean' });
    table.add(`${pollutant}_sd`, doubles(sd), { ...metadata, moment: 'sd' });
  }
  return table.encode(FINE_GRID_POSTERIOR_SCHEMA, {
    resolution_degrees: String(posterior.resolutionDegrees),
    ...axes,
  });
}

/**
 * Decodes `fine-grid-posterior/2`.
 *
 * @throws {TramontanaError} `Artifact.UnknownSchema` for other bytes, `Artifact.InvalidPosterior` when columns do not fit
 *   together.
 */
export function decodeFineGridPosterior(bytes: Uint8Array): FineGridPosterior {
  const table = new TableReader(bytes, FINE_GRID_POSTERIOR_SCHEMA, invalid);
  const { times, cells, ...axes } = readGridColumns(table);
  return {
    resolutionDegrees: table.positive('resolution_degrees'),
    ...axes,
    ...(table.has('elevation') ? { elevationM: table.everyDouble('elevation', 1, cells) } : {}),
    variables: table.fields
      .filter((field) => field.metadata.get('moment') === 'mean')
      .map((field) => decodeVariable(table, field, times)),
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
  for (const { pollutant, hasData, mean, sd } of posterior.variables) {
    if (hasData.length !== posterior.timesMs.length) {
      throw invalid(`${pollutant}: expected ${posterior.timesMs.length} entries of hasData, got ${hasData.length}`);
    }
    if (mean.length !== size) throw invalid(`${pollutant} mean: expected ${size} values, got ${mean.length}`);
    if (sd.length !== size) throw invalid(`${pollutant} sd: expected ${size} values, got ${sd.length}`);
  }
  const names = posterior.variables.map(({ pollutant }) => pollutant);
  if (new Set(names).size !== names.length) throw invalid(`expected each pollutant once, got ${names.join(', ')}`);
}

function decodeVariable(table: TableReader, field: Field, times: number): FineGridVariable {
  const pollutant = POLLUTANTS.find((name): name is PollutantId => name === field.metadata.get('pollutant'));
  const statistic = STATISTICS.find((name) => name === field.metadata.get('statistic'));
  const units = field.metadata.get('units');
  const days = field.metadata.get('days_with_data') ?? '';
  if (pollutant === undefined || statistic === undefined || units !== 'ug m-3') {
    throw invalid(
      `column "${field.name}": expected units "ug m-3", a pollutant of ${POLLUTANTS.join(', ')} and a statistic of ${STATISTICS.join(', ')}`,
    );
  }
  if (days.length !== times || !/^[01]*$/u.test(days)) {
    throw invalid(`column "${field.name}": expected days_with_data of ${times} digits 0 or 1, got "${days}"`);
  }
  return {
    pollutant,
    units,
    statistic,
    hasData: Array.from(days, (digit) => digit === '1'),
    mean: table.doubles(`${pollutant}_mean`),
    sd: table.doubles(`${pollutant}_sd`),
  };
}

function invalid(message: string, facts: Record<string, unknown> = {}): TramontanaError {
  return new TramontanaError('Artifact.InvalidPosterior', `fine-grid posterior: ${message}`, { facts });
}
