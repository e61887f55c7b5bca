// SPDX-License-Identifier: Apache-2.0
import type { Tile, TilePlan } from '../../artifacts/schemas/tile-plan.js';
import { TramontanaError } from '../../common/errors.js';
import type { DomainConfig } from '../../config/index.js';
import type { ActivityDependencies } from '../dependencies.js';
import { requireInput } from '../inputs/require-input.js';
import type { StageArgs } from '../stage-contracts.js';

/**
 * The configuration that a stage works by: the domain's, or that of the tile it runs on.
 *
 * @throws {TramontanaError} `Input.Invalid` for a tile that the plan does not have
 */
export async function configOf({ store }: Pick<ActivityDependencies, 'store'>, args: StageArgs): Promise<DomainConfig> {
  const config = await store.getJson<DomainConfig>(args.run.config);
  const { tile: id } = args.run;
  if (id === undefined) return config;
  const { tiles } = await store.getJson<TilePlan>(requireInput(args, 'tilePlan'));
  const tile = tiles.find((one) => one.id === id);
  if (tile === undefined) {
    throw new TramontanaError(
      'Input.Invalid',
      `run.tile: expected one of the ${tiles.length} tiles of the plan, got "${id}"`,
      {
        facts: { tile: id, tiles: tiles.map((one) => one.id) },
      },
    );
  }
  return tileConfig(config, tile, args.inputs['areas'] !== undefined);
}

/** A tile is a grid in a box of its own; it tells of the areas that are given to it, and of no truth. */
function tileConfig(config: DomainConfig, { boundingBox }: Tile, hasAreas: boolean): DomainConfig {
  const { evaluation: _evaluation, ...rest } = config;
  const { areas, ...products } = config.products;
  return {
    ...rest,
    boundingBox,
    products: { ...products, ...(hasAreas && areas !== undefined ? { areas } : {}) },
    model: { ...config.model, route: 'grid', tiles: 'none' },
  };
}
