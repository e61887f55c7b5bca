// SPDX-License-Identifier: Apache-2.0
/**
 * Which dimension of a variable is what: latitude, longitude, time (one or two dimensions), or a level of length one.
 *
 * @module
 */
import { TramontanaError } from '../../common/errors.js';
import { readUnpacked } from '../netcdf/unpack.js';
import { textAttribute, type NetcdfFile, type NetcdfVariable } from '../netcdf/types.js';
import { isHorizontalAxis, isProjectedAxis, type HorizontalAxis } from './coordinates.js';

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
    return { name, length: variable.shape[axis]!, stride };
  });
  const latitude = findAxis(file, variable, places, 'latitude');
  const longitude = findAxis(file, variable, places, 'longitude');
  const rest = places.filter((place) => place !== latitude.place && place !== longitude.place);
  const times = rest.filter((place) => isTimeDimension(file, place.name));
  let fixedOffset = 0;
  for (const place of rest) {
    if (times.includes(place) || place.length === 1) continue;
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
  const coordinates = file.variables.filter((candidate) => isHorizontalAxis(candidate, axis) && candidate !== variable);
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
  const projected = file.variables.find(
    (candidate) =>
      isProjectedAxis(candidate, axis) &&
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

/** The surface among several levels: height 0 m. Anything else is the reader's choice, not ours. */
async function surfaceIndex(file: NetcdfFile, variable: NetcdfVariable, place: DimensionPlace): Promise<number> {
  const coordinate = file.variables.find((candidate) => candidate.name === place.name);
  const isHeight =
    coordinate !== undefined && /^(m|metres?|meters?)$/i.test(textAttribute(coordinate.attributes, 'units') ?? '');
  if (isHeight) {
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
