// SPDX-License-Identifier: Apache-2.0
/**
 * The folder of a domain with simulated fields: daily files as a source and, where it is asked for, the truth.
 *
 * @module
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { entry, float64At } from '../../common/entry.js';
import { DAILY_STATISTIC, POLLUTANTS, type PollutantId } from '../../common/pollutants.js';
import { CELL_METHODS } from '../../products/cf-metadata.js';
import { writeNetcdfFile } from '../../products/netcdf-file.js';
import { normalNumbers, uniformNumbers } from '../core/random.js';
import { drawSphereFields, type SphereGrid, type SphereLaw } from './sphere-field.js';

export interface DomainSize {
  readonly north: number;
  readonly west: number;
  /** Coarse cells of 0.1 degree. */
  readonly rows: number;
  readonly columns: number;
  readonly days: number;
  readonly pollutants: number;
  /** Fine cells along a coarse one; the truth is known where it is more than 1. */
  readonly refine: number;
  readonly features: number;
}

const STEP_DEGREES = 0.1;

/** Levels in ug m-3 that keep concentrations positive. */
const LEVELS: Readonly<Record<PollutantId, { mean: number; sd: number; noise: number }>> = {
  pm2_5: { mean: 32, sd: 6.5, noise: 0.5 },
  pm10: { mean: 48, sd: 9, noise: 0.7 },
  o3: { mean: 90, sd: 12, noise: 0.9 },
  no2: { mean: 40, sd: 8, noise: 0.6 },
};

export function pollutantsOf({ pollutants }: DomainSize): PollutantId[] {
  return POLLUTANTS.slice(0, pollutants);
}

/** Box of the cells. */
export function boxOf({ north, west, rows, columns }: DomainSize): Record<'north' | 'west' | 'south' | 'east', number> {
  const tidy = (degrees: number): number => Number(degrees.toFixed(6));
  return { north, west, south: tidy(north - rows * STEP_DEGREES), east: tidy(west + columns * STEP_DEGREES) };
}

/** Writes `cams/daily.nc` and, for a refined grid, `truth.nc`. The folders must exist. */
export async function writeSimulatedDomain(folder: string, size: DomainSize, seed: number): Promise<void> {
  const { refine, days } = size;
  const names = pollutantsOf(size);
  const law: SphereLaw = { rangeKm: 150, memoryDays: 8, sds: names.map((name) => LEVELS[name].sd), shared: 0.4 };
  const fine = gridOf(size, refine);
  const fields = drawSphereFields(fine, law, size.features, seed).map((field, k) =>
    field.map((value) => LEVELS[entry(names, k)].mean + value),
  );
  const normal = normalNumbers(uniformNumbers(seed + 1));
  const coarse = fields.map((field, k) =>
    cellMeans(field, size).map((value) => Math.max(0, value + LEVELS[entry(names, k)].noise * normal())),
  );
  await writeDaily(join(folder, 'cams', 'daily.nc'), gridOf(size, 1), names, coarse);
  if (refine > 1) await writeDaily(join(folder, 'truth.nc'), fine, names, fields);
  await writeFile(join(folder, 'size.json'), JSON.stringify({ ...size, days, seed }));
}

function gridOf({ north, west, rows, columns, days }: DomainSize, refine: number): SphereGrid {
  const step = STEP_DEGREES / refine;
  const axis = (count: number, at: (index: number) => number): Float64Array =>
    Float64Array.from({ length: count }, (_, index) => Number(at(index + 0.5).toFixed(6)));
  return {
    latitudesDegrees: axis(rows * refine, (row) => north - row * step),
    longitudesDegrees: axis(columns * refine, (column) => west + column * step),
    days,
  };
}

/** Means over blocks of refine x refine cells. */
function cellMeans(field: Float64Array, { rows, columns, days, refine }: DomainSize): Float64Array {
  if (refine === 1) return field;
  const means = new Float64Array(days * rows * columns);
  const width = columns * refine;
  field.forEach((value, index) => {
    const [line, column] = [Math.floor(index / width), index % width];
    const [day, row] = [Math.floor(line / (rows * refine)), line % (rows * refine)];
    const cell = (day * rows + Math.floor(row / refine)) * columns + Math.floor(column / refine);
    means[cell] = float64At(means, cell) + value / refine ** 2;
  });
  return means;
}

async function writeDaily(
  path: string,
  grid: SphereGrid,
  names: readonly PollutantId[],
  fields: readonly Float64Array[],
): Promise<void> {
  await writeNetcdfFile(path, (builder) => {
    builder.addGlobalAttributes({
      Conventions: 'CF-1.8',
      title: 'Simulated daily concentrations',
      comment: 'Simulated: not CAMS data.',
    });
    builder.addCoordinate(
      'time',
      Float64Array.from({ length: grid.days }, (_, day) => day),
      {
        standard_name: 'time',
        units: 'days since 2026-03-02',
        calendar: 'standard',
      },
    );
    builder.addCoordinate('latitude', grid.latitudesDegrees, { standard_name: 'latitude', units: 'degrees_north' });
    builder.addCoordinate('longitude', grid.longitudesDegrees, { standard_name: 'longitude', units: 'degrees_east' });
    names.forEach((name, k) => {
      const statistic = DAILY_STATISTIC[name];
      const data = Float32Array.from(entry(fields, k));
      builder.writeRows(
        name,
        ['time', 'latitude', 'longitude'],
        { first: 0, data },
        {
          units: 'ug m-3',
          statistic,
          cell_methods: CELL_METHODS[statistic],
        },
      );
    });
  });
}
