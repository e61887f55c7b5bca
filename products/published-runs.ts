// SPDX-License-Identifier: Apache-2.0
/** What has been published of a domain. @module */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { TramontanaError } from '../common/errors.js';
import { readManifest, type RunManifest } from './run-manifest.js';
import { linkPath, type RunPlace } from './run-place.js';
import { readSummary, type RunSummary } from './summary.js';

const CYCLE = /^\d{4}-\d{2}-\d{2}$/u;

/** One published cycle. */
export interface PublishedCycle extends RunManifest {
  readonly folder: string;
  readonly quality: RunSummary['quality']['decision'];
}

/**
 * Reads one published cycle.
 *
 * @throws {TramontanaError} `Products.NotPublished`, `Products.NotWhole`, `Products.UnreadableSummary`
 */
export async function readPublished(place: RunPlace): Promise<PublishedCycle> {
  const folder = linkPath(place);
  const cycles = await cyclesOf(place);
  if (!cycles.includes(place.cycle)) {
    throw new TramontanaError(
      'Products.NotPublished',
      `${folder}: expected a published cycle${cycles.length === 0 ? '' : `, one of ${cycles.join(', ')}`}; got none`,
      { facts: { ...place } },
    );
  }
  const [manifest, { quality }] = await Promise.all([readManifest(folder), readSummary(folder)]);
  return { ...manifest, folder, quality: quality.decision };
}

/**
 * Every published cycle of a domain, newest first.
 *
 * @throws {TramontanaError} as {@link readPublished}
 */
export async function listPublished(place: Omit<RunPlace, 'cycle'>): Promise<readonly PublishedCycle[]> {
  const cycles = await cyclesOf(place);
  if (cycles.length > 0) return Promise.all(cycles.map((cycle) => readPublished({ ...place, cycle })));
  throw new TramontanaError(
    'Products.NotPublished',
    `${join(place.runsFolder, place.domain)}: expected published cycles of the domain, got none`,
    { facts: { ...place } },
  );
}

async function cyclesOf({ runsFolder, domain }: Omit<RunPlace, 'cycle'>): Promise<readonly string[]> {
  // a domain's name is one name, whatever was typed
  if (domain !== '' && /^[^/\\.][^/\\]*$/u.test(domain)) {
    const names = await readdir(join(runsFolder, domain)).catch(() => []);
    return names
      .filter((name) => CYCLE.test(name))
      .sort()
      .reverse();
  }
  return [];
}
