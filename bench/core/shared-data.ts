// SPDX-License-Identifier: Apache-2.0
/** The reference data beside the repository; nothing of it is part of the project. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { TramontanaError } from '../../common/errors.js';

function repositoryRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}

/** A path in ../shared. */
export function sharedPath(...parts: readonly string[]): string {
  return join(repositoryRoot(), '..', 'shared', ...parts);
}

/** Undefined when the folder is there, else why a test must be skipped. */
export function missingSharedData(...parts: readonly string[]): string | undefined {
  const path = sharedPath(...parts);
  return existsSync(path) ? undefined : `there is no ${path}`;
}

/** Columns of a comma-separated file with a header line; quotes are dropped, no cell may hold a comma. */
export async function readCsvColumns(path: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const text = await readFile(path, 'utf8');
  const [header = [], ...rows] = text
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(',').map((cell) => cell.trim().replace(/^"(.*)"$/, '$1')));
  const ragged = rows.findIndex((row) => row.length !== header.length);
  if (ragged >= 0) {
    throw new TramontanaError(
      'Bench.MalformedTable',
      `${path}, line ${ragged + 2}: expected ${header.length} cells, got ${rows[ragged]?.length ?? 0}`,
      { facts: { path, line: ragged + 2 } },
    );
  }
  return new Map(header.map((name, column) => [name, rows.map((row) => row[column] ?? '')]));
}

/**
 * A column as numbers; `NA` becomes NaN.
 *
 * @throws TramontanaError `Bench.MalformedTable` when the column is absent or a cell is neither a number nor `NA`
 */
export function numericColumn(columns: ReadonlyMap<string, readonly string[]>, name: string): Float64Array {
  const cells = columns.get(name);
  if (cells === undefined) {
    throw new TramontanaError(
      'Bench.MalformedTable',
      `expected a column ${name}, got ${[...columns.keys()].join(', ')}`,
      { facts: { column: name } },
    );
  }
  return Float64Array.from(cells, (cell, row) => {
    const value = cell === 'NA' ? NaN : Number(cell);
    if (cell === '' || (cell !== 'NA' && Number.isNaN(value))) {
      throw new TramontanaError(
        'Bench.MalformedTable',
        `column ${name}, row ${row}: expected a number, got "${cell}"`,
        {
          facts: { column: name, row },
        },
      );
    }
    return value;
  });
}
