// SPDX-License-Identifier: Apache-2.0
import type { AreaMeans } from '../../artifacts/schemas/area-means.js';
import type { AreaOutline } from '../../artifacts/schemas/area-outline.js';
import type { TilePlan } from '../../artifacts/schemas/tile-plan.js';
import { entry, float64At } from '../../common/entry.js';
import { TramontanaError } from '../../common/errors.js';
import type { GeographicBox } from '../../mesh/index.js';

/** Areas by the tile that tells of them, and those of which none can. */
export interface TileAreas {
  readonly byTile: ReadonlyMap<string, readonly AreaOutline[]>;
  readonly leftOut: AreaMeans['leftOut'];
}

/**
 * Gives each area to the tile that holds all of it (of what lies in the domain) farthest from the edges that it shares: the draws of one
 * tile know nothing of another's.
 *
 * @param plan - tiles that are computed, and those that are left out: their areas are, too
 */
export function assignAreas(
  plan: Pick<TilePlan, 'tiles' | 'leftOut'>,
  domain: GeographicBox,
  outlines: readonly AreaOutline[],
): TileAreas {
  const tiles = [...plan.tiles, ...plan.leftOut.map(({ tile }) => tile)];
  const byTile = new Map<string, AreaOutline[]>();
  const leftOut: { name: string; reason: string }[] = [];
  for (const outline of outlines) {
    const box = within(boundsOf(outline), domain);
    const margins = tiles.map((tile) => marginDegrees(tile.boundingBox, domain, box));
    const best = margins.reduce((most, margin, index) => (margin > entry(margins, most) ? index : most), 0);
    const tile = tiles[best];
    if (tile === undefined || entry(margins, best) < 0) {
      leftOut.push({
        name: outline.name,
        reason: 'it reaches over several tiles; larger ones (model.tiles) or a larger overlap would hold it',
      });
      continue;
    }
    if (best >= plan.tiles.length) {
      leftOut.push({ name: outline.name, reason: `its tile ${tile.id} is left out` });
      continue;
    }
    byTile.set(tile.id, [...(byTile.get(tile.id) ?? []), outline]);
  }
  return { byTile, leftOut };
}

function boundsOf({ polygons }: AreaOutline): GeographicBox {
  const bounds = { north: -90, west: 360, south: 90, east: -360 };
  for (const ring of polygons.flat()) {
    for (let corner = 0; corner < ring.length; corner += 2) {
      const [longitude, latitude] = [float64At(ring, corner), float64At(ring, corner + 1)];
      bounds.north = Math.max(bounds.north, latitude);
      bounds.south = Math.min(bounds.south, latitude);
      bounds.east = Math.max(bounds.east, longitude);
      bounds.west = Math.min(bounds.west, longitude);
    }
  }
  return bounds;
}

function within(box: GeographicBox, domain: GeographicBox): GeographicBox {
  return {
    north: Math.min(box.north, domain.north),
    south: Math.max(box.south, domain.south),
    east: Math.min(box.east, domain.east),
    west: Math.max(box.west, domain.west),
  };
}

/** Distance of a box from the nearest edge that a tile shares; negative for one that reaches beyond. */
function marginDegrees(tile: GeographicBox, domain: GeographicBox, box: GeographicBox): number {
  // the edges of a tile are rounded to nine decimals
  const isOuter = (edge: keyof GeographicBox): boolean => Math.abs(tile[edge] - domain[edge]) < 1e-6;
  const margins = [
    isOuter('north') ? Infinity : tile.north - box.north,
    isOuter('south') ? Infinity : box.south - tile.south,
    isOuter('east') ? Infinity : tile.east - box.east,
    isOuter('west') ? Infinity : box.west - tile.west,
  ];
  return Math.min(...margins);
}

/**
 * Means over the areas of all tiles.
 *
 * @throws {TramontanaError} `Modelling.ShapeMismatch` for tiles with other pollutants, days or thresholds
 */
export function mergeAreaMeans(
  tiles: readonly AreaMeans[],
): Pick<AreaMeans, 'areas' | 'leftOut' | 'variables' | 'numSamples'> {
  const first = entry(tiles, 0);
  const areas = tiles.flatMap((tile) => tile.areas);
  const telling = tiles.filter((tile) => tile.areas.length > 0);
  /** [day, area] of all tiles from those of each. */
  const joined = (of: (tile: AreaMeans) => Float64Array): Float64Array => {
    const [some = first] = telling;
    const numDays = of(some).length / Math.max(1, some.areas.length);
    const whole = new Float64Array(numDays * areas.length);
    let from = 0;
    for (const tile of telling) {
      const [values, count] = [of(tile), tile.areas.length];
      if (values.length !== numDays * count) {
        throw new TramontanaError(
          'Modelling.ShapeMismatch',
          `Means over areas: expected ${numDays} days of ${count} areas, got ${values.length} values`,
          { facts: { numDays, count, found: values.length } },
        );
      }
      for (let day = 0; day < numDays; day += 1)
        whole.set(values.subarray(day * count, (day + 1) * count), day * areas.length + from);
      from += count;
    }
    return whole;
  };
  return {
    areas,
    leftOut: tiles.flatMap((tile) => tile.leftOut),
    numSamples: first.numSamples,
    variables: first.variables.map(({ pollutant, statistic, exceedance }, k) => {
      const own = (tile: AreaMeans): AreaMeans['variables'][number] => entry(tile.variables, k);
      return {
        ...{ pollutant, statistic },
        mean: joined((tile) => own(tile).mean),
        sd: joined((tile) => own(tile).sd),
        q025: joined((tile) => own(tile).q025),
        q975: joined((tile) => own(tile).q975),
        exceedance: exceedance.map(({ value_ug_m3 }, index) => ({
          value_ug_m3,
          probability: joined((tile) => entry(own(tile).exceedance, index).probability),
        })),
      };
    }),
  };
}
