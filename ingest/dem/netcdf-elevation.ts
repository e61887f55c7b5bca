// SPDX-License-Identifier: Apache-2.0
import { float64At, int32At } from '../../common/entry.js';
import { TramontanaError } from '../../common/errors.js';
import { readHorizontalAxis } from '../cams/coordinates.js';
import { cyclicColumnOf, requireEqualColumns } from '../cams/cyclic-column.js';
import { layoutOf, type VariableLayout } from '../cams/variable-layout.js';
import { openNetcdf } from '../netcdf/open-netcdf.js';
import { readUnpacked } from '../netcdf/unpack.js';
import { textAttribute, type NetcdfFile, type NetcdfVariable } from '../netcdf/types.js';
import type { ElevationGrid } from './elevation-grid.js';
import { metresPerUnit } from './elevation-units.js';
import { elevationWindow } from './elevation-window.js';
import type { ReadElevationOptions } from './read-elevation.js';

const STANDARD_NAMES = [
  'surface_altitude',
  'height',
  'height_above_mean_sea_level',
  'ground_level_altitude',
  'altitude',
];
const NAMES = /^(elevation|elev|topo|topography|orography|orog|altitude|alt|height|dem|z|band1)$/i;

/** Reads the elevation variable of a NetCDF file; see readElevation. */
export async function readNetcdfElevation(path: string, options: ReadElevationOptions): Promise<ElevationGrid> {
  const file = await openNetcdf(path, options);
  try {
    const variable = elevationVariable(file);
    const factor = metresPerUnit(textAttribute(variable.attributes, 'units'), `${path}: variable "${variable.name}"`, {
      file: path,
      variable: variable.name,
    });
    const layout = await layoutOf(file, variable);
    const latitude = await readHorizontalAxis(file, layout.latitudeVariable, 'latitude');
    const longitude = await readHorizontalAxis(file, layout.longitudeVariable, 'longitude');
    const window = elevationWindow(latitude.values, longitude.values, options.boundingBox, path);
    // Of a global grid only the rows of the window are read.
    const rows = rowsOf(
      variable,
      layout,
      window.latitudeIndices.map((row) => int32At(latitude.fileIndex, row)),
    );
    const values = await readUnpacked(file, variable, {
      ...(rows === undefined ? {} : { start: rows.start, count: rows.count }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    const elevationM = new Float64Array(window.latitudeIndices.length * window.longitudeIndices.length);
    const columnStride = layout.longitude?.stride ?? 0;
    const base = layout.fixedOffset - (rows?.firstElement ?? 0);
    const rowOffsets = window.latitudeIndices.map(
      (row) => int32At(latitude.fileIndex, row) * (layout.latitude?.stride ?? 0),
    );
    const cyclic = cyclicColumnOf(longitude, window.longitudeIndices);
    if (cyclic !== undefined) requireEqualColumns(cyclic, values, { base, rowOffsets, columnStride }, path);
    let at = 0;
    for (const rowOffset of rowOffsets) {
      for (const column of window.longitudeIndices) {
        const place = base + rowOffset + int32At(longitude.fileIndex, column) * columnStride;
        elevationM[at++] = float64At(values, place) * factor;
      }
    }
    return {
      file: path,
      extent: window.extent,
      latitudesDegrees: Float64Array.from(window.latitudeIndices, (row) => float64At(latitude.values, row)),
      longitudesDegrees: Float64Array.from(window.longitudeIndices, (column) => float64At(longitude.values, column)),
      elevationM,
      describedAs: describe(file, variable),
    };
  } finally {
    await file.close();
  }
}

/** What a file and its variable say of themselves; not their history, which names other files. */
function describe(file: NetcdfFile, variable: NetcdfVariable): string {
  const ofFile = ['title', 'id', 'source', 'keywords', 'summary'].map((key) => textAttribute(file.attributes, key));
  const ofVariable = ['standard_name', 'long_name', 'sdn_parameter_name'].map((key) =>
    textAttribute(variable.attributes, key),
  );
  return [...ofFile, ...ofVariable].filter((text) => text !== undefined).join('; ');
}

/** Rows of the file that hold these latitudes, when latitude is the slowest dimension. */
function rowsOf(
  variable: NetcdfVariable,
  layout: VariableLayout,
  fileRows: readonly number[],
): { readonly start: number; readonly count: number; readonly firstElement: number } | undefined {
  if (layout.latitude === undefined || variable.dimensions[0] !== layout.latitude.name) return undefined;
  const start = fileRows.reduce((a, b) => Math.min(a, b), Infinity);
  const end = fileRows.reduce((a, b) => Math.max(a, b), -1) + 1;
  return { start, count: end - start, firstElement: start * layout.latitude.stride };
}

function elevationVariable(file: NetcdfFile): NetcdfVariable {
  const gridded = file.variables.filter(
    (variable) => variable.shape.filter((length) => length > 1).length >= 1 && variable.shape.length >= 2,
  );
  const found =
    gridded.find((variable) => STANDARD_NAMES.includes(textAttribute(variable.attributes, 'standard_name') ?? '')) ??
    gridded.find((variable) => NAMES.test(variable.name));
  if (found === undefined) {
    const available = file.variables.map((variable) => variable.name);
    throw new TramontanaError(
      'Ingest.NotElevation',
      `${file.path}: expected a two-dimensional variable with standard_name ${STANDARD_NAMES.slice(0, 2).join(' or ')}, or named elevation, topo or z; the variables are ${available.join(', ')}`,
      { facts: { file: file.path, available } },
    );
  }
  return found;
}
