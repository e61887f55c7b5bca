// SPDX-License-Identifier: Apache-2.0
/**
 * Grids around the globe that hold their first meridian twice, at 0 and at 360 degrees, as plotting tools like them: one column is
 * enough, provided that both say the same.
 *
 * @module
 */
import { float64At, int32At } from '../../common/entry.js';
import { TramontanaError } from '../../common/errors.js';
import type { OrderedAxis } from './coordinates.js';

/** A meridian that a file holds twice. */
export interface CyclicColumn {
  /** Name of the longitude variable. */
  readonly variable: string;
  /** As the file writes them, e.g. 0 and 360. */
  readonly degrees: readonly [number, number];
  /** Index in the file of the column that is kept, and of the other. */
  readonly fileIndices: readonly [number, number];
}

/** Offsets, in an array of stored values, of the part of a field that is read. */
export interface StoredWindow {
  readonly base: number;
  readonly rowOffsets: readonly number[];
  /** Elements between neighbours along the longitude. */
  readonly columnStride: number;
}

/** The doubled meridian of an axis, if these columns of it contain it. */
export function cyclicColumnOf(longitude: OrderedAxis, columns: readonly number[]): CyclicColumn | undefined {
  const { cyclic, fileIndex } = longitude;
  const isRead = columns.some((column) => int32At(fileIndex, column) === cyclic?.fileIndices[0]);
  return isRead ? cyclic : undefined;
}

/**
 * Requires that the two columns of a doubled meridian hold the same values.
 *
 * @throws TramontanaError `Ingest.BadCoordinate` with both values and the command that keeps one column
 */
export function requireEqualColumns(
  { variable, degrees, fileIndices }: CyclicColumn,
  stored: Float64Array,
  { base, rowOffsets, columnStride }: StoredWindow,
  path: string,
): void {
  for (const rowOffset of rowOffsets) {
    const [one, other] = fileIndices.map((index) => float64At(stored, base + rowOffset + index * columnStride));
    if (Object.is(one, other)) continue;
    throw new TramontanaError(
      'Ingest.BadCoordinate',
      `${path}: variable "${variable}": ${degrees.join(' and ')} degrees are one meridian: expected equal values there, got ${String(one)} and ${String(other)}; keep the column that is right, for example \`ncks -d ${variable},0,${fileIndices[1] - 1} IN.nc OUT.nc\``,
      { facts: { file: path, variable, degrees, values: [one, other] } },
    );
  }
}
