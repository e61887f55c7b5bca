// SPDX-License-Identifier: Apache-2.0
import { entry, float64At } from '../../common/entry.js';
import { TramontanaError } from '../../common/errors.js';
import { readUnpacked } from '../netcdf/unpack.js';
import { textAttribute, type NetcdfFile, type NetcdfVariable } from '../netcdf/types.js';
import type { CyclicColumn } from './cyclic-column.js';

export type HorizontalAxis = 'latitude' | 'longitude';

const NAMES: Readonly<Record<HorizontalAxis, readonly string[]>> = {
  latitude: ['latitude', 'lat', 'nav_lat', 'y'],
  longitude: ['longitude', 'lon', 'nav_lon', 'x'],
};
const UNITS: Readonly<Record<HorizontalAxis, RegExp>> = {
  latitude: /^degrees?_?(north|n)$/i,
  longitude: /^degrees?_?(east|e)$/i,
};
/** Anything nearer to zero than this is noise of arithmetic in float (CAMS global files hold -4.1e-15 for Greenwich). */
const ZERO_NOISE_DEGREES = 1e-9;
/** Decimals of a coordinate; 1e-7 degree is a centimetre. */
const MAXIMUM_DECIMALS = 7;

/** An axis in our order, with the way back to the order of the file. */
export interface OrderedAxis {
  readonly values: Float64Array;
  /** `fileIndex[i]` is the index in the file of `values[i]`. */
  readonly fileIndex: Int32Array;
  /** Of longitudes around the globe whose first meridian the file holds twice; `values` has it once. */
  readonly cyclic?: CyclicColumn;
}

/** Degrees by which two longitudes that are a turn apart may miss it, in floats. */
const TURN_TOLERANCE_DEGREES = 1e-4;

/** Units of a plane angle that do not say which way; rotated grids use them too, with a standard name of their own. */
const PLAIN_DEGREES = /^(degrees?|deg|\u00b0)?$/i;

/**
 * True when the variable holds this coordinate: its CF units decide, then its standard name, and only where both are silent its usual
 * name. An `x` in km, or with standard_name projection_x_coordinate or grid_longitude, is no longitude.
 */
export function isHorizontalAxis(variable: NetcdfVariable, axis: HorizontalAxis): boolean {
  const units = textAttribute(variable.attributes, 'units')?.trim() ?? '';
  if (UNITS[axis].test(units)) return true;
  if (!PLAIN_DEGREES.test(units)) return false;
  const standardName = textAttribute(variable.attributes, 'standard_name')?.trim() ?? '';
  return standardName === '' ? NAMES[axis].includes(variable.name.toLowerCase()) : standardName === axis;
}

/** True when the variable is a coordinate of a map projection or of a rotated grid [CF-1.8, 5.6]. */
export function isProjectedAxis(variable: NetcdfVariable, axis: HorizontalAxis): boolean {
  const standardName = textAttribute(variable.attributes, 'standard_name') ?? '';
  const letter = axis === 'latitude' ? 'y' : 'x';
  if (standardName === `projection_${letter}_coordinate` || standardName === `grid_${axis}`) return true;
  return NAMES[axis].includes(variable.name.toLowerCase()) && !isHorizontalAxis(variable, axis);
}

const OPPOSITE_DEGREES: Readonly<Record<HorizontalAxis, RegExp>> = {
  latitude: /^degrees?_?(south|s)$/i,
  longitude: /^degrees?_?(west|w)$/i,
};
const RADIANS = /^rad(ians?)?$/i;
const DEGREES_PER_RADIAN = 57.29577951308232;

/**
 * For a latitude or longitude that is counted the other way or in radians: what it is and the command that makes degrees of it.
 * An `x` in radians without a standard name is the scanning angle of a satellite, not a longitude.
 */
export function foreignAngle(
  variable: NetcdfVariable,
  axis: HorizontalAxis,
): { readonly found: string; readonly command: string } | undefined {
  const text = (key: string): string => textAttribute(variable.attributes, key)?.trim() ?? '';
  const [units, standardName, { name }] = [text('units'), text('standard_name'), variable];
  const isNamed = !/^[xy]$/i.test(name) && NAMES[axis].includes(name.toLowerCase());
  if (standardName === '' ? !isNamed : standardName !== axis) return undefined;
  const target = axis === 'latitude' ? 'degrees_north' : 'degrees_east';
  const command = (factor: number): string =>
    `ncap2 -s '${name}=${name}*${factor}; ${name}@units="${target}"' IN.nc OUT.nc`;
  if (OPPOSITE_DEGREES[axis].test(units)) {
    return { found: `"${units}", counted the other way round`, command: command(-1) };
  }
  return RADIANS.test(units) ? { found: `"${units}"`, command: command(DEGREES_PER_RADIAN) } : undefined;
}

