// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { ProductFolder } from './product-folder.js';
import { publishVersion } from './run-versions.js';
import { CYCLE, DOMAIN, oldRun, VersionScratch } from './testing/version-scratch.js';

const scratch = new VersionScratch();
const { linkOf, publishAndDie, publishText, versions, wholeContent } = scratch;

/** What a reader of the folder has: the whole old run, or a whole new one. */
async function contentOfFolder(): Promise<string> {
  const marker = await readFile(join(linkOf(), 'COMPLETE'), 'utf8');
  if (marker.startsWith('{')) return wholeContent();
  assert.match(await readFile(join(linkOf(), 'summary.json'), 'utf8'), /"stages":\[\]/u);
  for (const name of ['forecast.nc', 'maps/old.png']) assert.equal(await readFile(join(linkOf(), name), 'utf8'), 'old');
  return 'old';
}

describe('a folder of an older release', () => {
  it('shows its successor, which is proved to be whole, and keeps the old run for its grace', async () => {
    await oldRun(linkOf());

    await publishText('new');

    assert.equal(await wholeContent(), 'new');
    assert.deepEqual((await readdir(linkOf(), { recursive: true })).sort(), [
      'COMPLETE',
      'maps',
      'maps/map.png',
      'summary.json',
    ]);
    const prior = (await versions()).find((name) => name.includes('-prior-'));
    assert.equal(
      await readFile(join(scratch.runsFolder, DOMAIN, '.versions', prior ?? '', 'forecast.nc'), 'utf8'),
      'old',
    );
    await publishText('next', { graceMs: 0 });
    assert.equal(await wholeContent(), 'next');
    await publishText('last', { graceMs: 0 });
    assert.equal(await wholeContent(), 'last');
    assert.equal((await versions()).filter((name) => name.startsWith(CYCLE)).length, 2);
  });

  // the old run has four names and the new one brings a fifth
  for (const step of [
    'marked',
    'kept',
    'pointed',
    'named:1',
    'named:2',
    'named:3',
    'named:4',
    'named:5',
    'turned',
    'tidied',
  ]) {
    it(`(killed: ${step}) shows the old run or the new one, and the next publication goes on`, async () => {
      await oldRun(linkOf());

      publishAndDie('new', step);

      assert.equal(await contentOfFolder(), ['turned', 'tidied'].includes(step) ? 'new' : 'old');
      await publishText('next', { graceMs: 0 });
      await publishText('last', { graceMs: 0 });
      assert.equal(await wholeContent(), 'last');
      assert.deepEqual((await readdir(linkOf())).sort(), ['COMPLETE', 'maps', 'summary.json']);
      assert.equal((await versions()).filter((name) => name.startsWith(CYCLE)).length, 2);
    });
  }

  it('shows a whole run at every moment', async () => {
    await oldRun(linkOf());
    const seen: string[] = [];

    await publishText('new', {
      onStep: async () => {
        seen.push(await contentOfFolder());
      },
    });

    assert.deepEqual([...new Set(seen)], ['old', 'new']);
  });

  it('that was moved aside when the process died comes back', async () => {
    const domainFolder = join(scratch.runsFolder, DOMAIN);
    const other = '2025-12-31';
    await oldRun(join(domainFolder, `.replaced-${CYCLE}-77-0123abcd`));
    await mkdir(join(domainFolder, '.staging-2026-01-02-77-0123abcd'));

    await publishVersion({ runsFolder: scratch.runsFolder, domain: DOMAIN, cycle: other }, async (folder) => {
      const products = new ProductFolder(folder);
      await products.write('summary.json', 'x');
      return { entries: products.entries, result: undefined };
    });

    assert.equal(await contentOfFolder(), 'old');
    assert.deepEqual((await readdir(domainFolder)).sort(), ['.versions', other, CYCLE]);
  });

  it('without its summary is still a run of ours', async () => {
    await oldRun(linkOf());
    await rm(join(linkOf(), 'summary.json'));

    await publishText('new');

    assert.equal(await wholeContent(), 'new');
  });
});
