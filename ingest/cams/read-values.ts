// SPDX-License-Identifier: Apache-2.0
import { float64At, int32At } from '../../common/entry.js';
import { readUnpacked } from '../netcdf/unpack.js';
import { requireAllocatable } from '../netcdf/size-limit.js';
import type { NetcdfFile } from '../netcdf/types.js';
import type { GridWindow } from '../bounding-box.js';
import { issue, type QualityIssue } from '../quality/issue.js';
import type { CamsVariable } from './cams-file.js';
import { cyclicColumnOf, requireEqualColumns } from './cyclic-column.js';

/** Values at or below this (in the file's units) cannot be concentrations: -999, -9999 written as fill but not declared so. */
const FILL_FLOOR = -900;
/** Values from here on are fills of GRIB (3.4e38) and NetCDF (9.97e36), in any unit. */
const FILL_CEILING = 1e30;
/** Doubles of a block in memory while a large variable is cropped. */
const BLOCK_ELEMENTS = 1_000_000;

export interface ReadValuesOptions {
  readonly signal?: AbortSignal;
  /** Rows and columns to keep, in our order (north to south, ascending); default all. */
  readonly window?: GridWindow;
}

/** Values of shape [time, latitude, longitude] in normalised units, NaN where missing. */
export interface NormalValues {
  readonly values: Float64Array;
  readonly issues: readonly QualityIssue[];
}

/**
 * Reads a species: unpacked, fills to NaN (declared ones, and the undeclared -999 of regional files), units converted,
 * axes in our order. A large variable is read in blocks of times, so that only the window is ever complete in memory.
 */
export async function readValues(
  file: NetcdfFile,
  source: CamsVariable,
  options: ReadValuesOptions = {},
): Promise<NormalValues> {
  const { grid, variable, conversion } = source;
  const rows = options.window?.latitudeIndices ?? Array.from(grid.latitude.values, (_, index) => index);
  const columns = options.window?.longitudeIndices ?? Array.from(grid.longitude.values, (_, index) => index);
  const rowOffsets = rows.map((row) => int32At(grid.latitude.fileIndex, row) * (grid.layout.latitude?.stride ?? 0));
  const columnStride = grid.layout.longitude?.stride ?? 0;
  const columnOffsets = columns.map((column) => int32At(grid.longitude.fileIndex, column) * columnStride);
  const cyclic = cyclicColumnOf(grid.longitude, columns);
  const times = grid.times.offsets;
  const elements = times.length * rows.length * columns.length;
  requireAllocatable(file.path, `variable "${variable.name}"`, elements * Float64Array.BYTES_PER_ELEMENT);
  const values = new Float64Array(elements);
  let undeclared = 0;
  let outsideRange = 0;

  for (const block of blocksOf(source)) {
    options.signal?.throwIfAborted();
    const stored = await readUnpacked(file, variable, {
      start: block.start,
      count: block.count,
      onOutsideValidRange: (count) => {
        outsideRange += count;
      },
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    const origin = block.start * block.rowElements;
    for (const time of block.times) {
      const base = float64At(times, time) + grid.layout.fixedOffset - origin;
      if (cyclic !== undefined) requireEqualColumns(cyclic, stored, { base, rowOffsets, columnStride }, file.path);
      let at = time * rows.length * columns.length;
      for (const rowOffset of rowOffsets) {
        for (const columnOffset of columnOffsets) {
          const value = float64At(stored, base + rowOffset + columnOffset);
          const isFill = value <= FILL_FLOOR || value >= FILL_CEILING;
          if (isFill) undeclared += 1;
          values[at++] = isFill ? NaN : value * conversion.factor;
        }
      }
    }
  }

  const issues: QualityIssue[] = [];
  if (undeclared > 0) {
    issues.push(
      issue(
        'warning',
        'undeclared-fill-value',
        `${file.path}: variable "${variable.name}": ${undeclared} values are fills (such as -999) although _FillValue says otherwise; taken as missing`,
        { file: file.path, variable: variable.name, species: source.match.species, values: undeclared },
      ),
    );
  }
  if (outsideRange > 0) {
    issues.push(
      issue(
        'warning',
        'outside-valid-range',
        `${file.path}: variable "${variable.name}": ${outsideRange} values lie outside of the valid range that the file declares (valid_range, valid_min, valid_max); taken as missing`,
        { file: file.path, variable: variable.name, species: source.match.species, values: outsideRange },
      ),
    );
  }
  return { values, issues };
}

interface Block {
  /** Rows along the first dimension. */
  readonly start: number;
  readonly count: number;
  readonly rowElements: number;
  /** Indices of the times that the block holds. */
  readonly times: readonly number[];
}

/** Blocks along the first dimension; a single one when the first dimension is not time, for then each time needs all rows. */
function blocksOf({ grid, variable }: CamsVariable): readonly Block[] {
  const rowCount = variable.shape[0] ?? 1;
  const rowElements = variable.shape.slice(1).reduce((product, length) => product * length, 1);
  const allTimes = Array.from(grid.times.offsets, (_, index) => index);
  const isTimeFirst = grid.layout.times.some((place) => place.name === variable.dimensions[0]);
  const rowsPerBlock = Math.max(1, Math.floor(BLOCK_ELEMENTS / Math.max(1, rowElements)));
  if (!isTimeFirst || rowsPerBlock >= rowCount) return [{ start: 0, count: rowCount, rowElements, times: allTimes }];
  const blocks: Block[] = [];
  for (let start = 0; start < rowCount; start += rowsPerBlock) {
    const count = Math.min(rowsPerBlock, rowCount - start);
    const times = allTimes.filter((time) => {
      const row = Math.floor(float64At(grid.times.offsets, time) / rowElements);
      return row >= start && row < start + count;
    });
    if (times.length > 0) blocks.push({ start, count, rowElements, times });
  }
  return blocks;
}
