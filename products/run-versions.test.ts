// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

import { isTramontanaError } from '../common/errors.js';
import { ProductFolder } from './product-folder.js';
import { verifyRun } from './run-manifest.js';
import { PUBLICATION_STEPS, publishVersion, recoverRuns, type VersionOptions } from './run-versions.js';

const DOMAIN = 'somewhere';
const CYCLE = '2026-01-02';
const CHILD = fileURLToPath(new URL('testing/publish-child.ts', import.meta.url));

let root: string;
let runsFolder: string;
let count = 0;
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'tramontana-versions-'));
});
beforeEach(() => {
  count += 1;
  runsFolder = join(root, String(count));
});
after(() => rm(root, { recursive: true, force: true }));

const linkOf = (): string => join(runsFolder, DOMAIN, CYCLE);
const versions = async (): Promise<string[]> =>
  (await readdir(join(runsFolder, DOMAIN, '.versions'))).filter((name) => name !== 'lock');

async function publishText(content: string, options: VersionOptions = {}): Promise<void> {
  await publishVersion(
    { runsFolder, domain: DOMAIN, cycle: CYCLE },
    async (folder) => {
      const products = new ProductFolder(folder);
      await products.write('summary.json', content);
      await products.write('maps/map.png', content);
      return { entries: products.entries, result: undefined };
    },
    options,
  );
}

/** The content of the run, once it is proved to be whole. */
async function wholeContent(): Promise<string> {
  await verifyRun(linkOf());
  const [summary, map] = await Promise.all(
    ['summary.json', 'maps/map.png'].map((name) => readFile(join(linkOf(), name), 'utf8')),
  );
  assert.equal(summary, map, 'both files are of one run');
  return summary ?? '';
}

/** A run as releases before the versions left it. */
async function oldRun(folder: string): Promise<void> {
  await mkdir(join(folder, 'maps'), { recursive: true });
  const summary = { schemaVersion: 1, run: { domain: DOMAIN, cycle: CYCLE }, stages: [] };
  await writeFile(join(folder, 'summary.json'), JSON.stringify(summary));
  await writeFile(join(folder, 'forecast.nc'), 'old');
  await writeFile(join(folder, 'maps/old.png'), 'old');
  await writeFile(join(folder, 'COMPLETE'), '2025-11-22T10:00:00.000Z\n');
}

const isNotOurs = (error: unknown): boolean => isTramontanaError(error, 'Products.NotOurs');

describe('readers', () => {
  it('see a whole run at every moment of fifty publications', async () => {
    await publishText('0');
    // a process of its own, so that it looks between any two steps; it opens the run once and reads all of it
    const reader = spawn(process.execPath, [
      '-e',
      `const fs = require('node:fs'), path = require('node:path'), crypto = require('node:crypto');
       const link = process.argv[1]; let looks = 0; const seen = new Set(); const faults = [];
       process.stdin.on('data', () => { console.log(JSON.stringify({ looks, seen: seen.size, faults })); process.exit(0); });
       const look = () => { for (let k = 0; k < 20; k += 1) { try {
         const run = fs.realpathSync(link);
         const { files } = JSON.parse(fs.readFileSync(path.join(run, 'COMPLETE'), 'utf8'));
         for (const { path: name, sha256 } of files) {
           const found = crypto.createHash('sha256').update(fs.readFileSync(path.join(run, name))).digest('hex');
           if (found !== sha256) throw new Error(name + ' is of another run');
         }
         fs.readFileSync(path.join(link, 'summary.json'));
         looks += 1; seen.add(run);
       } catch (error) { faults.push(String(error)); } } setImmediate(look); };
       look(); console.log('looking');`,
      linkOf(),
    ]);
    await once(reader.stdout, 'data');

    for (let k = 1; k <= 50; k += 1) await publishText(String(k));
    reader.stdin.write('end\n');
    const [text] = (await once(reader.stdout, 'data')) as [Buffer];
    const { looks, seen, faults } = JSON.parse(text.toString('utf8')) as {
      looks: number;
      seen: number;
      faults: string[];
    };

    assert.deepEqual(faults, []);
    assert.ok(looks > 50 && seen > 5, `${looks} looks, ${seen} versions`);
    assert.equal(await wholeContent(), '50');
  });

  it('keep a replaced version for its grace, and not longer', async () => {
    await publishText('first');
    await publishText('second');
    await publishText('third');
    assert.equal((await versions()).length, 3);

    await publishText('fourth', { graceMs: 0 });

    assert.equal((await versions()).length, 2, 'the one in place before, and the new one');
  });
});

