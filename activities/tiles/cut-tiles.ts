// SPDX-License-Identifier: Apache-2.0
/**
 * A tile as a domain of its own: its cells, its box, its configuration. The stages know no tiles; they run on it as on any domain.
 *
 * @module
 */
import { ARROW_MEDIA_TYPE, type ArtifactRef } from '../../artifacts/index.js';
import { encodeGriddedField, GRIDDED_FIELD_SCHEMA } from '../../artifacts/schemas/gridded-field-arrow.js';
import { TILE_PLAN_SCHEMA, type Tile } from '../../artifacts/schemas/tile-plan.js';
import { entry } from '../../common/entry.js';
import { tileArtifact } from '../../common/tile-names.js';
import type { DomainConfig } from '../../config/index.js';
import {
  fineGrid,
  MOST_TILED_CELLS,
  planTiles,
  tileSizeOf,
  type ForecastSources,
  type PlannedTiles,
} from '../../modelling/index.js';
import type { ActivityDependencies } from '../dependencies.js';
import { DOMAIN_CONFIG_SCHEMA } from '../stage-contracts.js';

/** The tiles of a domain; undefined where it is one rectangle, or on a mesh. */
export function tilesOf(config: DomainConfig, sources: ForecastSources): PlannedTiles | undefined {
  const { boundingBox, model, products } = config;
  const size = model.route === 'mesh' ? undefined : tileSizeOf(model.tiles, boundingBox);
  if (size === undefined) return undefined;
  const { resolutionDegrees } = products;
  const fine = fineGrid(boundingBox, resolutionDegrees, MOST_TILED_CELLS);
  const [numRows, numColumns] = [fine.latitudesDegrees.length, fine.longitudesDegrees.length];
  const planned = planTiles(sources, { boundingBox, fine: { numRows, numColumns, resolutionDegrees } }, size);
  const isWhole = planned.plan.tiles.length + planned.plan.leftOut.length === 1;
  return isWhole ? undefined : planned;
}

/** The configuration of a tile: means over areas are those of the whole domain. */
export function tileConfig(config: DomainConfig, { boundingBox }: Tile): DomainConfig {
  const { evaluation: _evaluation, ...rest } = config;
  const { areas: _areas, ...products } = config.products;
  return { ...rest, boundingBox, products, model: { ...config.model, route: 'grid', tiles: 'none' } };
}

/** Stores the plan and what each tile starts from. */
export async function storeTiles(
  { store }: Pick<ActivityDependencies, 'store'>,
  config: DomainConfig,
  { plan, fields }: PlannedTiles,
): Promise<Record<string, ArtifactRef>> {
  const outputs: Record<string, ArtifactRef> = { tilePlan: await store.putJson(plan, TILE_PLAN_SCHEMA) };
  for (const [index, tile] of plan.tiles.entries()) {
    outputs[tileArtifact(tile.id, 'daily')] = await store.put(encodeGriddedField(entry(fields, index)), {
      mediaType: ARROW_MEDIA_TYPE,
      schema: GRIDDED_FIELD_SCHEMA,
    });
    outputs[tileArtifact(tile.id, 'config')] = await store.putJson(tileConfig(config, tile), DOMAIN_CONFIG_SCHEMA);
  }
  return outputs;
}
