// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';

import { isTramontanaError } from '../../common/errors.js';
import { readAreas as readFenced } from '../index.js';
import { temporaryFile } from '../testing/sample-files.js';
import { readAreas } from './read-areas.js';

const BOX = { north: 46, west: 8, south: 45, east: 9 };

type Corners = readonly (readonly number[])[];

const SQUARE: Corners = [
  [8.2, 45.2],
  [8.4, 45.2],
  [8.4, 45.4],
  [8.2, 45.2],
];

const moved = (ring: Corners, degrees: number): Corners => ring.map(([x = 0, y = 0]) => [x + degrees, y]);

function feature(ring: unknown, properties: unknown = {}): object {
  return { type: 'Feature', properties, geometry: { type: 'Polygon', coordinates: [ring] } };
}

function collection(...features: unknown[]): string {
  return JSON.stringify({ type: 'FeatureCollection', features });
}

const fileOf = (context: TestContext, text: string): Promise<string> => temporaryFile(context, 'areas.geojson', text);

describe('areas of a GeoJSON file', () => {
  it('are polygons and multipolygons with holes, by name or place, those that touch the box', async (context) => {
    const parts = { type: 'MultiPolygon', coordinates: [[SQUARE, moved(SQUARE, 0.01)], [moved(SQUARE, 0.5)]] };
    const path = await fileOf(
      context,
      `\ufeff${collection(
        feature(SQUARE, { name: ' Biella ' }),
        { type: 'Feature', properties: null, geometry: parts },
        feature(moved(SQUARE, 5), { name: 'beyond' }),
        feature(SQUARE, { name: 7 }),
      )}`,
    );
    const { areas, numBeyond } = await readAreas(path, { boundingBox: BOX });
    assert.deepEqual(
      areas.map(({ name, polygons }) => [name, polygons.map((rings) => rings.length)]),
      [
        ['Biella', [1]],
        ['feature 2', [2, 1]],
        ['7', [1]],
      ],
    );
    assert.equal(numBeyond, 1);
    assert.deepEqual([...(areas[0]?.polygons[0]?.[0] ?? [])], SQUARE.flat());
    // behind the fence as within it
    assert.deepEqual(await readFenced(path, { boundingBox: BOX }), { areas, numBeyond });
  });

  it('are named by the property of the configuration; one name twice counts within the box only', async (context) => {
    const named = (name: string, degrees: number) => feature(moved(SQUARE, degrees), { comune: name });
    const path = await fileOf(context, collection(named('Samone', 0), named('Samone', 6), named('Livo', 0.1)));
    const { areas } = await readAreas(path, { boundingBox: BOX, nameProperty: 'comune' });
    assert.deepEqual(
      areas.map(({ name }) => name),
      ['Samone', 'Livo'],
    );
    await assert.rejects(
      readAreas(path, { nameProperty: 'comune' }),
      /different names in the domain .*got "Samone" twice/u,
    );
  });

  it('that are none are refused with file, feature, expectation and value', async (context) => {
    const ring = (...last: number[]): Corners => [...SQUARE.slice(0, 3), last];
    const point = { type: 'Feature', properties: { name: 'P' }, geometry: { type: 'Point', coordinates: [8, 45] } };
    const cases: readonly (readonly [string, RegExp])[] = [
      ['{"type":', /expected GeoJSON, got what is no JSON/u],
      ['[1, 2]', /expected a GeoJSON FeatureCollection or Feature, got a list of 2/u],
      [JSON.stringify({ type: 'Topology' }), /got the type "Topology"/u],
      [collection(feature(SQUARE), 3), /feature 2: expected a GeoJSON Feature, got 3/u],
      [collection(point), /feature 1 \("P"\): expected .* Polygon or MultiPolygon, got the type "Point"/u],
      [collection({ ...point, geometry: null }), /feature 1 .*, got null/u],
      [collection(feature(SQUARE.slice(0, 3))), /feature 1: expected rings of at least 4 positions, got a list of 3/u],
      [collection(feature(ring(8.3, 45.2))), /feature 1: expected closed rings, got one from \[8\.2, 45\.2\]/u],
      [collection(feature(ring(400_000, 5_000_000))), /longitude within ±180 .*, got \[400000, 5000000\]/u],
      [collection(feature([...SQUARE, ['8', 45]])), /got \["8", 45\]/u],
      [collection(feature([...SQUARE, null])), /degrees, got null/u],
      [collection(feature(moved(SQUARE, 5))), /at least one area that touches the box .*, got 1 beyond it/u],
      [collection(), /at least one area .*, got 0 beyond it/u],
    ];
    for (const [text, message] of cases) {
      const path = await fileOf(context, text);
      await assert.rejects(readAreas(path, { boundingBox: BOX }), (error) => {
        assert.ok(isTramontanaError(error, 'Ingest.InvalidAreas'), String(error));
        assert.ok(error.message.startsWith(path));
        assert.match(error.message, message);
        return true;
      });
    }
  });
});
