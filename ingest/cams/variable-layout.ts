// SPDX-License-Identifier: Apache-2.0
/**
 * Which dimension of a variable is what: latitude, longitude, time (one or two dimensions), or a level of length one.
 *
 * @module
 */
import { basename } from 'node:path';

import { entry } from '../../common/entry.js';
import { TramontanaError } from '../../common/errors.js';
import { readUnpacked } from '../netcdf/unpack.js';
import { textAttribute, type NetcdfFile, type NetcdfVariable } from '../netcdf/types.js';
import { foreignAngle, isHorizontalAxis, isProjectedAxis, type HorizontalAxis } from './coordinates.js';

/** A dimension that varies with time, in the order of the variable. */
export interface DimensionPlace {
  readonly name: string;
  readonly length: number;
  /** Elements between neighbours along it, in the row-major array of the variable. */
  readonly stride: number;
}

export interface VariableLayout {
  /** Undefined when the file has one latitude only, as a scalar. */
  readonly latitude: DimensionPlace | undefined;
  readonly longitude: DimensionPlace | undefined;
  readonly latitudeVariable: NetcdfVariable;
  readonly longitudeVariable: NetcdfVariable;
  readonly times: readonly DimensionPlace[];
  /** Offset of the level that is read. */
  readonly fixedOffset: number;
}

const TIME_DIMENSIONS =
  /^(time|valid_time|forecast_reference_time|reference_time|reftime|forecast_period|step|lead_?time(_hour)?|leadtime|t)$/i;

/**
 * @throws TramontanaError `Ingest.MissingVariable` when a coordinate is absent, `Ingest.BadCoordinate` for curvilinear
 *   grids, `Ingest.ExtraDimension` when a dimension of more than one element is none of ours
 */
export async function layoutOf(file: NetcdfFile, variable: NetcdfVariable): Promise<VariableLayout> {
  const places = variable.dimensions.map((name, axis): DimensionPlace => {
    const stride = variable.shape.slice(axis + 1).reduce((product, length) => product * length, 1);
    return { name, length: entry(variable.shape, axis), stride };
  });
  const latitude = findAxis(file, variable, places, 'latitude');
  const longitude = findAxis(file, variable, places, 'longitude');
  const rest = places.filter((place) => place !== latitude.place && place !== longitude.place);
  requireSurfaceName(file, variable);
  const times = rest.filter((place) => isTimeDimension(file, place.name));
  const scalars = (textAttribute(variable.attributes, 'coordinates') ?? '').split(/\s+/);
  const heights = file.variables.filter(({ name, shape }) => shape.length === 0 && /^(level|height)$/i.test(name));
  for (const { name } of heights) if (scalars.includes(name)) await requireSurface(file, variable, name);
  let fixedOffset = 0;
  for (const place of rest) {
    if (times.includes(place)) continue;
    if (place.length === 1) {
      await requireSurface(file, variable, place.name);
      continue;
    }
    fixedOffset += place.stride * (await surfaceIndex(file, variable, place));
  }
  return {
    latitude: latitude.place,
    longitude: longitude.place,
    latitudeVariable: latitude.coordinate,
    longitudeVariable: longitude.coordinate,
    times,
    fixedOffset,
  };
}

function findAxis(
  file: NetcdfFile,
  variable: NetcdfVariable,
  places: readonly DimensionPlace[],
  axis: HorizontalAxis,
): { readonly place: DimensionPlace | undefined; readonly coordinate: NetcdfVariable } {
  const isMapped = isOnProjection(file, variable);
  const coordinates = file.variables.filter(
    (candidate) =>
      isHorizontalAxis(candidate, axis) && candidate !== variable && !(isMapped && /^[xy]$/i.test(candidate.name)),
  );
  for (const place of places) {
    // The coordinate variable of the dimension first, then any coordinate along it.
    const along = coordinates.filter(
      (candidate) => candidate.shape.length === 1 && candidate.dimensions[0] === place.name,
    );
    const coordinate = along.find((candidate) => candidate.name === place.name) ?? along[0];
    if (coordinate !== undefined) return { place, coordinate };
  }
  const scalar = coordinates.find((candidate) => candidate.shape.every((length) => length === 1));
  if (scalar !== undefined) return { place: undefined, coordinate: scalar };
  const curvilinear = coordinates.find((candidate) => candidate.shape.length > 1);
  if (curvilinear !== undefined) {
    throw new TramontanaError(
      'Ingest.BadCoordinate',
      `${file.path}: variable "${curvilinear.name}": expected a one-dimensional ${axis} (a regular grid), got dimensions (${curvilinear.dimensions.join(', ')})`,
      { facts: { file: file.path, variable: curvilinear.name, axis } },
    );
  }
  refuseForeignAngle(file, places, axis);
  const projected = file.variables.find(
    (candidate) =>
      (isProjectedAxis(candidate, axis) || (isMapped && candidate.name.toLowerCase() === MAP_AXES[axis])) &&
      candidate.dimensions.every((name) => places.some((place) => place.name === name)),
  );
  if (projected !== undefined) {
    const units = textAttribute(projected.attributes, 'units');
    throw new TramontanaError(
      'Ingest.BadCoordinate',
      `${file.path}: variable "${projected.name}": expected a ${axis} in degrees (a regular latitude-longitude grid), got ${
        textAttribute(projected.attributes, 'standard_name') ?? 'a coordinate'
      } in ${units === undefined ? 'no units' : `"${units}"`}: a projected or rotated grid; bring it to latitude and longitude first, for example \`cdo remapbil,GRID IN.nc OUT.nc\``,
      { facts: { file: file.path, variable: projected.name, axis, foundUnits: units ?? null } },
    );
  }
  throw new TramontanaError(
    'Ingest.MissingVariable',
    `${file.path}: variable "${variable.name}": expected a ${axis} coordinate for its dimensions (${variable.dimensions.join(', ')}); the file has ${file.variables.map((item) => item.name).join(', ')}`,
    { facts: { file: file.path, variable: variable.name, axis, available: file.variables.map((item) => item.name) } },
  );
}

