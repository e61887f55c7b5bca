// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { AreaMeans } from '../../artifacts/schemas/area-means.js';
import type { AreaOutline } from '../../artifacts/schemas/area-outline.js';
import { entry } from '../../common/entry.js';
import { PLAN, TILES } from './testing/tile-scene.js';
import { assignAreas, mergeAreaMeans } from './tile-areas.js';

const DOMAIN = { north: 46, south: 42, west: 6, east: 11.2 };

function rectangle(name: string, west: number, south: number, east: number, north: number): AreaOutline {
  return { name, polygons: [[Float64Array.of(west, south, east, south, east, north, west, north, west, south)]] };
}

describe('areas of a domain in tiles', () => {
  it('go to a tile that holds all of them, the one whose shared edges are farthest', () => {
    const { byTile, leftOut } = assignAreas(PLAN, DOMAIN, [
      rectangle('corner', 6.1, 45.5, 6.4, 45.9),
      // in the overlap of the first two tiles of the north, nearer to the middle of the second
      rectangle('between', 7.95, 45.5, 8.05, 45.6),
      rectangle('province', 6.5, 42.5, 10.5, 45.5),
    ]);
    assert.deepEqual(
      leftOut.map(({ name }) => name),
      ['province'],
    );
    const holderOf = (name: string) => [...byTile].find(([, areas]) => areas.some((area) => area.name === name))?.[0];
    assert.equal(holderOf('corner'), 'r01c01');
    const between = TILES.find(({ id }) => id === holderOf('between'));
    assert.ok(between !== undefined && between.boundingBox.west <= 7.95 && between.boundingBox.east >= 8.05);
    const others = TILES.filter(
      ({ boundingBox }) => boundingBox.west <= 7.95 && boundingBox.east >= 8.05 && boundingBox.south < 45.5,
    );
    assert.ok(others.length >= 2, 'the area lies in an overlap');
    const margin = ({ west, east }: { west: number; east: number }) =>
      Math.min(west === 6 ? Infinity : 7.95 - west, east - 8.05);
    for (const other of others) assert.ok(margin(between.boundingBox) >= margin(other.boundingBox));
  });

  it('that reach beyond the domain count by what lies in it', () => {
    const { byTile } = assignAreas(PLAN, DOMAIN, [rectangle('abroad', 2, 45, 6.5, 50)]);
    assert.deepEqual([...byTile.keys()], ['r01c01']);
  });

  it('are left out where the tile that would hold them is missing', () => {
    const { leftOut } = assignAreas(
      { tiles: TILES.slice(1), leftOut: [{ tile: entry(TILES, 0), reason: 'constant' }] },
      DOMAIN,
      [rectangle('corner', 6.1, 45.5, 6.4, 45.9)],
    );
    assert.deepEqual(leftOut, [{ name: 'corner', reason: 'its tile r01c01 is left out' }]);
  });

  it('are joined in the order of the tiles, day by day', () => {
    const means = (names: readonly string[], from: number): AreaMeans => {
      const values = Float64Array.from({ length: 2 * names.length }, (_, index) => from + index);
      return {
        areas: names.map((name) => ({ name, shareInside: 1 })),
        leftOut: [],
        ...{ numBeyond: 0, numSamples: 9 },
        variables: [
          {
            ...{
              pollutant: 'o3',
              statistic: 'daily_max_8h_mean',
              mean: values,
              sd: values,
              q025: values,
              q975: values,
            },
            exceedance: [{ value_ug_m3: 100, probability: values }],
          },
        ],
      };
    };
    // a tile whose areas were all left out has no values
    const merged = mergeAreaMeans([means([], 0), means(['a', 'b'], 0), means(['c'], 10)]);
    assert.deepEqual(
      merged.areas.map(({ name }) => name),
      ['a', 'b', 'c'],
    );
    // [day, area]
    assert.deepEqual([...entry(merged.variables, 0).mean], [0, 1, 10, 2, 3, 11]);
    assert.deepEqual([...entry(entry(merged.variables, 0).exceedance, 0).probability], [0, 1, 10, 2, 3, 11]);
  });
});
