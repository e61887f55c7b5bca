// SPDX-License-Identifier: Apache-2.0
import { float64At } from '../../common/entry.js';
import { TramontanaError, isTramontanaError, messageOf } from '../../common/errors.js';
import type { BoundingBox } from '../labelled-field.js';
import { sniffFile } from '../netcdf/sniff.js';
import { HIGHEST_ELEVATION_M, LOWEST_ELEVATION_M, LOWEST_LAND_M, type ElevationGrid } from './elevation-grid.js';
import { readGeotiffElevation } from './geotiff-elevation.js';
import { readNetcdfElevation } from './netcdf-elevation.js';
import { withoutSeaFloor } from './sea-floor.js';

export interface ReadElevationOptions {
  readonly signal?: AbortSignal;
  /** Read only the pixels that touch this box, and one more on each side. */
  readonly boundingBox?: BoundingBox;
}

/**
 * Reads an elevation grid: NetCDF (standard_name surface_altitude or height, or a usual name, units m or km) or GeoTIFF in
 * geographic coordinates.
 *
 * @throws TramontanaError `Ingest.NotElevation` when the file is neither or has no elevation, `Ingest.UnknownUnits`,
 *   `Ingest.UnsupportedProjection`, `Ingest.ElevationOutside` when the box lies beyond the grid, `Ingest.ImplausibleElevation`, and those of openNetcdf
 */
export async function readElevation(path: string, options: ReadElevationOptions = {}): Promise<ElevationGrid> {
  const sniff = await sniffFile(path);
  const isNetcdf = sniff.kind.startsWith('netcdf3') || sniff.kind === 'hdf5';
  if (!isNetcdf && sniff.kind !== 'tiff') {
    throw new TramontanaError(
      'Ingest.NotElevation',
      `${path}: expected an elevation grid as NetCDF or GeoTIFF; it is ${sniff.description}`,
      {
        facts: { file: path, kind: sniff.kind },
      },
    );
  }
  const grid = await readGrid(path, isNetcdf, options);
  checkRange(grid);
  return withoutSeaFloor(grid);
}

async function readGrid(path: string, isNetcdf: boolean, options: ReadElevationOptions): Promise<ElevationGrid> {
  try {
    return isNetcdf ? await readNetcdfElevation(path, options) : await readGeotiffElevation(path, options);
  } catch (error) {
    options.signal?.throwIfAborted();
    if (isTramontanaError(error)) throw error;
    throw new TramontanaError(
      'Ingest.CorruptFile',
      `${path}: expected a readable elevation grid; ${messageOf(error)}`,
      {
        facts: { file: path },
        cause: error,
      },
    );
  }
}

function checkRange(grid: ElevationGrid): void {
  let suspect = grid.elevationM.findIndex((value) => value < LOWEST_ELEVATION_M || value > HIGHEST_ELEVATION_M);
  if (suspect < 0) suspect = undeclaredNoData(grid.elevationM);
  if (suspect >= 0) {
    const value = float64At(grid.elevationM, suspect);
    throw new TramontanaError(
      'Ingest.ImplausibleElevation',
      `${grid.file}: expected elevations within [${LOWEST_ELEVATION_M}, ${HIGHEST_ELEVATION_M}] m, got ${value} m; if that is the no-data value, declare it: \`gdal_translate -a_nodata ${value} IN OUT.tif\``,
      { facts: { file: grid.file, value } },
    );
  }
  if (grid.elevationM.every((value) => Number.isNaN(value))) {
    throw new TramontanaError(
      'Ingest.AllMissing',
      `${grid.file}: expected at least one elevation, all ${grid.elevationM.length} are missing`,
      {
        facts: { file: grid.file, values: grid.elevationM.length },
      },
    );
  }
}

/** Where -9999 stands among land: a depth of 9999 m lies beside other depths. */
function undeclaredNoData(elevationM: Float64Array): number {
  const first = elevationM.indexOf(-9999);
  if (first < 0) return -1;
  return elevationM.some((value) => value < LOWEST_LAND_M && value !== -9999) ? -1 : first;
}
