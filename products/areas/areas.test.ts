// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { parquetMetadata, parquetReadObjects } from 'hyparquet';

import { entry, float64At } from '../../common/entry.js';
import { AREA_NAMES, syntheticAreaMeans } from '../testing/synthetic-areas.js';
import { syntheticPosterior, syntheticThresholds, TINY } from '../testing/synthetic-fields.js';
import { areaTable } from './area-rows.js';
import { formatAreasCsv } from './areas-csv.js';
import { formatAreasParquet } from './areas-parquet.js';

const posterior = syntheticPosterior(TINY);
const means = syntheticAreaMeans(posterior, syntheticThresholds(TINY));
const table = areaTable(means, posterior);
const numDays = posterior.timesMs.length;

/** Fields of RFC 4180, by a reader of its own. */
function parseCsv(csv: string): string[][] {
  return csv
    .split('\r\n')
    .slice(0, -1)
    .map((line) =>
      [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/gu)].map(
        ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
      ),
    );
}

describe('means over areas', () => {
  it('are a row for each pollutant, area and day, with the thresholds of the pollutant', () => {
    assert.equal(table.rows.length, TINY.pollutants.length * AREA_NAMES.length * numDays);
    assert.deepEqual(table.thresholds, [15, 25]);
    const second = entry(table.rows, numDays + 1);
    assert.deepEqual([second.area, second.date, second.origin], [AREA_NAMES[1], '2025-01-11', 'analysis']);
    // [day, area]
    assert.equal(second.mean, float64At(entry(means.variables, 0).mean, AREA_NAMES.length + 1));
    assert.equal(second.exceedance[1], undefined);
  });

  it('as CSV can be read by RFC 4180, and no name is a formula', () => {
    const [header, ...lines] = parseCsv(formatAreasCsv(table));
    assert.deepEqual(header, [
      ...['area', 'pollutant', 'date', 'origin', 'mean_ug_m3', 'sd_ug_m3', 'q025_ug_m3', 'q975_ug_m3'],
      ...['p_exceed_15', 'p_exceed_25', 'share_inside'],
    ]);
    assert.equal(lines.length, table.rows.length);
    const names = [...new Set(lines.map((fields) => entry(fields, 0)))];
    assert.deepEqual(names, [AREA_NAMES[0], `'${AREA_NAMES[1]}`, ...AREA_NAMES.slice(2)]);
    assert.deepEqual(lines[0], ['Ivrea', 'pm2_5', '2025-01-10', 'analysis', '20', '1.5', '17', '23', '0', '', '1']);
  });

  it('as Parquet come back with their types', async () => {
    const file = formatAreasParquet(table).buffer as ArrayBuffer;
    const types = parquetMetadata(file).schema.slice(1, 6);
    assert.deepEqual(
      types.map(({ name, type, converted_type }) => [name, type, converted_type]),
      [
        ['area', 'BYTE_ARRAY', 'UTF8'],
        ['pollutant', 'BYTE_ARRAY', 'UTF8'],
        ['date', 'INT32', 'DATE'],
        ['origin', 'BYTE_ARRAY', 'UTF8'],
        ['mean_ug_m3', 'DOUBLE', undefined],
      ],
    );
    const rows = await parquetReadObjects({ file });
    assert.deepEqual(
      rows,
      table.rows.map((row) => ({
        ...{ area: row.area, pollutant: row.pollutant, date: new Date(row.date), origin: row.origin },
        ...{ mean_ug_m3: row.mean, sd_ug_m3: row.sd, q025_ug_m3: row.q025, q975_ug_m3: row.q975 },
        ...{ p_exceed_15: row.exceedance[0] ?? null, p_exceed_25: row.exceedance[1] ?? null },
        share_inside: row.shareInside,
      })),
    );
  });

  it('of which none is left are tables without rows', async () => {
    const empty = { ...table, rows: [] };
    assert.equal(parseCsv(formatAreasCsv(empty)).length, 1);
    assert.deepEqual(await parquetReadObjects({ file: formatAreasParquet(empty).buffer as ArrayBuffer }), []);
  });
});
