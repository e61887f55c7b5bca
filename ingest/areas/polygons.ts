// SPDX-License-Identifier: Apache-2.0
import type { Ring } from '../../artifacts/schemas/area-outline.js';
import { isObject, shown, type Refuse } from './geojson-values.js';

/** A triangle and its first corner again. */
const LEAST_POSITIONS = 4;

/**
 * The polygons of a GeoJSON geometry.
 *
 * @param where - names the feature in errors
 * @throws TramontanaError `Ingest.InvalidAreas`
 */
export function polygonsOf(geometry: unknown, where: string, refuse: Refuse): readonly (readonly Ring[])[] {
  const type = isObject(geometry) ? geometry['type'] : undefined;
  if (!isObject(geometry) || (type !== 'Polygon' && type !== 'MultiPolygon')) {
    throw refuse(where, 'a geometry of the type Polygon or MultiPolygon', shown(geometry));
  }
  const { coordinates } = geometry;
  const polygons = listOf(type === 'Polygon' ? [coordinates] : coordinates, where, 'polygons', refuse);
  return polygons.map((rings) => listOf(rings, where, 'rings', refuse).map((ring) => ringOf(ring, where, refuse)));
}

function listOf(value: unknown, where: string, what: string, refuse: Refuse): readonly unknown[] {
  if (Array.isArray(value) && value.length > 0) return value;
  throw refuse(where, `coordinates with a list of ${what}`, shown(value));
}

function ringOf(value: unknown, where: string, refuse: Refuse): Ring {
  if (!Array.isArray(value) || value.length < LEAST_POSITIONS) {
    throw refuse(where, `rings of at least ${LEAST_POSITIONS} positions`, shown(value));
  }
  const ring = new Float64Array(2 * value.length);
  value.forEach((position: unknown, index) => {
    const [longitude, latitude] = Array.isArray(position) ? (position as readonly unknown[]) : [];
    if (!isWithin(longitude, 180) || !isWithin(latitude, 90)) {
      const found = Array.isArray(position) ? `[${position.slice(0, 2).map(shown).join(', ')}]` : shown(position);
      throw refuse(where, 'positions of a longitude within ±180 and a latitude within ±90 degrees', found);
    }
    ring.set([longitude, latitude], 2 * index);
  });
  const end = ring.length - 2;
  if (ring[0] !== ring[end] || ring[1] !== ring[end + 1]) {
    throw refuse(where, 'closed rings', `one from [${ring[0]}, ${ring[1]}] to [${ring[end]}, ${ring[end + 1]}]`);
  }
  return ring;
}

function isWithin(value: unknown, bound: number): value is number {
  return typeof value === 'number' && Math.abs(value) <= bound;
}
