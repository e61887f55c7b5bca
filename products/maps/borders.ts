// SPDX-License-Identifier: Apache-2.0
/**
 * Coastlines and country borders near a domain, from Natural Earth 1:10m (world-atlas, public domain).
 *
 * @module
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

import { mesh } from 'topojson-client';
import type { GeometryCollection, Topology } from 'topojson-specification';

import { entry } from '../../common/entry.js';
import { TramontanaError, messageOf } from '../../common/errors.js';
import type { Bounds } from './map-frame.js';

/** Polylines as interleaved longitude, latitude in degrees. */
export interface BorderLines {
  readonly coastlines: readonly Float64Array[];
  readonly borders: readonly Float64Array[];
}

type World = Topology<{ countries: GeometryCollection }>;

let world: Promise<{ coastlines: Position[][]; borders: Position[][] }> | undefined;

type Position = readonly number[];

/**
 * Lines that touch `bounds`, cut to runs of vertices near it.
 *
 * @throws {TramontanaError} `Products.BorderData` when the bundled data cannot be read.
 */
export async function bordersWithin(bounds: Bounds): Promise<BorderLines> {
  world ??= loadWorld();
  const { coastlines, borders } = await world;
  return { coastlines: clipLines(coastlines, bounds), borders: clipLines(borders, bounds) };
}

async function loadWorld(): Promise<{ coastlines: Position[][]; borders: Position[][] }> {
  const path = createRequire(import.meta.url).resolve('world-atlas/countries-10m.json');
  try {
    const topology = JSON.parse(await readFile(path, 'utf8')) as World;
    // An arc that bounds one country only is coast; one between two countries is a border.
    return {
      coastlines: mesh(topology, topology.objects.countries, (a, b) => a === b).coordinates,
      borders: mesh(topology, topology.objects.countries, (a, b) => a !== b).coordinates,
    };
  } catch (error) {
    throw new TramontanaError('Products.BorderData', `${path}: country borders cannot be read: ${messageOf(error)}`, {
      facts: { path },
      cause: error,
    });
  }
}

/**
 * Keeps every segment whose bounding box meets `bounds`. The drawing clips exactly; this only drops the rest of the world.
 */
export function clipLines(lines: readonly (readonly Position[])[], bounds: Bounds): Float64Array[] {
  const kept: Float64Array[] = [];
  for (const line of lines) {
    let run: number[] = [];
    for (let k = 1; k < line.length; k += 1) {
      const from = entry(line, k - 1);
      const to = entry(line, k);
      if (segmentMeets(from, to, bounds)) {
        if (run.length === 0) run.push(entry(from, 0), entry(from, 1));
        run.push(entry(to, 0), entry(to, 1));
      } else if (run.length > 0) {
        kept.push(Float64Array.from(run));
        run = [];
      }
    }
    if (run.length > 0) kept.push(Float64Array.from(run));
  }
  return kept;
}

function segmentMeets(from: Position, to: Position, bounds: Bounds): boolean {
  const [x1 = 0, y1 = 0] = from;
  const [x2 = 0, y2 = 0] = to;
  return (
    // from one side of the date line to the other: no line across the map
    Math.abs(x1 - x2) <= 180 &&
    Math.max(x1, x2) >= bounds.west &&
    Math.min(x1, x2) <= bounds.east &&
    Math.max(y1, y2) >= bounds.south &&
    Math.min(y1, y2) <= bounds.north
  );
}