describe('a publication that is killed', () => {
  for (const step of ['between files', ...PUBLICATION_STEPS]) {
    it(`(${step}) leaves the old run or the new one, and the next one tidies up`, async () => {
      await publishText('old');

      const killed = spawnSync(process.execPath, ['--import', 'tsx', CHILD, 'version', runsFolder, 'new', step]);

      assert.equal(killed.signal, 'SIGKILL', killed.stderr.toString('utf8'));
      assert.equal(await wholeContent(), step === 'switched' ? 'new' : 'old');
      await publishText('next', { graceMs: 0 });
      await publishText('last', { graceMs: 0 });
      assert.equal(await wholeContent(), 'last');
      assert.equal((await versions()).length, 2);
    });
  }

  it('is tidied up at the start of a worker; foreign folders and publications under way stay', async () => {
    await publishText('old');
    await mkdir(join(runsFolder, 'foreign', 'data'), { recursive: true });
    spawnSync(process.execPath, ['--import', 'tsx', CHILD, 'version', runsFolder, 'new', 'verified']);
    assert.equal((await versions()).length, 2);

    await publishText('under way', {
      graceMs: Number.POSITIVE_INFINITY,
      onStep: async (step) => {
        if (step === 'written') await recoverRuns(runsFolder, 0);
      },
    });
    assert.equal(await wholeContent(), 'under way');
    await recoverRuns(runsFolder, 0);

    assert.equal(await wholeContent(), 'under way');
    assert.equal((await versions()).length, 1);
    assert.deepEqual(await readdir(join(runsFolder, 'foreign')), ['data']);
    await recoverRuns(join(root, 'absent'));
  });

  it('does not take what a publication under way has made', async () => {
    let other: Promise<void> | undefined;

    await publishText('slow', {
      onStep: async (step) => {
        if (step !== 'started') return;
        other = publishText('waiting', { graceMs: 0 });
        await new Promise((resolve) => setTimeout(resolve, 300));
      },
    });
    await other;

    assert.equal(await wholeContent(), 'waiting');
  });
});

describe('what was written must be read back', () => {
  const damages: readonly (readonly [string, (folder: string) => Promise<void>])[] = [
    ['a bit is flipped', (folder) => writeFile(join(folder, 'maps/map.png'), 'oew')],
    ['a file is cut short', (folder) => writeFile(join(folder, 'summary.json'), 'ne')],
    ['a file is lost', (folder) => rm(join(folder, 'maps/map.png'))],
  ];
  for (const [what, damage] of damages) {
    it(`${what} between the writing and the switch: the old run stays`, async () => {
      await publishText('old');

      const attempt = publishText('new', {
        onStep: async (step, folder) => {
          if (step === 'written') await damage(folder);
        },
      });

      await assert.rejects(attempt, (error) => isTramontanaError(error, 'Products.NotWhole') && error.retryable);
      assert.equal(await wholeContent(), 'old');
      assert.equal((await versions()).length, 1);
    });
  }
});

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
    assert.equal(await readFile(join(runsFolder, DOMAIN, '.versions', prior ?? '', 'forecast.nc'), 'utf8'), 'old');
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

      const killed = spawnSync(process.execPath, ['--import', 'tsx', CHILD, 'version', runsFolder, 'new', step]);

      assert.equal(killed.signal, 'SIGKILL', killed.stderr.toString('utf8'));
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
    const domainFolder = join(runsFolder, DOMAIN);
    const other = '2025-12-31';
    await oldRun(join(domainFolder, `.replaced-${CYCLE}-77-0123abcd`));
    await mkdir(join(domainFolder, '.staging-2026-01-02-77-0123abcd'));

    await publishVersion({ runsFolder, domain: DOMAIN, cycle: other }, async (folder) => {
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

describe('what Tramontana did not write', () => {
  const strangers: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['a folder with notes', () => mkdir(linkOf(), { recursive: true }).then(() => writeFile(join(linkOf(), 'n'), 'x'))],
    [
      'a folder that another program marked COMPLETE',
      () => mkdir(linkOf(), { recursive: true }).then(() => writeFile(join(linkOf(), 'COMPLETE'), '')),
    ],
    ['a file', () => mkdir(join(linkOf(), '..'), { recursive: true }).then(() => writeFile(linkOf(), 'x'))],
    [
      'a link to somewhere else',
      async () => {
        await mkdir(join(runsFolder, 'elsewhere'), { recursive: true });
        await mkdir(join(linkOf(), '..'));
        await symlink(join(runsFolder, 'elsewhere'), linkOf());
      },
    ],
    [
      'a run of another domain',
      async () => {
        await oldRun(linkOf());
        const summary = { schemaVersion: 1, run: { domain: 'other', cycle: CYCLE }, stages: [] };
        await writeFile(join(linkOf(), 'summary.json'), JSON.stringify(summary));
      },
    ],
  ];
  for (const [what, make] of strangers) {
    it(`${what} is refused and stays`, async () => {
      await make();
      const was = await lstat(linkOf());

      await assert.rejects(publishText('new'), isNotOurs);

      assert.equal((await lstat(linkOf())).ino, was.ino);
    });
  }

  it('folders beside the versions, under names that are not ours, are not removed', async () => {
    await publishText('first');
    const own = join(runsFolder, DOMAIN, '.versions', 'my-notes');
    await mkdir(own);
    await mkdir(join(runsFolder, DOMAIN, '.staging-area'));
    const longAgo = new Date(0);
    await utimes(own, longAgo, longAgo);

    await publishText('second', { graceMs: 0 });

    assert.ok((await stat(own)).isDirectory());
    assert.ok((await stat(join(runsFolder, DOMAIN, '.staging-area'))).isDirectory());
  });
});
