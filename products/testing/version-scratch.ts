// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach } from 'node:test';
import { fileURLToPath } from 'node:url';

import { ownProgram } from '../../common/own-program.js';
import { ProductFolder } from '../product-folder.js';
import { verifyRun } from '../run-manifest.js';
import { publishVersion, type VersionOptions } from '../run-versions.js';

export const DOMAIN = 'somewhere';
export const CYCLE = '2026-01-02';
/** Publishes, and dies where it is told to. */
export const PUBLISH_CHILD = ownProgram(fileURLToPath(import.meta.url), 'publish-child');

/** A folder of runs of its own for each test of a file, with a run of two files of one text. */
export class VersionScratch {
  root = '';
  runsFolder = '';
  private count = 0;

  constructor() {
    before(async () => {
      this.root = await mkdtemp(join(tmpdir(), 'tramontana-versions-'));
    });
    beforeEach(() => {
      this.count += 1;
      this.runsFolder = join(this.root, String(this.count));
    });
    after(() => rm(this.root, { recursive: true, force: true }));
  }

  /** Where readers look. */
  readonly linkOf = (): string => join(this.runsFolder, DOMAIN, CYCLE);

  readonly versions = async (): Promise<string[]> =>
    (await readdir(join(this.runsFolder, DOMAIN, '.versions'))).filter((name) => name !== 'lock');

  readonly publishText = async (content: string, options: VersionOptions = {}): Promise<void> => {
    await publishVersion(
      { runsFolder: this.runsFolder, domain: DOMAIN, cycle: CYCLE },
      async (folder) => {
        const products = new ProductFolder(folder);
        await products.write('summary.json', content);
        await products.write('maps/map.png', content);
        return { entries: products.entries, result: undefined };
      },
      options,
    );
  };

  /** A publication in a process of its own, which dies where it is told to. */
  readonly publishAndDie = (content: string, step: string): void => {
    const arguments_ = [...PUBLISH_CHILD.execArgv, PUBLISH_CHILD.entry, 'version', this.runsFolder, content, step];
    const killed = spawnSync(process.execPath, arguments_);
    assert.equal(killed.signal, 'SIGKILL', killed.stderr.toString('utf8'));
  };

  /** The content of the run, once it is proved to be whole. */
  readonly wholeContent = async (): Promise<string> => {
    await verifyRun(this.linkOf());
    const [summary, map] = await Promise.all(
      ['summary.json', 'maps/map.png'].map((name) => readFile(join(this.linkOf(), name), 'utf8')),
    );
    assert.equal(summary, map, 'both files are of one run');
    return summary ?? '';
  };
}

/** A run as releases before the versions left it. */
export async function oldRun(folder: string): Promise<void> {
  await mkdir(join(folder, 'maps'), { recursive: true });
  const summary = { schemaVersion: 1, run: { domain: DOMAIN, cycle: CYCLE }, stages: [] };
  await writeFile(join(folder, 'summary.json'), JSON.stringify(summary));
  await writeFile(join(folder, 'forecast.nc'), 'old');
  await writeFile(join(folder, 'maps/old.png'), 'old');
  await writeFile(join(folder, 'COMPLETE'), '2025-11-22T10:00:00.000Z\n');
}
