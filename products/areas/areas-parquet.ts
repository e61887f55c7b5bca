// SPDX-License-Identifier: Apache-2.0
import { parquetWriteBuffer } from 'hyparquet-writer';

import { startOfDayMs } from '../../common/days.js';
import { exceedanceColumn, type AreaRow, type AreaTable } from './area-rows.js';

/** Types of the columns, as Parquet names them. */
const KINDS = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' },
  day: { type: 'INT32', converted_type: 'DATE', repetition_type: 'REQUIRED' },
  number: { type: 'DOUBLE', repetition_type: 'OPTIONAL' },
} as const;

interface Column {
  readonly name: string;
  readonly kind: keyof typeof KINDS;
  readonly of: (row: AreaRow) => string | number | Date | null;
}

/** The means over areas as a Parquet file: the columns of the CSV file with their types, null where there is no number. */
export function formatAreasParquet({ thresholds, rows }: AreaTable): Uint8Array {
  const columns: Column[] = [
    { name: 'area', kind: 'text', of: ({ area }) => area },
    { name: 'pollutant', kind: 'text', of: ({ pollutant }) => pollutant },
    { name: 'date', kind: 'day', of: ({ date }) => new Date(startOfDayMs(date)) },
    { name: 'origin', kind: 'text', of: ({ origin }) => origin },
    { name: 'mean_ug_m3', kind: 'number', of: ({ mean }) => mean },
    { name: 'sd_ug_m3', kind: 'number', of: ({ sd }) => sd },
    { name: 'q025_ug_m3', kind: 'number', of: ({ q025 }) => q025 },
    { name: 'q975_ug_m3', kind: 'number', of: ({ q975 }) => q975 },
    ...thresholds.map((threshold, i): Column => ({
      name: exceedanceColumn(threshold),
      kind: 'number',
      of: ({ exceedance }) => exceedance[i] ?? null,
    })),
    { name: 'share_inside', kind: 'number', of: ({ shareInside }) => shareInside },
  ];
  const schema = columns.map(({ name, kind }) => ({ name, ...KINDS[kind] }));
  const columnData = columns.map(({ name, of }) => ({ name, data: rows.map(of) }));
  return new Uint8Array(
    parquetWriteBuffer({
      columnData,
      schema: [{ name: 'root', num_children: columns.length }, ...schema],
      createdBy: 'tramontana',
    }),
  );
}