/**
 * Reads latitudes (returned north to south) or longitudes (returned in [-180, 180), ascending; a first meridian that stands again at
 * the end, once).
 * Values stored as float become the shortest decimal that rounds to them: 357.049988 is 357.05, so -2.95.
 *
 * @throws TramontanaError `Ingest.BadCoordinate` for two-dimensional, missing or impossible coordinates
 */
export async function readHorizontalAxis(
  file: NetcdfFile,
  variable: NetcdfVariable,
  axis: HorizontalAxis,
): Promise<OrderedAxis> {
  const fail = (expectation: string, value: string): never => {
    throw new TramontanaError(
      'Ingest.BadCoordinate',
      `${file.path}: variable "${variable.name}": expected ${expectation}, got ${value}`,
      {
        facts: { file: file.path, variable: variable.name, axis },
      },
    );
  };
  if (variable.shape.length > 1) {
    fail(
      `a one-dimensional ${axis} (a regular grid)`,
      `${variable.shape.length} dimensions (${variable.dimensions.join(', ')})`,
    );
  }
  const raw = await readUnpacked(file, variable);
  if (raw.length === 0) fail(`at least one ${axis}`, 'none');
  const isFloat = variable.type === 'float';
  const values = Array.from(raw, (value, index) => {
    const limit = axis === 'latitude' ? 90 : 540;
    if (!(Math.abs(value) <= limit + 1e-4))
      fail(`${axis} within [-${limit}, ${limit}] degrees`, `${value} at index ${index}`);
    const tidy = tidyDegrees(value, isFloat);
    return axis === 'latitude' ? tidy : wrapLongitude(tidy);
  });
  const cyclic = axis === 'longitude' ? doubledMeridian(variable.name, raw, values) : undefined;
  const order = Array.from(values.keys()).filter((index) => index !== cyclic?.fileIndices[1]);
  order.sort((a, b) =>
    axis === 'latitude' ? entry(values, b) - entry(values, a) : entry(values, a) - entry(values, b),
  );
  const ordered = Float64Array.from(order, (index) => entry(values, index));
  const repeated = ordered.findIndex((value, index) => index > 0 && value === ordered[index - 1]);
  if (repeated > 0) fail(`each ${axis} once`, `${float64At(ordered, repeated)} twice`);
  return { values: ordered, fileIndex: Int32Array.from(order), ...(cyclic === undefined ? {} : { cyclic }) };
}

/** The first meridian that stands again at the end, a whole turn later. */
function doubledMeridian(variable: string, raw: Float64Array, wrapped: readonly number[]): CyclicColumn | undefined {
  const last = raw.length - 1;
  if (last < 2 || entry(wrapped, 0) !== entry(wrapped, last)) return undefined;
  const degrees = [float64At(raw, 0), float64At(raw, last)] as const;
  const isTurn = Math.abs(Math.abs(degrees[1] - degrees[0]) - 360) <= TURN_TOLERANCE_DEGREES;
  return isTurn ? { variable, degrees, fileIndices: [0, last] } : undefined;
}

/** Longitude in [-180, 180), rounded to 1e-9 degree (below any grid's precision) so that 357.05 gives -2.95. */
export function wrapLongitude(degrees: number): number {
  const wrapped = degrees - 360 * Math.floor((degrees + 180) / 360);
  const rounded = Math.round(wrapped * 1e9) / 1e9;
  // -0 and +0 are the same place; 180 after rounding is -180.
  return rounded === 0 ? 0 : rounded >= 180 ? rounded - 360 : rounded;
}

function tidyDegrees(value: number, isFloat: boolean): number {
  if (Math.abs(value) < ZERO_NOISE_DEGREES) return 0;
  if (!isFloat) return Number(value.toFixed(9));
  for (let decimals = 0; decimals <= MAXIMUM_DECIMALS; decimals += 1) {
    const candidate = Number(value.toFixed(decimals));
    if (Math.fround(candidate) === value) return candidate;
  }
  return value;
}
