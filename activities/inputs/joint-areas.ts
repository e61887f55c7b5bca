// SPDX-License-Identifier: Apache-2.0
/**
 * The areas whose means are told: those of a GeoJSON file that touch the domain, or those that were given to a tile.
 *
 * @module
 */
import { readVerified, type ArtifactRef } from '../../artifacts/index.js';
import type { AreaOutline } from '../../artifacts/schemas/area-outline.js';
import type { DomainConfig } from '../../config/index.js';
import { readAreas, type AreasFile } from '../../ingest/index.js';
import type { ActivityDependencies } from '../dependencies.js';

/** Name and version of the areas of a tile as a JSON artifact. */
export const TILE_AREAS_SCHEMA = 'tile-areas/1';

interface TileAreasDocument {
  readonly areas: readonly { readonly name: string; readonly polygons: readonly (readonly (readonly number[])[])[] }[];
}

/** Outlines as JSON has them. */
export function encodeTileAreas(outlines: readonly AreaOutline[]): TileAreasDocument {
  return {
    areas: outlines.map(({ name, polygons }) => ({
      name,
      polygons: polygons.map((rings) => rings.map((ring) => Array.from(ring))),
    })),
  };
}

/**
 * Reads the areas; undefined where none are configured.
 *
 * @throws {TramontanaError} `Input.Changed`; those of readAreas
 */
export async function areasOf(
  { store }: Pick<ActivityDependencies, 'store'>,
  ref: ArtifactRef | undefined,
  { boundingBox, products }: DomainConfig,
): Promise<AreasFile | undefined> {
  const { areas } = products;
  if (ref === undefined || areas === undefined) return undefined;
  if (ref.schema === TILE_AREAS_SCHEMA) {
    const document = await store.getJson<TileAreasDocument>(ref);
    const outlines = document.areas.map(({ name, polygons }) => ({
      name,
      polygons: polygons.map((rings) => rings.map((ring) => Float64Array.from(ring))),
    }));
    return { areas: outlines, numBeyond: 0 };
  }
  return readVerified(ref, (path) => readAreas(path, { boundingBox, nameProperty: areas.nameProperty }));
}
