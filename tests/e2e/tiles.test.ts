// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { waitUntil } from '../../common/processes.js';
import { packageFolder } from '../../common/version.js';
import {
  NOT_BUILT,
  runCommand,
  scratchFolder,
  startCommand,
  workerLog,
  type LogEntry,
} from '../support/command-line.js';

/** Twelve rows of the sample's cells in three tiles; one thread, so that two runs add up in the same order. */
const CONFIG = `
name: tiles
boundingBox: { north: 46.1, west: 8.6, south: 44.9, east: 10.8 }
pollutants: [pm2_5]
source: { path: ${join(packageFolder(), 'samples', 'po-valley', 'cams')} }
window: { maximumHistoryDays: 3, maximumHorizonDays: 1 }
model: { tiles: { cells: 12, overlap: 4 } }
engine: { threads: 1 }
products: { resolutionDegrees: 0.1 }
`;

/** Server, worker, three tiles, and up to half a minute until a lost heartbeat is noticed. */
const LIMIT_MS = 6 * 60_000;

interface Summary {
  readonly route: { readonly tiles: number };
  readonly quality: { readonly decision: string };
  readonly stages: readonly { readonly name: string; readonly reused: boolean; readonly reason: string }[];
  readonly tiles: readonly {
    readonly id: string;
    readonly parameters?: Readonly<Record<string, { readonly estimate: number }>>;
  }[];
}

async function summaryOf(stdout: string): Promise<Summary> {
  const { summary } = JSON.parse(stdout) as { summary: string };
  return JSON.parse(await readFile(summary, 'utf8')) as Summary;
}

const fitsBegun = (log: readonly LogEntry[]): number => log.filter(({ msg }) => msg === 'fit: computing').length;

describe('a forecast in tiles', { skip: NOT_BUILT, timeout: 3 * LIMIT_MS }, () => {
  let scratch: Awaited<ReturnType<typeof scratchFolder>>;
  let reference: Summary;

  before(async () => {
    scratch = await scratchFolder();
    await writeFile(join(scratch.path, 'config.yaml'), CONFIG);
    const { code, stdout, stderr } = await runCommand(['run', 'config.yaml', '--state', 'undisturbed', '--json'], {
      cwd: scratch.path,
    });
    assert.equal(code, 0, stderr);
    reference = await summaryOf(stdout);
  });
  after(() => scratch.remove());

  it('holds three tiles, each with estimates of its own', () => {
    assert.equal(reference.route.tiles, 3);
    assert.equal(reference.tiles.length, 3);
    assert.equal(reference.stages.find(({ name }) => name === 'fit')?.reason, '3 of 3 tiles computed');
    const ranges = reference.tiles.map(({ parameters }) => parameters?.['range_km_pm2_5']?.estimate ?? NaN);
    assert.ok(ranges.every((range) => range > 10 && range < 2000));
    assert.ok(new Set(ranges).size === 3);
  });

  it('whose worker is killed in the middle goes on with the tiles that are left, and ends as if nothing had been', async () => {
    const args = ['run', 'config.yaml', '--state', 'killed', '--out', 'killed-runs', '--json'];
    const command = startCommand(args, { cwd: scratch.path });
    const log = (): Promise<readonly LogEntry[]> => workerLog(join(scratch.path, 'killed'));
    assert.ok(await waitUntil(async () => fitsBegun(await log()) >= 2, LIMIT_MS), 'no second tile began');
    process.kill((await log()).find(({ msg }) => msg === 'serving')?.pid ?? NaN, 'SIGKILL');
    const { code, stdout, stderr } = await command.finished;
    assert.equal(code, 0, stderr);
    const found = await summaryOf(stdout);
    assert.equal(found.quality.decision, reference.quality.decision);
    // three, and the ones that were under way
    assert.ok(fitsBegun(await log()) <= 5, `${fitsBegun(await log())} fits began`);
    for (const { id, parameters = {} } of reference.tiles) {
      const own = found.tiles.find((tile) => tile.id === id)?.parameters ?? {};
      for (const [name, { estimate }] of Object.entries(parameters)) {
        // one thread and the optimiser's whole state in the checkpoint: the same path, to 1e-8 whatever the number
        const other = own[name]?.estimate ?? NaN;
        assert.ok(
          Math.abs(other - estimate) <= 1e-8 * Math.max(1, Math.abs(estimate)),
          `${id} ${name}: ${other} for ${estimate}`,
        );
      }
    }
  });

  it('takes every tile from before when nothing has changed', async () => {
    const { code, stdout, stderr } = await runCommand(['run', 'config.yaml', '--state', 'undisturbed', '--json'], {
      cwd: scratch.path,
    });
    assert.equal(code, 0, stderr);
    const { stages } = await summaryOf(stdout);
    assert.ok(stages.every(({ reused }) => reused));
    assert.equal(stages.find(({ name }) => name === 'fit')?.reason, '0 of 3 tiles computed, 3 unchanged');
  });
});
