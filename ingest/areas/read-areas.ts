// SPDX-License-Identifier: Apache-2.0
import type { AreaOutline, Ring } from '../../artifacts/schemas/area-outline.js';
import { float64At } from '../../common/entry.js';
import { TramontanaError, messageOf } from '../../common/errors.js';
import { openRegular } from '../../common/regular-file.js';
import { plainLine } from '../../common/text.js';
import { describeBox } from '../bounding-box.js';
import type { BoundingBox } from '../labelled-field.js';
import type { AreasFile } from './areas-file.js';
import { isObject, shown, type Refuse } from './geojson-values.js';
import { polygonsOf } from './polygons.js';

export interface ReadAreasOptions {
  readonly signal?: AbortSignal;
  /** Of the features, with their names as text or number. Default `name`. */
  readonly nameProperty?: string;
  /** Only areas that touch it; default: all. */
  readonly boundingBox?: BoundingBox;
}

/** The municipalities of a large country in full detail are half of it. */
const MAXIMUM_BYTES = 32 * 1024 * 1024;
const MAXIMUM_NAME_CHARACTERS = 200;

/**
 * Reads polygons and multipolygons of a GeoJSON file (RFC 7946): a feature collection or one feature, longitudes and latitudes in
 * degrees. A feature without a name is called `feature 3` by its place, from 1 on.
 *
 * @throws TramontanaError `Ingest.InvalidAreas` with file, feature, expectation and value: no GeoJSON, other geometries, rings that
 *   are not closed, coordinates that are none, one name twice, no area that touches the box
 */
export async function readAreas(path: string, options: ReadAreasOptions = {}): Promise<AreasFile> {
  const { nameProperty = 'name', boundingBox } = options;
  const refuse: Refuse = (where, expectation, found) => {
    const place = where === '' ? path : `${path}: ${where}`;
    const facts = { file: path, ...(where === '' ? {} : { feature: where }), expectation, found };
    return new TramontanaError('Ingest.InvalidAreas', `${place}: expected ${expectation}, got ${found}`, { facts });
  };
  const features = featuresOf(parseJson(await readText(path, refuse), refuse), refuse);
  const all = features.map((feature, index): AreaOutline => {
    const place = `feature ${index + 1}`;
    if (!isObject(feature) || feature['type'] !== 'Feature') throw refuse(place, 'a GeoJSON Feature', shown(feature));
    const name = nameOf(feature['properties'], nameProperty) ?? place;
    const where = name === place ? place : `${place} ("${name}")`;
    return { name, polygons: polygonsOf(feature['geometry'], where, refuse) };
  });
  const areas = boundingBox === undefined ? all : all.filter(({ polygons }) => touches(polygons, boundingBox));
  if (areas.length === 0) {
    const wanted = boundingBox === undefined ? '' : ` that touches the box ${describeBox(boundingBox)}`;
    throw refuse('', `at least one area${wanted}`, `${all.length} beyond it`);
  }
  requireDistinct(areas, refuse);
  return { areas, numBeyond: all.length - areas.length };
}

async function readText(path: string, refuse: Refuse): Promise<string> {
  const { file, bytes } = await openRegular(path);
  try {
    if (bytes > MAXIMUM_BYTES) throw refuse('', `at most ${MAXIMUM_BYTES} bytes`, `${bytes}; simplify the outlines`);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

function parseJson(text: string, refuse: Refuse): unknown {
  try {
    // some programs put a byte order mark before JSON
    return JSON.parse(text.replace(/^\ufeff/u, ''));
  } catch (error) {
    throw refuse('', 'GeoJSON', plainLine(`what is no JSON: ${messageOf(error)}`));
  }
}

function featuresOf(value: unknown, refuse: Refuse): readonly unknown[] {
  if (isObject(value) && value['type'] === 'Feature') return [value];
  if (isObject(value) && value['type'] === 'FeatureCollection' && Array.isArray(value['features'])) {
    return value['features'];
  }
  throw refuse('', 'a GeoJSON FeatureCollection or Feature', shown(value));
}

function nameOf(properties: unknown, nameProperty: string): string | undefined {
  const value = isObject(properties) && Object.hasOwn(properties, nameProperty) ? properties[nameProperty] : undefined;
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const name = plainLine(String(value).trim(), MAXIMUM_NAME_CHARACTERS);
  return name === '' ? undefined : name;
}

/** Whether the extent of the outlines meets the box. */
function touches(polygons: readonly (readonly Ring[])[], { north, west, south, east }: BoundingBox): boolean {
  let [low, high, left, right] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const [outer = new Float64Array()] of polygons) {
    for (let i = 0; i < outer.length; i += 2) {
      const [longitude, latitude] = [float64At(outer, i), float64At(outer, i + 1)];
      [left, right] = [Math.min(left, longitude), Math.max(right, longitude)];
      [low, high] = [Math.min(low, latitude), Math.max(high, latitude)];
    }
  }
  return low < north && high > south && left < east && right > west;
}

/** Only among the areas that are used: a country has towns of one name. */
function requireDistinct(areas: readonly AreaOutline[], refuse: Refuse): void {
  const seen = new Set<string>();
  for (const { name } of areas) {
    if (seen.has(name)) {
      throw refuse('', 'areas of different names in the domain (products.areas.nameProperty)', `"${name}" twice`);
    }
    seen.add(name);
  }
}
