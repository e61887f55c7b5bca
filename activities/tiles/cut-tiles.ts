// SPDX-License-Identifier: Apache-2.0
/**
 * A tile as a domain of its own: its cells, its box, its areas. The stages know no tiles; they run on it as on any domain.
 *
 * @module
 */
import { ARROW_MEDIA_TYPE, type ArtifactRef } from '../../artifacts/index.js';
import { encodeGriddedField, GRIDDED_FIELD_SCHEMA } from '../../artifacts/schemas/gridded-field-arrow.js';
import { TILE_PLAN_SCHEMA, type TilePlan } from '../../artifacts/schemas/tile-plan.js';
import { entry } from '../../common/entry.js';
import { TramontanaError } from '../../common/errors.js';
import { tileArtifact } from '../../common/tile-names.js';
import type { DomainConfig } from '../../config/index.js';
import {
  assignAreas,
  fineGrid,
  MOST_TILED_CELLS,
  planTiles,
  tileSizeOf,
  type ForecastSources,
  type PlannedTiles,
  type TileSize,
} from '../../modelling/index.js';
import type { ActivityDependencies } from '../dependencies.js';
import { areasOf, encodeTileAreas, TILE_AREAS_SCHEMA } from '../inputs/joint-areas.js';

/** Size of the tiles of a domain; undefined where it is one rectangle, or on a mesh. */
export function wantedTiles({ model, boundingBox }: DomainConfig): TileSize | undefined {
  return model.route === 'mesh' ? undefined : tileSizeOf(model.tiles, boundingBox);
}

/** A forecast of which fewer tiles stand, of those that have data, is none. */
const LEAST_SHARE = 0.5;

/**
 * The tiles of a domain; undefined where it is one rectangle, and where nobody asked for tiles and too few of them could be used: a mesh
 * may serve.
 *
 * @throws {TramontanaError} `Modelling.IncompleteGrid` and its like when tiles were asked for and too few can be used; `Config.TooCostly`,
 *         `Modelling.InvalidGrid` for tiles that are too many or too fine
 */
export function tilesOf(config: DomainConfig, sources: ForecastSources): PlannedTiles | undefined {
  const { boundingBox, products } = config;
  const size = wantedTiles(config);
  if (size === undefined) return undefined;
  const { resolutionDegrees } = products;
  const fine = fineGrid(boundingBox, resolutionDegrees, MOST_TILED_CELLS);
  const [numRows, numColumns] = [fine.latitudesDegrees.length, fine.longitudesDegrees.length];
  const planned = planTiles(sources, { boundingBox, fine: { numRows, numColumns, resolutionDegrees } }, size);
  const { plan, numUnusable, obstacle } = planned;
  if (plan.tiles.length + plan.leftOut.length === 1) return undefined;
  const numUsable = plan.tiles.length;
  if (obstacle !== undefined && (numUsable === 0 || numUsable < LEAST_SHARE * (numUsable + numUnusable))) {
    if (config.model.tiles === 'automatic') return undefined;
    throw new TramontanaError(
      obstacle.tag,
      `model.tiles: expected at least half of the tiles that have data to be grids, got ${numUsable} of ${numUsable + numUnusable}: ${obstacle.message}; ` +
        'take model.tiles: none, or fill the gaps',
      { facts: { ...obstacle.facts, numUsable, numUnusable }, cause: obstacle },
    );
  }
  // too fine for one of them is told here, not after its fit
  for (const { boundingBox: box } of plan.tiles) fineGrid(box, resolutionDegrees);
  return planned;
}

/** Stores the plan and what each tile starts from. */
export async function storeTiles(
  { store }: Pick<ActivityDependencies, 'store'>,
  config: DomainConfig,
  { plan, fields }: PlannedTiles,
  areasRef: ArtifactRef | undefined,
): Promise<Record<string, ArtifactRef>> {
  const outputs: Record<string, ArtifactRef> = {};
  for (const [index, { id }] of plan.tiles.entries()) {
    outputs[tileArtifact(id, 'daily')] = await store.put(encodeGriddedField(entry(fields, index)), {
      mediaType: ARROW_MEDIA_TYPE,
      schema: GRIDDED_FIELD_SCHEMA,
    });
  }
  const file = await areasOf({ store }, areasRef, config);
  let told: TilePlan = plan;
  if (file !== undefined) {
    const { byTile, leftOut } = assignAreas(plan, config.boundingBox, file.areas);
    for (const [id, outlines] of byTile) {
      outputs[tileArtifact(id, 'areas')] = await store.putJson(encodeTileAreas(outlines), TILE_AREAS_SCHEMA);
    }
    const given = Object.fromEntries([...byTile].map(([id, outlines]) => [id, outlines.map(({ name }) => name)]));
    told = { ...plan, areas: { leftOut, numBeyond: file.numBeyond, given } };
  }
  return { ...outputs, tilePlan: await store.putJson(told, TILE_PLAN_SCHEMA) };
}