/** Refuses a coordinate in other units of angle, with the command that converts it: a sign or a factor guessed wrongly moves the map. */
function refuseForeignAngle(file: NetcdfFile, places: readonly DimensionPlace[], axis: HorizontalAxis): void {
  for (const candidate of file.variables) {
    const angle = foreignAngle(candidate, axis);
    if (angle === undefined || !candidate.dimensions.every((name) => places.some((place) => place.name === name)))
      continue;
    throw new TramontanaError(
      'Ingest.BadCoordinate',
      `${file.path}: variable "${candidate.name}": expected a ${axis} in ${axis === 'latitude' ? 'degrees_north' : 'degrees_east'}, got units ${angle.found}; convert it: \`${angle.command}\``,
      { facts: { file: file.path, variable: candidate.name, axis } },
    );
  }
}

const MAP_AXES: Readonly<Record<HorizontalAxis, string>> = { latitude: 'y', longitude: 'x' };

/** True when the variable says by its grid mapping that its grid is that of a map projection [CF-1.8, 5.6]. */
function isOnProjection(file: NetcdfFile, variable: NetcdfVariable): boolean {
  const name = textAttribute(variable.attributes, 'grid_mapping');
  const mapping = file.variables.find((candidate) => candidate.name === name);
  const projection = textAttribute(mapping?.attributes ?? {}, 'grid_mapping_name');
  return projection !== undefined && projection !== 'latitude_longitude';
}

function isTimeDimension(file: NetcdfFile, name: string): boolean {
  if (TIME_DIMENSIONS.test(name)) return true;
  const coordinate = file.variables.find((candidate) => candidate.name === name);
  if (coordinate === undefined) return false;
  const standardName = textAttribute(coordinate.attributes, 'standard_name') ?? '';
  return (
    /^(time|forecast_reference_time|forecast_period)$/.test(standardName) ||
    textAttribute(coordinate.attributes, 'axis') === 'T' ||
    /\bsince\b/.test(textAttribute(coordinate.attributes, 'units') ?? '')
  );
}

/** Heights up to this count as the surface, m: the lowest layer of a model, or 2 m and 10 m of the weather. */
const HIGHEST_SURFACE_M = 20;

function aloft(file: NetcdfFile, variable: NetcdfVariable, found: string): TramontanaError {
  return new TramontanaError(
    'Ingest.BadCoordinate',
    `${file.path}: variable "${variable.name}": expected values at the surface (a height of 0 m), got ${found}; request level 0`,
    { facts: { file: file.path, variable: variable.name, found } },
  );
}

/** Refuses a single level in metres that lies aloft. */
async function requireSurface(file: NetcdfFile, variable: NetcdfVariable, name: string): Promise<void> {
  const coordinate = file.variables.find((candidate) => candidate.name === name && candidate !== variable);
  if (coordinate === undefined || !isInMetres(coordinate)) return;
  const [height = 0] = await readUnpacked(file, coordinate);
  if (height > HIGHEST_SURFACE_M) throw aloft(file, variable, `"${name}" at ${height} m`);
}

/** Reanalyses say their level in the name only: cams.eaq.vra.ENSa.pm10.l250.2018-04.nc. */
function requireSurfaceName(file: NetcdfFile, variable: NetcdfVariable): void {
  const height = /^cams\.eaq\..*\.l(\d+)\./.exec(basename(file.path))?.[1];
  if (Number(height ?? 0) > HIGHEST_SURFACE_M) throw aloft(file, variable, `a file of ${height} m by its name`);
}

function isInMetres(coordinate: NetcdfVariable): boolean {
  return /^(m|metres?|meters?)$/i.test(textAttribute(coordinate.attributes, 'units') ?? '');
}

/** The surface among several levels: height 0 m. Anything else is the reader's choice, not ours. */
async function surfaceIndex(file: NetcdfFile, variable: NetcdfVariable, place: DimensionPlace): Promise<number> {
  const coordinate = file.variables.find((candidate) => candidate.name === place.name);
  if (coordinate !== undefined && isInMetres(coordinate)) {
    const heights = await readUnpacked(file, coordinate);
    const surface = heights.findIndex((height) => Math.abs(height) < 1e-6);
    if (surface >= 0) return surface;
  }
  throw new TramontanaError(
    'Ingest.ExtraDimension',
    `${file.path}: variable "${variable.name}": expected one value a time and place (a single level, or a height of 0 m), got ${place.length} along dimension "${place.name}"`,
    { facts: { file: file.path, variable: variable.name, dimension: place.name, length: place.length } },
  );
}
